import { readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { streamKey, uniform } from '../../src/engine/random.ts';
import { written } from '../../src/eval/defects/overlays.ts';
import { encodeImage } from '../../src/node/encode.ts';
import { readImage } from '../../src/node/image-file.ts';
import { readMask } from '../../src/node/mask-file.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';
import { noisy, scene } from '../support/pictures.ts';

const folder = temporaryFolder();
const [width, height] = [48, 36];
/** Nothing that a fill could miss, so that what differs is a rest of the stamp. */
const truth = {
  planes: [0.2, 0.3, 0.5].map((from) =>
    Float32Array.from({ length: width * height }, (_, i) => from + 0.005 * (i % width) + i * 1e-4),
  ),
};

/** A date stamp, antialiased: 0 … 1 a pixel. */
async function stamp(): Promise<Float32Array> {
  const path = 'M8 26 v-8 h5 v4 h-5 M17 18 l5 8 m0 -8 l-5 8 M27 18 v8 M33 18 h5 l-3 8';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%"/><path d="${path}" fill="none" stroke="white" stroke-width="1.3"/></svg>`;
  const grey = await sharp(Buffer.from(svg)).removeAlpha().extractChannel(0).raw().toBuffer();
  return Float32Array.from(grey, (value) => value / 255);
}

let cover: Float32Array;

async function save(name: string, planes: readonly Float32Array[]): Promise<void> {
  const format = { bits: 8, grey: planes.length === 1, alpha: planes.length === 4 } as const;
  const image = sharp(await encodeImage('x.png', { planes, width, height }, format));
  await image.png().toFile(folder.at(name));
}

beforeAll(async () => {
  cover = await stamp();
  const paint = [1, 0.55, 0.1];
  const stamped = truth.planes.map((plane, c) =>
    plane.map((value, i) => value + cover[i] * (paint[c] - value)),
  );
  await save('photo.png', stamped);
  await save('half-grey.png', [cover.map((c) => c / 2)]);
  await save('painted.png', [...paint.map((value) => cover.map(() => value)), cover]);
  await save('erased.png', [...stamped, cover.map((c) => 1 - c)]);
  await save('other.png', [scene(width, height).planes[1].map((value) => 1 - value)]);
  const stored = sharp(await readFile(folder.at('photo.png'))).rotate(270);
  await stored.withMetadata({ orientation: 6 }).toFile(folder.at('turned.png'));
  const lying = sharp(await readFile(folder.at('half-grey.png'))).rotate(270);
  await lying.toFile(folder.at('lying.png'));
  const large = sharp(await readFile(folder.at('half-grey.png')));
  await large.resize(2 * width, 2 * height, { kernel: 'nearest' }).toFile(folder.at('large.png'));
});

const args = (line: string) =>
  line.split(' ').map((word) => word.replace(/^@(.+)/, (_, name) => folder.at(name)));

it('says that a mask was not turned where it cannot be told whether it should be', async () => {
  const image = { ...(await readImage(folder.at('photo.png'))), orientation: 3 };
  const { notes } = await readMask(folder.at('half-grey.png'), undefined, { image });
  expect(notes).toEqual([expect.stringMatching(/taken as drawn on it as it is shown/)]);
});

describe.concurrent('restore --mask', () => {
  it.each([
    ['half-grey', '@photo.png --mask @half-grey.png', undefined],
    ['paint on transparency', '@photo.png --mask @painted.png', /painted on transparency/],
    ['the picture erased', '@photo.png --mask @erased.png', /erased area/],
    ['no mask but an erased picture', '@erased.png --task inpaint', /erased area/],
    ['drawn before the picture was turned', '@turned.png --mask @lying.png', /turned alike/],
    ['of another size', '@photo.png --mask @large.png --mask-fit', /scaled/],
  ])('%s: nothing is left of the stamp, nothing else is touched', async (name, line, note) => {
    const output = folder.at(`out ${name}.png`);
    const run = await runCli([...args(`restore ${line} --executor wasm --prior tv --steps 40 -o`), output]);
    expect(run.stderr).not.toMatch(/error/);
    expect(run.code).toBe(0);
    if (note) expect(run.stderr).toMatch(note);
    const { planes } = await readImage(output);
    expect(planes.length).toBe(3);
    const errors = planes.map((plane, c) => plane.map((value, i) => Math.abs(value - truth.planes[c][i])));
    for (const error of errors) {
      const rims = error.filter((_, i) => cover[i] > 0.02 && cover[i] < 0.5);
      expect(rims.reduce((sum, value) => sum + value, 0) / rims.length).toBeLessThan(0.03);
      expect(Math.max(...error.filter((_, i) => cover[i] === 0))).toBeLessThan(0.003);
    }
  });

  it.each([
    ['the photograph itself', '@photo.png --mask @photo.png', /the picture itself/],
    ['another photograph', '@photo.png --mask @other.png', /many tones/],
    ['another size, unasked', '@photo.png --mask @large.png', /96×72, the picture 48×36.*--mask-fit/],
    ['the picture lying, unturned', '@photo.png --mask @lying.png', /another shape/],
  ])('%s is refused', async (_, line, message) => {
    const run = await runCli(args(`restore ${line} -o @refused.png`));
    expect(run.stderr).toMatch(message);
    expect(run.code).toBe(6);
  });
});

describe('restore --exclude', () => {
  it('copies nothing from what it marks', async () => {
    const [width, height] = [96, 80];
    const grid = (value: (x: number, y: number) => number) =>
      Float32Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width)));
    const save = async (name: string, planes: readonly Float32Array[]) => {
      const format = { bits: 8, grey: planes.length === 1, alpha: false } as const;
      const bytes = await encodeImage(name, { planes, width, height }, format);
      await writeFile(folder.at(name), bytes);
    };
    // Red and blue gravel, and a hole where they meet.
    const key = streamKey(3, 0);
    const gravel = grid((x, y) => 0.5 + 0.4 * uniform(key, y * width + x));
    const isRed = grid((x) => (x < 52 ? 1 : 0));
    const away = grid((x, y) => Math.hypot(x - 52, y - 40));
    const isHole = away.map((px) => (px < 15 ? 1 : 0));
    await save('gravel.png', [
      gravel.map((value, i) => value * isRed[i]),
      gravel.map(() => 0),
      gravel.map((value, i) => value * (1 - isRed[i])),
    ]);
    await save('hole.png', [isHole]);
    await save('red.png', [isRed]);
    const reds: number[] = [];
    for (const exclude of ['', ' --exclude @red.png']) {
      const line = `restore @gravel.png --mask @hole.png -o @filled-gravel.png --force --quality fast${exclude}`;
      const run = await runCli(args(line));
      expect(run.code).toBe(0);
      const { planes } = await readImage(folder.at('filled-gravel.png'));
      // At the rim the seam is blended into what is red beside it.
      reds.push(planes[0].filter((value, i) => away[i] < 11 && value > 0.45).length);
    }
    expect(reds[0]).toBeGreaterThan(100);
    expect(reds[1]).toBe(0);
  });
});

