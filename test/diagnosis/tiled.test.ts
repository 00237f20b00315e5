import { expect, it } from 'vitest';
import { isTiled } from '../../src/engine/diagnosis/tiled.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { analyse } from '../../src/engine/index.ts';
import { normal } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { paint } from '../../src/eval/corpus/draw.ts';

const SIDE = 96;
const GIF = new TextEncoder().encode('GIF89a');

/** Sixteen greys by chance, over and over again every so many pixels. */
const stone = (period: number) =>
  paint(SIDE, SIDE, (x, y) => {
    const at = (y % period) * period + (x % period);
    const grey = Math.min(15, Math.max(0, Math.round(8 + 2.5 * normal(7, at)))) / 15;
    return [grey, grey, grey];
  });

it('the same stone over and over has no noise, which is never the same twice', () => {
  expect([16, 32, SIDE].map((period) => atOnce(isTiled(toPicture(stone(period)))))).toEqual([
    true,
    true,
    false,
  ]);
  for (const file of [{ file: GIF }, {}])
    expect([16, SIDE].map((period) => analyse(stone(period), file).task)).toEqual(['none', 'denoise']);
});

it('specks that every tile has at the same places are no impulses, which fall anywhere', () => {
  const speckled = (period: number) =>
    paint(144, 144, (x, y) => {
      const chance = normal(3, (y % period) * period + (x % period));
      const grey = Math.abs(chance) > 1.8 ? Number(chance > 0) : 0.5;
      return [grey, 0.9 * grey, grey];
    });
  expect([24, 48, 144].map((period) => analyse(speckled(period)).impulse)).toEqual([false, false, true]);
});

it('an engraving has no more noise to take out, where that is asked for, than may have been overlooked', () => {
  const lines = paint(SIDE, SIDE, (x, y) => {
    const tone =
      0.2 * Math.sin(x / 11) * Math.cos(y / 13) + 0.125 * Math.sin(1.7 * x + 3 * Math.sin(0.9 * y));
    const line = 0.5 * Math.cos((2 * Math.PI * (y + 0.3 * x + 4.7 * Math.sin(x / 23))) / 3.33);
    const grey = Math.min(1, Math.max(0, 0.5 + tone + line));
    return [grey, grey, grey];
  });
  const { clean, noise } = analyse(lines);
  expect(clean).toBe(true);
  expect(noise.sigma).toBeLessThanOrEqual(10);
});
