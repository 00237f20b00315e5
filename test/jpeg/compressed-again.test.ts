import { expect, it } from 'vitest';
import { toPicture } from '../../src/engine/image/picture.ts';
import { compressedAgain } from '../../src/engine/jpeg/compressed-again.ts';
import { FileTiles } from '../../src/engine/jpeg/file-tiles.ts';
import { insideIntervals } from '../../src/engine/tasks/inside-intervals.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

/** A ramp along each row of blocks: one cosine in each, of 2 levels at a step of 16. */
const ramp = (levels: number) => {
  const planes = [
    Float32Array.from({ length: 32 * 16 }, (_, i) => {
      const cosine = Math.cos(((2 * (i % 8) + 1) * Math.PI) / 16) * Math.SQRT1_2 * 0.25;
      return (128 + 16 * levels * cosine) / 255;
    }),
  ];
  return toPicture({ planes, width: 32, height: 16 });
};

const component = { across: 1, down: 1, table: new Uint16Array(64).fill(16) };

it('counts levels that compressing again would change, by those of the file', () => {
  const picture = ramp(2);
  const file = new FileTiles(picture, [component]);
  const others = [2, 1, 0, 3.3].map((levels) => ramp(levels).colour);
  expect(atOnce(compressedAgain(picture, others, file))).toEqual([
    { off: 0, more: 0 },
    { off: 0.5, more: -0.5 },
    { off: 1, more: -1 },
    { off: 0.5, more: 0.5 },
  ]);
});

it.each([
  [3, 1],
  [0, 0.5],
])('an estimate with %d of 3 levels keeps %d of what else it changed', (levels, share) => {
  const picture = ramp(3);
  const brighter = 0.4 / 255;
  const estimate = ramp(levels).colour.map((value) => value + brighter);
  const { colour } = atOnce(insideIntervals(picture, estimate, new FileTiles(picture, [component])));
  const change = colour.reduce((sum, value, i) => sum + value - picture.colour[i], 0) / colour.length;
  expect(change / brighter).toBeCloseTo(share, 1);
});
