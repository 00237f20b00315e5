import type { Picture } from '../image/picture.ts';
import { inStretches, type Pieces } from '../time-slicing.ts';
import {
  type ClippedGrounds,
  clippedGrounds,
  LEVELS,
  type Table,
  tablesOf,
  valueAt,
  whereIs,
} from './clipping.ts';
import { type NoiseModel, varianceAt } from './noise-model.ts';
import type { StableScale } from './stabilised.ts';

/**
 * How much of middle grey's noise black must have. Of 25 gold squares whose red is cut off, those with .3 and less lost .9 to 9.5 dB to the filter
 * on the samples themselves, those with .57 and more none.
 */
const EVEN = 0.5;

/**
 * A scale on which noise that was cut off at black or white is about as strong at every level (Foi, Signal Processing 89(12), 2009).
 * On white paper it has a third of its variance, and a filter that expects all of it takes faint letters for noise: of letters 60
 * levels off at σ = 25 it left a half, where on this scale it leaves three quarters.
 * Undefined of a picture without such a ground, or with alpha, and of noise that grows: its scale would be nearly all of dark levels.
 */
export function* clippedScale(picture: Picture, noise: NoiseModel): Pieces<StableScale | undefined> {
  if (picture.alpha) return undefined;
  const tables = tablesOf(noise, picture.channels);
  if (tables.some(({ sigmas }) => sigmas[0] < EVEN * sigmas[LEVELS >> 1])) return undefined;
  const grounds = yield* clippedGrounds(picture, tables);
  if (!grounds.some(({ black, white }) => black || white)) return undefined;
  const scales: Scale[] = [];
  for (const [c, table] of tables.entries()) {
    scales.push(scaleOf(table, grounds[c]));
    yield;
  }
  const range = Math.max(...scales.map(({ steps }) => steps[LEVELS]));
  const planes = noise.planes.map((plane) => {
    return { black: varianceAt(plane, 0.5) / range ** 2, slope: 0, correlation: plane.correlation };
  });
  const n = picture.width * picture.height;
  function* each(out: Float32Array, f: (value: number, scale: Scale) => number): Pieces<Float32Array> {
    yield* inStretches(out.length, (from, to) => {
      for (let i = from; i < to; i++) out[i] = f(out[i], scales[Math.floor(i / n)]);
    });
    return out;
  }
  return {
    noise: { planes },
    to: (samples) => each(samples.slice(), (value, { steps }) => valueAt(steps, value) / range),
    from: (means) => each(means, (value, { of, means }) => valueAt(of, whereIs(means, range * value))),
  };
}

/** Tables of one colour. */
interface Scale {
  /** The scale over samples. */
  readonly steps: Float64Array;
  /** Over true levels: means of their noisy samples, and of these on the scale. */
  readonly of: Float64Array;
  readonly means: Float64Array;
}

/** A normal variate at points up to four deviations away, and their weights. */
const POINTS = Array.from({ length: 49 }, (_, k) => (k - 24) / 6);
const WEIGHTS = (() => {
  const density = POINTS.map((z) => Math.exp(-(z ** 2) / 2));
  const sum = density.reduce((a, b) => a + b, 0);
  return density.map((value) => value / sum);
})();

/** Over true levels: mean and deviation of noisy samples, cut off at those ends, as a function sees them. */
function noisy({ sigmas }: Table, { black, white }: ClippedGrounds, f: (y: number) => number) {
  const [least, most] = [black ? 0 : Number.NEGATIVE_INFINITY, white ? 1 : Number.POSITIVE_INFINITY];
  const [mean, deviation] = [new Float64Array(LEVELS + 1), new Float64Array(LEVELS + 1)];
  for (let k = 0; k <= LEVELS; k++) {
    let squares = 0;
    for (const [p, z] of POINTS.entries()) {
      const value = f(Math.min(most, Math.max(least, k / LEVELS + sigmas[k] * z)));
      mean[k] += WEIGHTS[p] * value;
      squares += WEIGHTS[p] * value ** 2;
    }
    deviation[k] = Math.sqrt(Math.max(0, squares - mean[k] ** 2));
  }
  return { mean, deviation };
}

/** The same of the samples themselves. */
export const deviationsOf = (table: Table, cut: ClippedGrounds) => noisy(table, cut, (y) => y);

/** It grows by as much as noise at middle grey is stronger than where the noisy samples have that mean. */
function scaleOf(table: Table, cut: ClippedGrounds): Scale {
  const { mean: of, deviation } = deviationsOf(table, cut);
  const middle = table.sigmas[LEVELS >> 1];
  const slopes = of.map((_, k) => middle / valueAt(deviation, whereIs(of, k / LEVELS)));
  const steps = new Float64Array(LEVELS + 1);
  for (let k = 0; k < LEVELS; k++) steps[k + 1] = steps[k] + (slopes[k] + slopes[k + 1]) / 2 / LEVELS;
  const { mean: means } = noisy(table, cut, (y) => {
    const within = Math.min(1, Math.max(0, y));
    return valueAt(steps, within) + slopes[y > 0 ? LEVELS : 0] * (y - within);
  });
  return { steps, of, means };
}
