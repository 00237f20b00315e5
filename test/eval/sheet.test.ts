import sharp from 'sharp';
import { expect, it } from 'vitest';
import { cellOf, pageOf } from '../../src/eval/assets/sheet.ts';
import { stackedSheet } from '../../src/eval/sheet.ts';

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

it('puts rows of pictures one below the other, as wide as the widest', async () => {
  const panel = (shade: number, width = 200) => ({
    label: 'a',
    image: { data: new Uint8Array(3 * width * 20).fill(shade), width, height: 20 },
  });
  const png = await stackedSheet([[panel(0)], [panel(10), panel(20), panel(30)]]);
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect(info.width).toBeGreaterThan(600);
  const shadeAt = (x: number, y: number) => data[3 * (y * info.width + x)];
  const middle = Math.round(info.height / 2);
  expect([shadeAt(100, middle - 20), shadeAt(400, middle - 20)]).toEqual([0, 0xf5]);
  expect([100, 310, 520].map((x) => shadeAt(x, info.height - 18))).toEqual([10, 20, 30]);
});
