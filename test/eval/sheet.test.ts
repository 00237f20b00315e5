import sharp from 'sharp';
import { expect, it } from 'vitest';
import { cellOf, pageOf } from '../../src/eval/assets/sheet.ts';

/** Grey, but for a checkerboard in the lower right quarter. */
function image(light: number) {
  const [width, height] = [256, 192];
  const plane = Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x >= 128 && y >= 96 && (x + y) % 2 === 0 ? light : 0.5;
  });
  return { planes: [plane], width, height };
}

it('puts the same part of all results beside each other, where there is most to see', async () => {
  const cell = cellOf('a', [image(0), image(1)], 4);
  const { data, width, height } = cell.image;
  expect([width, height]).toEqual([2 * 104 + 4, 80]);
  const shades = (from: number) => new Set(Array.from({ length: 104 }, (_, x) => data[3 * (from + x)]));
  expect([shades(0), shades(108)]).toEqual([new Set([0, 128]), new Set([128, 255])]);
  const page = await sharp(await pageOf([cell, cell])).metadata();
  expect(page.width).toBeGreaterThan(2 * width);
});
