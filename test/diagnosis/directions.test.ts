import { expect, it } from 'vitest';
import { findNoise, lookAt } from '../../src/engine/diagnosis/noise-finder.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { normal } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const SIDE = 128;

/** What is found in a grey picture of soft shades and what lies on it: rough stuff of unit variance, by offset from −2 … 2, mixed as `weights` say. */
function foundUnder(sigma: number, weights: readonly (readonly [dx: number, dy: number, weight: number])[]) {
  const norm = Math.sqrt(weights.reduce((sum, [, , weight]) => sum + weight ** 2, 0));
  const plane = Float32Array.from({ length: SIDE ** 2 }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const stuff = weights.reduce(
      (sum, [dx, dy, w]) => sum + w * normal(7, (y + dy + 2) * 200 + x + dx + 2),
      0,
    );
    const level = 0.5 + 0.25 * Math.sin(y / 22) * Math.cos(x / 31) + ((sigma / 255) * stuff) / norm;
    return Math.round(255 * Math.min(1, Math.max(0, level))) / 255;
  });
  const picture = toPicture({ planes: [plane], width: SIDE, height: SIDE });
  return atOnce(findNoise(picture, atOnce(lookAt(picture))));
}

it.each<[string, Parameters<typeof foundUnder>[1]]>([
  ['noise', [[0, 0, 1]]],
  [
    'noise that is a little alike all round',
    [
      [0, 0, 1],
      [1, 0, 0.1],
      [-1, 0, 0.1],
      [0, 1, 0.1],
      [0, -1, 0.1],
    ],
  ],
])('%s is found', (_, weights) => {
  expect(foundUnder(18, weights)?.kind).toBe('white');
});

it.each<[string, Parameters<typeof foundUnder>[1]]>([
  [
    'from above',
    [
      [0, 0, 1],
      [0, 1, -0.35],
    ],
  ],
  [
    'from a corner',
    [
      [0, 0, 1],
      [1, 1, -0.35],
    ],
  ],
  [
    'and woven',
    [
      [0, 0, 1],
      [1, 0, 0.35],
    ],
  ],
])('rough ground that is lit %s is no noise', (_, weights) => {
  expect(foundUnder(18, weights)).toBeNull();
});

it('rings of waving lines are no noise, though together they go all ways', () => {
  const grey = (x: number, y: number) => {
    const ring = (Math.hypot(x - 37, y - 24) + 3 * Math.sin(25 * Math.atan2(y - 24, x - 37))) / 3.95;
    return Math.abs(ring - Math.floor(ring) - 0.5) > 0.25 ? 1 : 0;
  };
  const plane = Float32Array.from({ length: 96 ** 2 }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < 16; k++) sum += grey((i % 96) + (k & 3) / 4, Math.floor(i / 96) + (k >> 2) / 4);
    return Math.round((255 * sum) / 16) / 255;
  });
  const picture = toPicture({ planes: [plane], width: 96, height: 96 });
  expect(atOnce(findNoise(picture, atOnce(lookAt(picture))))).toBeNull();
});
