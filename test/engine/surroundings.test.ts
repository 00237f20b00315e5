import { describe, expect, it } from 'vitest';
import { cutPlane } from '../../src/engine/image/box.ts';
import { distanceTo } from '../../src/engine/image/distance.ts';
import { piecesOf, rangeAround, reachOf } from '../../src/engine/image/surroundings.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height] = [41, 27];
const plane = (f: (x: number, y: number) => number) =>
  Float32Array.from({ length: width * height }, (_, i) => f(i % width, Math.floor(i / width)));
const ramp = plane((x, y) => (x + 2 * y) / 200);

const reachIn = (known: Uint8Array) =>
  distanceTo(known, width, height).map((px, i) => (known[i] ? 0 : reachOf(px)));

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
    const { low, high } = atOnce(rangeAround(ramp, known, reachIn(known), width, height));
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
    const nothing = new Uint8Array(ramp.length);
    const { low, high } = atOnce(rangeAround(ramp, nothing, reachIn(nothing), width, height));
    expect([Math.max(...low), Math.min(...high)]).toEqual([0, 1]);
  });
});

const bytesOf = (plane: Float32Array) => Buffer.from(plane.buffer).toString('latin1');

describe('piecesOf', () => {
  const side = 512;
  const reachWhere = (is: (x: number, y: number) => boolean) => {
    const known = Uint8Array.from({ length: side * side }, (_, i) =>
      is(i % side, Math.floor(i / side)) ? 0 : 1,
    );
    const reach = distanceTo(known, side, side).map((px, i) => (known[i] ? 0 : reachOf(px)));
    return { known, reach };
  };
  const all = { x: 0, y: 0, width: side, height: side };

  it.each([
    ['a stroke across', (_: number, y: number) => Math.abs(y - 200) < 5, 0.5],
    ['a corner', (x: number, y: number) => x + y < 40, 0.2],
    ['the lower half', (_: number, y: number) => y >= side / 2, 6],
  ])('looks at little more than what is asked for: %s', (_, is, most) => {
    const pieces = [...piecesOf(all, reachWhere(is).reach, side, side)];
    const looked = pieces.reduce((sum, { around }) => sum + around.width * around.height, 0);
    expect(looked / side ** 2).toBeLessThan(most);
  });

  it('tells the ranges of the whole', () => {
    const { known, reach } = reachWhere(
      (x, y) => (x > 300 && x < 330 && y > 60) || Math.abs(x + y - 250) < 4,
    );
    const values = Float32Array.from(known, (_, i) => Math.sin(i / 50) / 2 + 0.5);
    const whole = atOnce(rangeAround(values, known, reach, side, side));
    for (const { box, around } of piecesOf(all, reach, side, side)) {
      const [v, k, r] = [
        cutPlane(values, side, around),
        cutPlane(known, side, around),
        cutPlane(reach, side, around),
      ];
      const part = atOnce(rangeAround(v, k, r, around.width, around.height));
      const inside = { ...box, x: box.x - around.x, y: box.y - around.y };
      for (const end of ['low', 'high'] as const)
        expect(bytesOf(cutPlane(part[end], around.width, inside))).toEqual(
          bytesOf(cutPlane(whole[end], side, box)),
        );
    }
  });
});
