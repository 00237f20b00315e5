import { expect, it } from 'vitest';
import { summedArea } from '../../src/engine/image/summed-area.ts';

it('sums any box of a plane', () => {
  const [width, height] = [7, 5];
  const plane = Float32Array.from({ length: width * height }, (_, i) => (i * 37) % 11);
  const sumOver = summedArea(plane, width, height);
  for (const [left, top, right, bottom] of [
    [0, 0, 7, 5],
    [2, 1, 5, 4],
    [6, 4, 7, 5],
    [3, 2, 3, 2],
  ]) {
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += plane[y * width + x];
    expect(sumOver(left, top, right, bottom)).toBe(sum);
  }
});
