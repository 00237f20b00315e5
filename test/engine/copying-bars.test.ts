import { describe, expect, it } from 'vitest';
import { barsOf, layOver } from '../../src/engine/copying/bars.ts';
import { linesContinued } from '../../src/engine/copying/lines.ts';
import { uniform } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height] = [80, 80];
const n = width * height;
const isHole = (i: number) => Math.hypot((i % width) - 40, Math.floor(i / width) - 40) < 18;

/** A mast before a bright sky and dark houses, a little aslant, and in the lower half as bright as is said. */
function mastOf(lower: number) {
  const colour = Float32Array.from({ length: n }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const mast = y < 40 ? 0.55 : lower;
    const cover = Math.min(1, Math.max(0, 2.5 - Math.abs(x - 39 - y / 40)));
    const ground = y < 40 ? 0.9 : 0.2 + 0.1 * uniform(1, i);
    return ground + cover * (mast - ground);
  });
  const hole = Uint8Array.from({ length: n }, (_, i) => (isHole(i) ? 1 : 0));
  return { width, height, channels: 1, hole, source: hole.map((h) => 1 - h), colour };
}

describe('barsOf', () => {
  it('finds a mast that is darker than what is behind its upper end and lighter than that of the other', () => {
    const level = mastOf(0.55);
    const horizon = atOnce(linesContinued(level, true)).hole;
    const [bar, ...others] = atOnce(barsOf(level, horizon));
    expect(others).toEqual([]);
    const filled = level.colour.map((value, i) => (isHole(i) ? 0.4 : value));
    layOver(level, bar, filled);
    for (let y = 24; y < 56; y++) {
      const [middle, beside] = [0, 8].map((px) => y * width + Math.round(39 + y / 40) + px);
      expect(filled[middle]).toBeCloseTo(0.55, 1);
      expect(filled[beside]).toBe(level.hole[beside] ? Math.fround(0.4) : level.colour[beside]);
    }
  });

  it('joins no two that differ', () => {
    const level = mastOf(0.65);
    expect(atOnce(barsOf(level, level.hole))).toEqual([]);
  });
});
