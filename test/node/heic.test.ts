import { chmod, readFile, writeFile } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import sharp from 'sharp';
import { afterEach, expect, it } from 'vitest';
import { decodeImage } from '../../src/node/decode.ts';
import { encodeAs } from '../../src/node/encode.ts';
import { heicReader } from '../../src/node/heic.ts';
import { temporaryFolder } from '../support/folder.ts';

/**
 * Four patches of 16 px in Display P3, by `heif-enc -q 80 -p chroma=444`: (255, 0, 0), (0, 200, 60); (40, 60, 220),
 * (180, 180, 180).
 */
const HEIC = await readFile(resolve(import.meta.dirname, '../fixtures/patches-p3.heic'));
const folder = temporaryFolder();
const path = process.env.PATH;

afterEach(() => {
  process.env.PATH = path;
});

/** A program of this name and this source instead of the machine's own. */
async function standIn(name: string, source: string): Promise<void> {
  await writeFile(folder.at(name), `#!${process.execPath}\n${source}`);
  await chmod(folder.at(name), 0o755);
  process.env.PATH = [folder.at('.'), path].join(delimiter);
}

const middles = (plane: Float32Array) =>
  [8, 24].flatMap((y) => [8, 24].map((x) => Math.round(255 * plane[32 * y + x])));

it('is read by libheif, its profile too', async ({ skip }) => {
  if (!(await heicReader())) skip('HEIC needs heif-dec: apt-get install libheif-examples');
  const image = await decodeImage(HEIC);
  expect(image).toMatchObject({ width: 32, height: 32, container: 'heif', notes: [] });
  expect(image.file).toBeUndefined();
  const kept = await decodeImage(HEIC, { keepProfile: true });
  const stored = [
    [255, 0, 40, 180],
    [0, 200, 60, 180],
    [0, 60, 220, 180],
  ];
  for (const [c, plane] of kept.planes.entries())
    for (const [i, value] of middles(plane).entries())
      expect(Math.abs(value - stored[c][i]), `${c} ${i}`).toBeLessThanOrEqual(2);
  const png = await encodeAs('png', kept, kept.format, kept.metadata);
  expect((await decodeImage(png)).planes.map(middles)).toEqual(image.planes.map(middles));
  expect(middles(image.planes[1])).not.toEqual(middles(kept.planes[1]));
});

it('is turned as the file says, whatever its EXIF does', async () => {
  const raw = { width: 24, height: 16, channels: 3 } as const;
  const turned = sharp(Buffer.alloc(24 * 16 * 3, 90), { raw }).withMetadata({ orientation: 6 });
  await turned.png().toFile(folder.at('turned.png'));
  const copy = `require('fs').copyFileSync(${JSON.stringify(folder.at('turned.png'))}, process.argv.at(-1))`;
  await standIn('heif-dec', `if (process.argv.length > 3) ${copy}`);
  const { width, height, orientation } = await decodeImage(HEIC);
  expect([width, height, orientation]).toEqual([24, 16, undefined]);
});

it('that the program cannot read is refused with its words', async () => {
  await standIn('heif-dec', `if (process.argv.length > 3) { console.error('No plugin'); process.exit(1); }`);
  await expect(decodeImage(HEIC)).rejects.toThrow('heif-dec cannot read it (No plugin)');
});

it('is refused with what would read it where nothing does', async () => {
  process.env.PATH = folder.at('nothing');
  await expect(decodeImage(HEIC)).rejects.toThrow(
    /it is HEIC, .* install libheif’s heif-dec .* or convert it/,
  );
});
