import { expect, it } from 'vitest';
import { dct, eachBlock, inverseDct } from '../../src/engine/damage/dct.ts';
import { luma, tableOfQuality } from '../../src/engine/damage/jpeg.ts';
import { type Picture, toPicture } from '../../src/engine/image/picture.ts';
import { insideIntervals } from '../../src/engine/tasks/dejpeg.ts';
import { noisy, scene } from '../support/pictures.ts';

/** What a JPEG's luma keeps: coefficients rounded to the table's steps. Odd borders stay as they were. */
function compressed(picture: Picture, table: Uint8Array): Picture {
  const colour = picture.colour.slice();
  eachBlock(luma(picture), picture.width, picture.height, (block, at) => {
    const rounded = dct(block).map((value, i) => table[i] * Math.round(value / table[i]));
    inverseDct(rounded).forEach((value, i) => {
      colour[at + (i >> 3) * picture.width + (i & 7)] = value / 255;
    });
  });
  return { ...picture, colour };
}

const grey = ({ planes, ...size }: ReturnType<typeof scene>) => toPicture({ ...size, planes: [planes[0]] });
const distance = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0);

it('the cosine transform keeps lengths and is undone by its inverse', () => {
  const block = Float64Array.from({ length: 64 }, (_, i) => Math.sin(i * i));
  const coefficients = dct(block);
  const length = (x: Float64Array) => x.reduce((sum, value) => sum + value * value, 0);
  expect(length(coefficients)).toBeCloseTo(length(block), 10);
  inverseDct(coefficients).forEach((value, i) => {
    expect(value).toBeCloseTo(block[i], 10);
  });
});

it('an estimate put back inside the intervals is nearer to the original, and compresses to the same file', () => {
  const original = grey(scene(43, 37));
  const table = tableOfQuality(20);
  const file = compressed(original, table);
  const estimate = grey(noisy(scene(43, 37), 20)).colour;
  const { colour } = insideIntervals(file, estimate, table);
  expect(distance(colour, original.colour)).toBeLessThan(0.9 * distance(estimate, original.colour));
  const again = luma({ ...file, colour });
  const kept = luma(file);
  const wanted: Float64Array[] = [];
  eachBlock(kept, 43, 37, (block) => {
    wanted.push(dct(block));
  });
  let index = 0;
  eachBlock(again, 43, 37, (block) => {
    const target = wanted[index++];
    dct(block).forEach((value, i) => {
      expect(Math.abs(value - target[i])).toBeLessThanOrEqual(table[i] / 2 + 0.5);
    });
  });
});
