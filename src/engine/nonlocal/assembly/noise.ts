// What a step knows of the noise of each plane; mirrored in ../strip.ts.

@unmanaged
export class NoisePlane {
  /** Variance: black + slope × brightness. */
  black: f32;
  slope: f32;
  /** Correlation R within a patch, R to the power −1, −½ and ½, [patch², patch² up to a multiple of 8]; 0 where R = 1. */
  correlation: usize;
  inverse: usize;
  whitening: usize;
  colouring: usize;
}

/** No noise at all would leave covariances singular; as in ../noise-model.ts. */
const LEAST_VARIANCE: f32 = 1e-8;

// @ts-ignore: decorator
@inline
export function noiseOf(planes: usize, plane: i32): NoisePlane {
  return changetype<NoisePlane>(planes + <usize>plane * offsetof<NoisePlane>());
}

// @ts-ignore: decorator
@inline
export function varianceAt(noise: NoisePlane, brightness: f32): f32 {
  return max(LEAST_VARIANCE, noise.black + noise.slope * brightness);
}
