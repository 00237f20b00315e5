import type { Picture } from '../image/picture.ts';
import { AREA, dct, SIDE } from '../jpeg/dct.ts';
import { toPlanes } from '../jpeg/ycbcr.ts';
import { median } from '../quantile.ts';
import type { Pieces } from '../time-slicing.ts';
import { normalShare } from './clipped-noise.ts';

/** The blocks that are looked at: those with least in their lowest frequencies, by the sum of both indices; of so many at least. */
const QUIET = { from: 1, to: 3, share: 0.06, least: 40, of: 80 } as const;
/** The frequencies that tell: middle ones, and finer ones whose steps are no more than so many σ, so many of them. */
const TOLD = { middle: [4, 5], fine: [6, 8], coarsest: 2.6, least: 3 } as const;
/**
 * What noise shows there: σ of luma, 1/255, as much in the finer frequencies as in the middle ones, spread evenly over them, with the fourth
 * moment of normal variates. Textures grow the coarser, and are of few large coefficients among small ones. Chosen on 34 undamaged
 * photographs and textures at qualities 65 to 92 and twelve with σ 8 and 12 beneath quality 75 to 90.
 */
const NOISE = { least: 4.6, falls: 1.2, rises: 0.8, uneven: 0.3, kurtosis: 1.25 } as const;

/**
 * Whether white noise lies beneath compression: the quietest blocks' coefficients, of which quantisation has left few steps, are those
 * of normal variates of one σ in all frequencies. By the colours' differences nothing is told, for their steps are too large.
 *
 * @param picture from the grid of its blocks; NaN where nothing is to be seen.
 * @param table of its luma, [8, 8].
 */
export function* hasNoiseBeneath(picture: Picture, table: Uint16Array): Pieces<boolean> {
  const quiet = yield* quietBlocks(picture, table);
  if (!quiet) return false;
  const levelsOf = (frequencies: readonly number[]) => frequencies.map((i) => levelOf(quiet, i, table[i]));
  const middle = levelsOf(onDiagonals(...TOLD.middle));
  const sigma = median(middle.map((level) => level.sigma));
  const fine = levelsOf(onDiagonals(...TOLD.fine).filter((i) => table[i] <= TOLD.coarsest * sigma));
  if (!(sigma >= NOISE.least) || fine.length < TOLD.least) return false;
  const both = [...middle, ...fine];
  const falls = sigma / median(fine.map((level) => level.sigma));
  const mean = both.reduce((sum, level) => sum + level.sigma, 0) / both.length;
  const spread = Math.sqrt(both.reduce((sum, level) => sum + (level.sigma - mean) ** 2, 0) / both.length);
  return (
    falls <= NOISE.falls &&
    falls >= NOISE.rises &&
    spread <= NOISE.uneven * sigma &&
    median(both.map(({ kurtosis }) => kurtosis)) <= NOISE.kurtosis
  );
}

/** Quantised coefficients of the quietest blocks. */
function* quietBlocks({ colour, channels, width, height }: Picture, table: Uint16Array) {
  const [luma] = toPlanes(colour, channels);
  const low = onDiagonals(QUIET.from, QUIET.to);
  const blocks: { readonly steps: Float64Array; readonly energy: number }[] = [];
  for (let y = 0; y + SIDE <= height; y += SIDE) {
    for (let x = 0; x + SIDE <= width; x += SIDE) {
      const steps = Float64Array.from({ length: AREA }, (_, i) => luma[(y + (i >> 3)) * width + x + (i & 7)]);
      // What was cut off is no multiple of a step.
      if (!steps.every((value) => value > -127 && value < 126)) continue;
      dct(steps);
      for (let i = 0; i < AREA; i++) steps[i] = Math.round(steps[i] / table[i]);
      blocks.push({ steps, energy: low.reduce((sum, i) => sum + (steps[i] * table[i]) ** 2, 0) });
    }
    yield;
  }
  if (blocks.length < QUIET.of) return undefined;
  blocks.sort((a, b) => a.energy - b.energy);
  return blocks.slice(0, Math.max(QUIET.least, Math.round(QUIET.share * blocks.length)));
}

/** Indices of the frequencies whose indices' sum lies within. */
const onDiagonals = (from: number, to: number): number[] =>
  Array.from({ length: AREA }, (_, i) => i).filter((i) => {
    const sum = (i >> 3) + (i & 7);
    return sum >= from && sum <= to;
  });

/** σ by the step below which rounding leaves nothing to tell, and from which it does not matter. */
const [TOO_FINE, COARSE] = [0.12, 8];

/** σ of the normal variate that was rounded to whole steps in a frequency, and how its fourth moment is to what it should be. */
function levelOf(blocks: readonly { readonly steps: Float64Array }[], frequency: number, step: number) {
  let [squares, fourths] = [0, 0];
  for (const { steps } of blocks) {
    squares += steps[frequency] ** 2 / blocks.length;
    fourths += steps[frequency] ** 4 / blocks.length;
  }
  if (squares <= momentOf(TOO_FINE, 2)) return { sigma: 0, kurtosis: 1 };
  let [low, high] = [TOO_FINE, COARSE];
  while (high - low > 1e-3) {
    const sigma = (low + high) / 2;
    if (momentOf(sigma, 2) < squares) low = sigma;
    else high = sigma;
  }
  return { sigma: low * step, kurtosis: fourths / momentOf(low, 4) };
}

/** A moment of a normal variate that is rounded to whole numbers. */
function momentOf(sigma: number, power: 2 | 4): number {
  let sum = 0;
  for (let k = 0; k < 6 * sigma + 1; k++)
    sum += 2 * ((k + 1) ** power - k ** power) * normalShare(-(k + 0.5) / sigma);
  return sum;
}
