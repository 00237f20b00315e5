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
  /** Present where brightness has next to none beside the colours: what shows there is texture, however even. */
  readonly ofColoursOnly?: true;
  /** Present where each colour has noise by its own level, as photons are counted, and not by brightness. */
  readonly light?: LightNoise;
}

/** Variance of each colour = black + slope × its level, 0 … 1. */
export interface LightNoise {
  readonly black: number;
  readonly slope: number;
}

/** The longest lag, px, over which noise is known to be correlated. */
export const REACH = 3;
const LAGS = 2 * REACH + 1;

/** Correlation of pixels so far apart, along rows or along columns, in the mean. */
export function alongAxes({ correlation }: PlaneNoise, lag: number): number {
  return (correlation[REACH * LAGS + REACH + lag] + correlation[(REACH + lag) * LAGS + REACH]) / 2;
}

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

/** Variance at a brightness, or a level. */
export const varianceAt = ({ black, slope }: LightNoise, brightness: number): number =>
  Math.max(LEAST_VARIANCE, black + slope * brightness);