describe.concurrent('restore --mask auto', () => {
  const sample = (name: string) => `samples/nagasaki-boats${name}.png`;

  it('fills what it finds, says what that is, and writes it', async () => {
    const line = `restore ${sample('-scratched')} --mask auto --mask-out @found.png -o @filled.png --quality fast`;
    const run = await runCli([...args(line), '--reference', sample(''), '--report', folder.at('auto.json')]);
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/Found \d+ scratches/);
    const report = JSON.parse(await readFile(folder.at('auto.json'), 'utf8'));
    expect(report.task).toBe('inpaint');
    expect(report.psnrOutput).toBeGreaterThan(report.psnrInput + 10);
    const { planes } = await readImage(folder.at('found.png'));
    const [input, output] = await Promise.all([
      readImage(sample('-scratched')),
      readImage(folder.at('filled.png')),
    ]);
    const changed = (i: number) => input.planes.some((plane, c) => plane[i] !== output.planes[c][i]);
    expect(planes[0].some((white, i) => white === 0 && changed(i))).toBe(false);
  });

  it('says what else is wrong, which stays', async () => {
    const { file: _, ...photo } = await readImage(sample('-scratched'));
    await writeFile(folder.at('grainy.png'), await encodeImage('x.png', noisy(photo, 15), photo.format));
    const run = await runCli(args('restore @grainy.png --mask auto -o @still-grainy.png'));
    expect(run.stderr).toMatch(/Noise, σ about 1\d .* That stays: --task denoise, on the result/);
  });

  it('proposes a date stamp, and fills it only where told to', async () => {
    const { file: _, ...photo } = await readImage(sample(''));
    const { image, visible } = await written(photo, 'stamps', 'boats', 3);
    await writeFile(folder.at('stamped.png'), await encodeImage('x.png', image, photo.format));
    const [left, filled] = await Promise.all(
      ['auto -o @left.png', 'auto+overlays -o @without.png --quality fast'].map((mask) =>
        runCli(args(`restore @stamped.png --mask ${mask}`)),
      ),
    );
    expect(left.stderr).toMatch(
      /A date stamp at the bottom right .* It stays: --mask auto\+overlays fills it, too\./,
    );
    expect(await readFile(folder.at('left.png'))).toEqual(await readFile(folder.at('stamped.png')));
    expect(filled.stderr).toMatch(/It is filled, too\./);
    const { planes } = await readImage(folder.at('without.png'));
    const off = photo.planes[0].filter((value, i) => visible[i] && Math.abs(value - planes[0][i]) > 0.2);
    expect(off.length).toBeLessThan(0.05 * visible.reduce((sum, is) => sum + is, 0));
  });

  it('leaves an undamaged picture as it is', async () => {
    const run = await runCli(args(`restore ${sample('')} --mask auto -o @same.png`));
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/No scratches and no dust/);
    expect(await readFile(folder.at('same.png'))).toEqual(await readFile(sample('')));
  });
});
