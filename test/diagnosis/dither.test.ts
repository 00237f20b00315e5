import { expect, it } from 'vitest';
import { isOfDots } from '../../src/engine/diagnosis/dither.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { paint } from '../../src/eval/corpus/draw.ts';

const LEVELS = 33;

/** A slope in a few greys, by error diffusion or not; below it strokes as letters have them, black on white. */
function page(isDiffused: boolean) {
  const [width, slope, height] = [160, 60, 240];
  const left = Float32Array.from(
    { length: width * (slope + 2) },
    (_, i) => 0.3 + (0.4 * (i % width)) / width,
  );
  return paint(width, height, (x, y) => {
    if (y >= slope) return x % 6 < 2 && y % 14 < 9 ? [0, 0, 0] : [1, 1, 1];
    const at = y * width + x;
    const tone = Math.round(left[at] * (LEVELS - 1)) / (LEVELS - 1);
    const off = isDiffused ? left[at] - tone : 0;
    left[at + 1] += (7 * off) / 16;
    left[at + width - 1] += (3 * off) / 16;
    left[at + width] += (5 * off) / 16;
    left[at + width + 1] += off / 16;
    return [tone, tone, tone];
  });
}

it('dots that mix near colours are told beside letters, which have none', () => {
  expect([true, false].map((diffused) => atOnce(isOfDots(toPicture(page(diffused)))))).toEqual([true, false]);
});
