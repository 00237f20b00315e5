import { nearestPositive } from './eigen.ts';

/** Noise of one opponent plane, samples in [0, 1]. */
export interface PlaneNoise {
  /** Variance = black + slope × brightness, the mean of the colours, 0 … 1. */
  readonly black: number;
  readonly slope: number;
  /** [7, 7] autocorrelation over lags −3 … 3 (dy, dx), 1 at the centre. */
  readonly correlation: Float64Array;
}

/** Of a grey picture 1 plane, of a coloured one the 3 of `toOpponent`, whose noise counts as independent. */
export interface NoiseModel {
  readonly planes: readonly PlaneNoise[];
}

/** The longest lag, px, over which noise is known to be correlated. */
export const REACH = 3;
const LAGS = 2 * REACH + 1;

/**
 * Noise that is the same in all colours and independent from pixel to pixel.
 *
 * @param sigma standard deviation at middle grey, in 1/255.
 * @param growth share of the variance at middle grey that grows evenly with brightness, 0 … 1; default 0.
 */
export function whiteNoise(planes: 1 | 3, sigma: number, growth = 0): NoiseModel {
  const variance = (sigma / 255) ** 2;
  const correlation = new Float64Array(LAGS * LAGS);
  correlation[(LAGS * LAGS) >> 1] = 1;
  const plane = { black: variance * (1 - growth), slope: 2 * variance * growth, correlation };
  return { planes: Array.from({ length: planes }, () => plane) };
}

/** Where less is known, or none, the noise counts as this: far below the rounding of 8 bits. */
export const LEAST_VARIANCE = 1e-8;

/** Variance at a brightness. */
export const varianceAt = ({ black, slope }: PlaneNoise, brightness: number): number =>
  Math.max(LEAST_VARIANCE, black + slope * brightness);

/**
 * Correlation matrix of the noise in a patch, [patch², patch²], from what is known of it. A measured or cut off
 * autocorrelation need not be one of any noise, so that the matrix nearest to it that is comes back.
 */
export function patchCorrelation({ correlation }: PlaneNoise, patch: number): Float64Array {
  const size = patch * patch;
  const matrix = new Float64Array(size * size);
  for (let a = 0; a < size; a++)
    for (let b = 0; b < size; b++) {
      const dy = Math.floor(a / patch) - Math.floor(b / patch);
      const dx = (a % patch) - (b % patch);
      if (Math.max(Math.abs(dy), Math.abs(dx)) > REACH) continue;
      // Either of two opposite lags: a measured autocorrelation may differ between them.
      const at = (dy + REACH) * LAGS + dx + REACH;
      matrix[a * size + b] = (correlation[at] + correlation[LAGS * LAGS - 1 - at]) / 2;
    }
  return nearestPositive(matrix, size);
}
