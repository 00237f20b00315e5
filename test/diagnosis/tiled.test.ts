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
  expect([16, SIDE].map((period) => analyse(stone(period), { file: GIF }).task)).toEqual(['none', 'denoise']);
});
