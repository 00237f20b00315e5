import { describe, expect, it } from 'vitest';
import { fillByCopying } from '../../src/engine/copying/fill.ts';
import { timesOfSearch } from '../../src/engine/copying/foretold.ts';
import { halved, type Level } from '../../src/engine/copying/level.ts';
import { disc, madeUp } from '../../src/engine/estimate/sample.ts';
import { marks } from '../../src/engine/image/binary-plane.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const levelWith = (side: number, diameter: number): Level => {
  const known = marks(disc(side, diameter).data, (k) => k === 1);
  return { ...madeUp(side, side), hole: known.map((k) => 1 - k), source: known };
};

const timesOf = (levels: readonly Level[], offered = 100) => {
  const { hole } = levels[levels.length - 1];
  const labels = hole.map((h, i) => h * (1 + (i % offered)));
  return atOnce(timesOfSearch(levels, { offered, labels, trials: 4 }));
};

describe('what choosing copies takes, in times of the search', () => {
  it('goes by the hole’s pixels and the labels that there are for them', () => {
    expect(timesOf([levelWith(200, 24)])).toBeLessThan(0.5);
    expect(timesOf([levelWith(200, 96)])).toBeGreaterThan(4);
    expect(timesOf([levelWith(200, 96)], 10)).toBeLessThan(1);
  });

  it('goes on along seams at finer levels', () => {
    const fine = levelWith(200, 40);
    const coarse = atOnce(halved(fine));
    const more = timesOf([fine, coarse]) - timesOf([coarse]);
    expect(more * coarse.hole.length).toBeGreaterThan(2 * 1000);
  });

  it('is told after a glance, and nothing is copied', async () => {
    const level = levelWith(96, 30);
    const told: number[][] = [];
    const context = { seed: 0, foretold: (...seconds: [number, number]) => void told.push(seconds) };
    const copied = await fillByCopying(level, context);
    expect(told).toHaveLength(1);
    expect(told[0].every((seconds) => seconds > 0)).toBe(true);
    expect(copied?.colour).toEqual(level.colour);
  });
});
