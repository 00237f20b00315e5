import { expect, it } from 'vitest';
import { findNoise, lookAt } from '../../src/engine/diagnosis/noise-finder.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { damaged } from '../../src/eval/harm/damages.ts';
import type { FileImage } from '../../src/node/image-file.ts';
import { noisy } from '../support/pictures.ts';

const found = (image: FileImage) => {
  const picture = toPicture(image);
  return findNoise(picture, atOnce(lookAt(picture)))?.kind;
};

/** A grey picture of soft shades from `least` to `most` of white, 144². */
function shades(least: number, most: number): FileImage {
  const [width, height] = [144, 144];
  const shade = (i: number) => 0.5 + 0.5 * Math.sin(i / width / 22) * Math.cos((i % width) / 31);
  const plane = Float32Array.from({ length: width * height }, (_, i) =>
    Math.min(1, least + (most - least) * shade(i)),
  );
  const format = { bits: 8, grey: true, alpha: false } as const;
  return { planes: [plane], width, height, format, container: 'png', metadata: {}, notes: [] };
}

it.each([
  ['within little brightness', shades(0.42, 0.54)],
  ['beside white, which cuts it off', shades(0.5, 1.08)],
])('soft grain is found %s', async (_, image) => {
  expect(found(image)).toBeUndefined();
  expect(found(await damaged(image, 'grain-9', 1))).toBe('grain');
});

it('fine texture of as little brightness, as of sand, is no grain', async () => {
  const paper = shades(0.42, 0.54);
  const sand = { ...paper, ...noisy(paper, 4) };
  expect(found(await damaged(sand, 'none', 0))).toBeUndefined();
});
