import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { Diagnosis } from '../../src/engine/diagnosis/analyse.ts';
import { analyse } from '../../src/engine/diagnosis/at-once.ts';
import { applyTables } from '../../src/engine/image/axis-table.ts';
import { findDrawn } from '../../src/engine/image/drawn.ts';
import { type Picture, toPicture, toPlanes } from '../../src/engine/image/picture.ts';
import { areaTable } from '../../src/engine/image/resize.ts';
import { findCoefficients } from '../../src/engine/jpeg/decoded.ts';
import { FileTiles } from '../../src/engine/jpeg/file-tiles.ts';
import { psnr } from '../../src/engine/metrics.ts';
import type { PlanarImage } from '../../src/engine/options.ts';
import { restore } from '../../src/engine/restore.ts';
import { never } from '../../src/engine/stopping/pace.ts';
import { drawnCleaned, flatGround } from '../../src/engine/tasks/drawn-cleaned.ts';
import { upscale } from '../../src/engine/tasks/upscale.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { decodeImage } from '../../src/node/image-file.ts';
import { drawing } from '../support/drawing.ts';
import { scene } from '../support/pictures.ts';

async function compressed({ planes, ...size }: PlanarImage, quality: number) {
  const n = size.width * size.height;
  const data = Uint8Array.from({ length: 3 * n }, (_, i) =>
    Math.round(255 * planes[i % 3][Math.floor(i / 3)]),
  );
  const file = await sharp(data, { raw: { ...size, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  const image = await decodeImage(file);
  return { picture: toPicture(image), diagnosis: analyse(image, { file }) };
}

const fileOf = (picture: Picture, { jpeg }: Diagnosis) => new FileTiles(picture, jpeg!.components);

const SHAPES = drawing((x, y) => Math.hypot(x - 26, y - 27) < 17.3 || Math.hypot(x - 58, y - 20) < 8.2);
const STROKES = drawing((x, y) => x > 8 && x < 60 && y > 8 && y < 44 && (x + 0.3 * y) % 9 < 1.3);

it.each([
  ['shapes', SHAPES, 50, 1],
  ['shapes', SHAPES, 65, 1],
  ['strokes', STROKES, 50, 0.5],
] as const)('%s come nearer to what was drawn', async (_, original, quality, gain) => {
  const { picture, diagnosis } = await compressed(original, quality);
  const { colour } = atOnce(drawnCleaned(picture, picture, fileOf(picture, diagnosis), never))!;
  const found = toPlanes({ ...picture, colour });
  expect(psnr(found, original)).toBeGreaterThan(psnr(toPlanes(picture), original) + gain);
});

it('is what undoes the compression of a drawing, and the file says the same of the result', async () => {
  const { picture, diagnosis } = await compressed(SHAPES, 50);
  const { image } = await restore(toPlanes(picture), { task: 'dejpeg', quality: 'fast', diagnosis });
  expect(psnr(image, SHAPES)).toBeGreaterThan(psnr(toPlanes(picture), SHAPES) + 4);
  const { components } = diagnosis.jpeg!;
  const [before, after] = [picture, toPicture(image)].map((one) =>
    atOnce(findCoefficients(one, components)).coefficients.flatMap(({ data }) => [...data]),
  );
  const other = before.filter((value, i) => value !== after[i]).length;
  expect(other / before.length).toBeLessThan(0.001);
});

it('strokes on a flat ground are a drawing again', async () => {
  const { picture, diagnosis } = await compressed(STROKES, 50);
  expect(Math.min(...atOnce(findDrawn(picture)).share)).toBeLessThan(1);
  const { colour } = atOnce(drawnCleaned(picture, picture, fileOf(picture, diagnosis), never))!;
  const found = atOnce(flatGround(picture, { ...picture, colour }, diagnosis, never))!;
  expect(Math.min(...atOnce(findDrawn(found)).share)).toBe(1);
});

it('a ground of two near shades is not laid in one of them', async () => {
  const [width, height] = [96, 72];
  const tones = Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x % 30 < 27 && y % 30 < 27 ? 1 : 0.93;
  });
  const { picture, diagnosis } = await compressed({ planes: [tones, tones, tones], width, height }, 50);
  const found = atOnce(flatGround(picture, picture, diagnosis, never));
  expect(found).toBeUndefined();
});

it('a photograph is none', async () => {
  const { picture, diagnosis } = await compressed(scene(96, 72), 50);
  expect(diagnosis.jpeg?.onGrid).toBe(true);
  expect(atOnce(drawnCleaned(picture, picture, fileOf(picture, diagnosis), never))).toBeUndefined();
});

it('nothing is learnt from a small picture whose compression left next to nothing', async () => {
  const small = await compressed(scene(56, 40), 12);
  const { notes, stages } = await restore(toPlanes(small.picture), {
    ...{ task: 'upscale', scale: 2, quality: 'fast' },
    diagnosis: { ...small.diagnosis, task: 'upscale' },
  });
  expect([stages, notes.join(' ')]).toEqual([['nonlocal'], expect.stringContaining('nothing was learnt')]);
});

it('nor from one that has too few blocks to say that it was compressed', async () => {
  const { picture } = await compressed(scene(30, 32), 50);
  expect(analyse(toPlanes(picture)).jpeg).toBeUndefined();
  const { notes } = await restore(toPlanes(picture), { task: 'upscale', scale: 2, quality: 'fast' });
  expect(notes.join(' ')).toContain('nothing was learnt');
});

it('what was compressed is held against the means over its pixels', async () => {
  const { picture, diagnosis } = await compressed(scene(64, 48), 80);
  const found = { ...diagnosis, task: 'dejpeg', clean: false } as const;
  const job = await upscale(picture, { task: 'upscale', quality: 'fast' }, found, new Float32Array(64 * 48));
  const { colour } = atOnce(job.lastWord!(job.start().colour));
  const means = applyTables(colour, 3, areaTable(96, 48), areaTable(128, 64));
  expect(Math.max(...means.map((value, i) => Math.abs(value - picture.colour[i])))).toBeLessThan(1 / 255);
});

it.each([
  [0.03, 50],
  [0.006, 80],
])(
  'is no drawing where what would be one colour has shades of %d, by a file of quality %d',
  async (depth, quality) => {
    const shaded = (x: number, y: number) => depth * Math.sin(x / 9) * Math.cos(y / 11);
    const [width, height] = [72, 56];
    const tones = Float32Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return (x < 40 ? 0.35 : 0.8) + shaded(x, y);
    });
    const { picture, diagnosis } = await compressed(
      { planes: [tones, tones, tones], width, height },
      quality,
    );
    expect(diagnosis.jpeg).toBeDefined();
    expect(atOnce(drawnCleaned(picture, picture, fileOf(picture, diagnosis), never))).toBeUndefined();
  },
);

it.each([20, 50])('soft edges are not laid sharper than a file of quality %d has them', async (quality) => {
  const [width, height] = [80, 64];
  const tones = Float32Array.from({ length: width * height }, (_, i) => {
    const beyond = Math.hypot((i % width) - 60, Math.floor(i / width) - 50) - 42;
    return 0.69 - 0.27 / (1 + Math.exp(1.4 * beyond));
  });
  const { picture, diagnosis } = await compressed({ planes: [tones, tones, tones], width, height }, quality);
  expect(diagnosis.jpeg).toBeDefined();
  expect(atOnce(drawnCleaned(picture, picture, fileOf(picture, diagnosis), never))).toBeUndefined();
});
