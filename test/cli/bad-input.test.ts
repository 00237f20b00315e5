import { readdir, writeFile } from 'node:fs/promises';
import sharp, { type Color } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restore } from '../../src/node/index.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';

const folder = temporaryFolder();
const SIDE = 16;

function flat(name: string, width: number, height: number, background: Color) {
  const channels = typeof background === 'string' ? 3 : 4;
  return sharp({ create: { width, height, channels, background } }).png().toFile(folder.at(name));
}

beforeAll(async () => {
  await flat('image.png', SIDE, SIDE, '#468');
  await flat('clear.png', SIDE, SIDE, { r: 10, g: 20, b: 30, alpha: 0.5 });
  await flat('dot.png', 1, 1, '#468');
  await flat('strip.png', 100, 1, '#468');
  await flat('long.png', 8200, 8, '#468');
  await flat('black.png', SIDE, SIDE, 'black');
  await flat('white.png', SIDE, SIDE, 'white');
  await flat('small-mask.png', SIDE - 1, SIDE, 'white');
  await writeFile(folder.at('text.png'), 'no image');
});

/** Arguments in which @name stands for a file of the folder. */
const args = (line: string) =>
  line.split(' ').map((word) => word.replace(/^@(.+)/, (_, name) => folder.at(name)));

/** What lies in the folder, but for what the commands beside try whether they can write. */
const written = async () => (await readdir(folder.at('.'))).filter((name) => !name.startsWith('.prior-art-'));

afterAll(async () => expect(await readdir(folder.at('.'))).toEqual(await written()));

