import { expect, it } from 'vitest';
import { boxAround, cutRaster } from '../../src/engine/image/box.ts';
import { grown } from '../../src/engine/image/grown.ts';

const [width, height] = [40, 30];
const dot = new Uint8Array(width * height);
dot[12 * width + 20] = 200;
dot[0] = 25;

it('grows what is marked enough, at fractions of a pixel too, and fades beyond', () => {
  const { tight, box, share } = grown(dot, width, height, { grow: 1.5, feather: 2, above: 25 })!;
  expect(tight).toEqual({ x: 20, y: 12, width: 1, height: 1 });
  expect(box).toEqual({ x: 15, y: 7, width: 11, height: 11 });
  const at = (x: number, y: number) => share[(y - box.y) * box.width + x - box.x];
  expect([at(20, 12), at(21, 13), at(15, 7)]).toEqual([1, 1, 0]);
  expect(at(22, 12)).toBeCloseTo(1 - 0.5 / 3, 6);
});

it('of nothing there is no area, and without a feather no fading', () => {
  expect(grown(dot, width, height, { grow: 3, feather: 0, above: 200 })).toBeUndefined();
  const { share } = grown(dot, width, height, { grow: 1, feather: 0 })!;
  expect(share.reduce((sum, value) => sum + value, 0)).toBe(5 + 3);
});

it('cuts the smallest box out of RGBA', () => {
  const data = Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => (i >> 2) % 251);
  const box = boxAround(dot, width, height, 25)!;
  const part = cutRaster({ data, width, height }, { ...box, width: 2 });
  expect(part).toEqual({ data: data.slice(4 * 500, 4 * 502), width: 2, height: 1 });
});
