import { expect, it } from 'vitest';
import { findNoise, lookAt } from '../../src/engine/diagnosis/noise-finder.ts';
import { findSureGrain } from '../../src/engine/diagnosis/sure-grain.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { damaged, grain } from '../../src/eval/harm/damages.ts';
import type { FileImage } from '../../src/node/image-file.ts';
import { noisy } from '../support/pictures.ts';

const found = (image: FileImage) => {
  const picture = toPicture(image);
  const looks = atOnce(lookAt(picture));
  return (atOnce(findNoise(picture, looks)) ?? findSureGrain(picture, looks))?.kind;
};

const [width, height] = [144, 144];

/** A grey picture. */
function drawn(sample: (i: number) => number): FileImage {
  const plane = Float32Array.from({ length: width * height }, (_, i) => Math.min(1, Math.max(0, sample(i))));
  const format = { bits: 8, grey: true, alpha: false } as const;
  return { planes: [plane], width, height, format, container: 'png', metadata: {}, notes: [] };
}

const shade = (i: number) => 0.5 + 0.5 * Math.sin(i / width / 22) * Math.cos((i % width) / 31);

/** Soft shades from `least` to `most` of white. */
const shades = (least: number, most: number) => drawn((i) => least + (most - least) * shade(i));

/** Shades from `least` to `most` of white with so much rough stuff all over, the stronger the brighter, here more and there less of it. */
function rough(amount: number, least = 0.15, most = 0.8): FileImage {
  const [stuff] = grain(
    drawn(() => 0.5),
    51,
    9,
  ).planes;
  const here = (i: number) => Math.max(0, Math.sin(i / width / 11) * Math.cos((i % width) / 11));
  const share = (i: number) => Math.min(1, 2 * shade(i)) * Math.max(Math.min(0.5, 1.5 * shade(i)), here(i));
  return drawn((i) => least + (most - least) * shade(i) + amount * share(i) * (stuff[i] - 0.5));
}

it.each([
  ['within little brightness', shades(0.42, 0.54), 9],
  ['beside white, which cuts it off', shades(0.5, 1.08), 9],
  ['where black cuts off half of it', shades(-0.6, 0.6), 9],
  ['among texture, where it is strong', rough(0.5), 14],
  ['among more of it', rough(0.55), 14],
] as const)('soft grain is found %s', async (_, image, sigma) => {
  expect(found(image)).toBeUndefined();
  expect(found(await rounded(grain(image, sigma, 1)))).toBe('grain');
});

/** As a file has it. */
const rounded = (image: FileImage) => damaged(image, 'none', 0);

it('what is much weaker in a place is no grain', async () => {
  const [calm, grainy] = [3, 9].map((sigma) => grain(shades(0.2, 0.8), sigma, 1));
  const isCalm = (i: number) => i / width < 20 && i % width < 20;
  const image = drawn((i) => (isCalm(i) ? calm : grainy).planes[0][i]);
  expect(found(await rounded(grainy))).toBe('grain');
  expect(found(await rounded(image))).toBeUndefined();
});

it('fine texture of as little brightness, as of sand, is no grain', async () => {
  const paper = shades(0.42, 0.54);
  const sand = { ...paper, ...noisy(paper, 4) };
  expect(found(await rounded(sand))).toBeUndefined();
});

it.each([
  ['within little brightness', rough(0.7, 0.42, 0.58)],
  ['where it is as uneven as that', rough(0.8)],
])('what looks like strong grain among texture is none %s', async (_, image) => {
  expect(found(await rounded(grain(image, 14, 1)))).toBeUndefined();
});
