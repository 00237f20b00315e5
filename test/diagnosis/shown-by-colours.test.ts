import { expect, it } from 'vitest';
import { analyse, type PlanarImage } from '../../src/engine/index.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { jpegOf } from '../jpeg/support.ts';

const [width, height] = [128, 128];
const key = streamKey(5, 0);

/** Brown ground, redder to one side, with steps of so many 1/255 from pixel to pixel: the same in all colours, and in each its own. */
const ground = (alike: number, own: number): PlanarImage => ({
  width,
  height,
  planes: [0.5, 0.42, 0.35].map((base, c) =>
    Float32Array.from({ length: width * height }, (_, i) => {
      const steps = alike * normal(key, i) + own * normal(key, (c + 1) * width * height + i);
      const redder = (c === 0 ? 0.1 : -0.05) * ((i % width) / width - 0.5);
      return Math.min(1, Math.max(0, base + redder + steps / 255));
    }),
  ),
});

/** Cells of so many pixels, each of one of six colours. */
const mosaic = (side: number): PlanarImage => {
  const colours = [0xdc2828, 0x28a03c, 0x2846c8, 0xf0c828, 0x8c3ca0, 0xf0f0f0];
  const colourAt = (i: number) => {
    const cell = Math.floor((i % width) / side) + width * Math.floor(i / width / side);
    return colours[Math.floor(6 * Math.abs(Math.sin(12.9898 * normal(key, cell)) * 43758.5453)) % 6];
  };
  const planes = [16, 8, 0].map((shift) =>
    Float32Array.from({ length: width * height }, (_, i) => ((colourAt(i) >> shift) & 255) / 255),
  );
  return { width, height, planes };
};

it.each([
  ['cells of colours at random', mosaic(2), false],
  ['the same, wider', mosaic(3), false],
  ['ground as restless as noise, whose colours stand still', ground(24, 4), false],
  ['grey grain that is weak enough to be grain', ground(12, 0), true],
  ['noise of all colours', ground(0, 26), true],
])('tells %s under compression', async (_, before, isNoisy) => {
  const { image, file } = await jpegOf(before, { quality: 85 });
  const { findings } = await analyse(image, { file });
  expect(findings.some((finding) => finding.startsWith('Noise'))).toBe(isNoisy);
});