describe.concurrent('each kind of bad input has its own message and exit code, and writes nothing', () => {
  it.each([
    ['a missing file', 'restore @absent.png -o @out.png', 3, /absent\.png: no such file/],
    ['a file that is no image', 'restore @text.png -o @out.png', 3, /text\.png as an image/],
    ['a folder into one file', 'restore @. -o @out.png', 2, /several inputs: name a folder/],
    [
      'a missing output folder',
      'restore @image.png -o @no/out.png',
      4,
      /Cannot write .*no such file or folder/,
    ],
    [
      'a missing report folder',
      'restore @image.png -o @out.png --report @no/r.json',
      4,
      /Cannot write .*r\.json/,
    ],
    ['an image of 1×1', 'restore @dot.png -o @out.png', 5, /1×1/],
    ['a strip one pixel high', 'restore @strip.png -o @out.png', 5, /100×1/],
    [
      'a reference of another size',
      'restore @image.png --task denoise -o @out.png --reference @dot.png',
      5,
      /reference of 16×16/,
    ],
    ['a mask of another size', 'restore @image.png -o @out.png --mask @small-mask.png', 6, /15×16/],
    ['an empty mask', 'restore @image.png -o @out.png --mask @black.png', 6, /nothing to fill/],
    ['a mask that covers all', 'restore @image.png -o @out.png --mask @white.png', 6, /nothing known/],
    [
      'the same, read the other way',
      'restore @image.png -o @out.png --mask @white.png --mask-known white',
      6,
      /nothing to fill/,
    ],
    ['scale 0', 'restore @image.png -o @out.png --scale 0', 2, /above 1 to 8 for --scale but received 0/],
    [
      'steps that are no number',
      'restore @image.png -o @out.png --steps many',
      2,
      /--steps.*Expected a number/,
    ],
    ['half a step', 'restore @image.png -o @out.png --steps 1.5', 2, /an integer from 1/],
    [
      'an unknown task',
      'restore @image.png -o @out.png --task magic',
      2,
      /one of auto, denoise.*for --task.*"magic"/,
    ],
    [
      'an unknown executor',
      'restore @image.png -o @out.png --executor abacus',
      2,
      /webgpu, wasm, tfjs.* for --executor/,
    ],
    ['an unknown option', 'restore @image.png --outpu x', 2, /unknown option/],
    ['an unknown command', 'repair @image.png', 2, /repair/],
    ['no input', 'restore', 2, /missing required argument/],
    ['inpainting without a mask', 'restore @image.png -o @out.png --task inpaint', 2, /needs --mask/],
    [
      'a mask for another task',
      'restore @image.png -o @out.png --task denoise --mask @black.png',
      2,
      /--mask serves/,
    ],
    ['sources without a hole', 'restore @image.png -o @out.png --exclude @black.png', 2, /--exclude serves/],
    [
      'a scale for another task',
      'restore @image.png -o @out.png --task denoise --scale 2',
      2,
      /--scale serves/,
    ],
    [
      'a reduction for another task',
      'restore @image.png -o @out.png --reduction area',
      2,
      /--reduction serves/,
    ],
    [
      'an unknown reduction',
      'restore @image.png -o @out.png --scale 2 --reduction box',
      2,
      /lanczos, bicubic, area, camera/,
    ],
    [
      'an unknown look of pixel art',
      'restore @image.png -o @out.png --scale 2 --pixel-art round',
      2,
      /keep, smooth for --pixel-art/,
    ],
    ['an output of unknown format', 'restore @image.png -o @out.xyz', 2, /ending in \.png/],
    ['the input as the output', 'restore @image.png -o @image.png', 2, /would replace the input/],
    ['two outputs of one name', 'restore @image.png -o @out.png --compare @out.png', 2, /would replace/],
    [
      'what is wider than WebP holds',
      'restore @long.png --scale 2 --quality fast -o @out.webp',
      5,
      /WEBP holds 16383 pixels a side, but 16400×16 are to be written\. Write it as png, jpeg, tiff/,
    ],
    [
      'a comparison that is',
      'restore @long.png --task denoise -o @out.png --compare @out.webp',
      5,
      /WEBP holds 16383 pixels a side, but 16424/,
    ],
    ['transparency into JPEG', 'restore @clear.png -o @out.jpg', 2, /cannot hold the transparency/],
    ['a name too long to be written', `restore @image.png -o @${'n'.repeat(260)}.png`, 4, /name is too long/],
    ['damage of no kind', 'damage @image.png -o @out.png', 2, /at least one kind of damage/],
    [
      'a mask of damage that makes none',
      'damage @image.png -o @out.png --noise 9 --mask-out @m.png',
      2,
      /--mask-out needs/,
    ],
  ])('%s', async (_, line, code, message) => {
    const before = await written();
    const result = await runCli(args(line));
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/\n\s+at /); // a message, not a stack
    expect(result.code).toBe(code);
    expect(await written()).toEqual(before);
  });

  it('WebGPU asked for where there is no adapter', async () => {
    // A Vulkan loader that finds no driver, and none of this machine's own.
    const env = {
      VK_ICD_FILENAMES: folder.at('no-driver.json'),
      VK_DRIVER_FILES: folder.at('no-driver.json'),
    };
    const result = await runCli(
      args('restore @image.png -o @out.png --task denoise --executor webgpu --steps 1'),
      env,
    );
    expect(result.stderr).toMatch(/^error: .+/m);
    expect(result.code).toBe(8);
  });

  it('an error under --json is one line of JSON too', async () => {
    const result = await runCli(args('restore @dot.png -o @out.png --json'));
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'image-size', exitCode: 5 } });
    expect(result.code).toBe(5);
  });
});

describe('the library', () => {
  const pixels = () => new Float32Array(SIDE * SIDE).fill(0.5);

  it('refuses samples that are no numbers, saying where', async () => {
    const plane = pixels();
    plane[SIDE * 3 + 5] = Number.NaN;
    await expect(
      restore({ planes: [plane], width: SIDE, height: SIDE }, { task: 'denoise' }),
    ).rejects.toMatchObject({
      code: 'invalid-samples',
      message: expect.stringContaining('(5, 3)'),
    });
  });

  it('refuses scale 0 and a broken mask with typed errors', async () => {
    const image = { planes: [pixels()], width: SIDE, height: SIDE };
    await expect(restore(image, { task: 'upscale', scale: 0 })).rejects.toMatchObject({
      code: 'invalid-option',
    });
    const mask = { data: new Uint8Array(SIDE), width: SIDE, height: 1 };
    await expect(restore(image, { task: 'inpaint', mask })).rejects.toMatchObject({ code: 'mask' });
  });
});
