import { describe, expect, it } from 'vitest';
import { distanceTo } from '../../src/engine/image/distance.ts';
import { rangeAround } from '../../src/engine/image/surroundings.ts';

const [width, height] = [41, 27];
const plane = (f: (x: number, y: number) => number) =>
  Float32Array.from({ length: width * height }, (_, i) => f(i % width, Math.floor(i / width)));
const ramp = plane((x, y) => (x + 2 * y) / 200);

/** Extremes of what is known within `reach` of a pixel, by a plain loop. */
function extremes(values: Float32Array, known: Uint8Array, at: number, reach: number) {
  let [low, high] = [1, 0];
  values.forEach((value, i) => {
    const far = Math.max(
      Math.abs((i % width) - (at % width)),
      Math.abs(Math.floor(i / width) - Math.floor(at / width)),
    );
    if (known[i] && far <= reach) [low, high] = [Math.min(low, value), Math.max(high, value)];
  });
  return { low, high };
}

describe('rangeAround', () => {
  it.each(['inside', 'at a border', 'in a corner'])('is what is known nearby, hole %s', (where) => {
    const [left, top] = { inside: [14, 9], 'at a border': [14, 0], 'in a corner': [0, 0] }[where]!;
    const inHole = (x: number, y: number) => x >= left && x < left + 13 && y >= top && y < top + 9;
    const known = Uint8Array.from(plane((x, y) => (inHole(x, y) ? 0 : 1)));
    const { low, high } = rangeAround(ramp, known, width, height);
    const distance = distanceTo(known, width, height);
    known.forEach((k, i) => {
      if (k) return;
      // Between the squares next to its reach, 1.5 d + 4, in size.
      const reach = 1.5 * distance[i] + 4;
      const [inner, outer] = [reach / Math.SQRT2 - 1, reach * Math.SQRT2 + 1].map((r) =>
        extremes(ramp, known, i, r),
      );
      expect(low[i]).toBeGreaterThanOrEqual(outer.low - 1e-6);
      expect(low[i]).toBeLessThanOrEqual(inner.low + 1e-6);
      expect(high[i]).toBeLessThanOrEqual(outer.high + 1e-6);
      expect(high[i]).toBeGreaterThanOrEqual(inner.high - 1e-6);
    });
  });

  it('is everything where nothing is known', () => {
    const { low, high } = rangeAround(ramp, new Uint8Array(ramp.length), width, height);
    expect([Math.max(...low), Math.min(...high)]).toEqual([0, 1]);
  });
});
