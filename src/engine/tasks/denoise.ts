import type { Diagnosis } from '../damage/analyse.ts';
import { isClipped } from '../damage/blocks.ts';
import type { NoiseEstimate } from '../damage/noise.ts';
import type { Box } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { RestoreOptions } from '../options.ts';
import { inPlace, type Job, type Problem, type Settled } from './task.ts';

/**
 * E = Σ alpha·(x − x0)² / N (Ulyanov et al., eq. 4): what tells image from noise is only how soon each is fitted.
 * Colour that alpha hides carries no weight and is not changed.
 */
export function denoise(picture: Picture, _options: RestoreOptions, diagnosis?: Diagnosis): Job {
  return inPlace(picture, (part, box) => denoiseProblem(part, box, diagnosis));
}

export function denoiseProblem(picture: Picture, box: Box, diagnosis?: Diagnosis): Problem {
  const { width, height, channels, colour, alpha } = picture;
  // Impulses have no useful variance: what they hit is wrong whatever the rest is like.
  const noise = diagnosis && !diagnosis.impulse ? noiseEnergy(picture, diagnosis.noise) : undefined;
  return {
    width,
    height,
    channels,
    box,
    target: colour,
    weight: alpha,
    guess: colour,
    observe: (_, x) => x,
    compose: (restored) => keepHidden(picture, restored),
    ...(noise === undefined
      ? {}
      : {
          noiseLoss: noise * meanOf(alpha),
          settle: (restored) => weighByNoise(picture, restored, noise),
        }),
  };
}

/** Noise energy that is lost with each sample at an end of the range, in σ²: 1.0 to 1.5 on 15 pictures, σ = 10 and 25. */
const LOST_WITH_CLIPPED = 1.2;

/** Mean squared distance of the noisy picture from the undamaged one, less what was cut off at black and white. */
function noiseEnergy(picture: Picture, { sigma, growth }: NoiseEstimate): number {
  const left = weightedMean(picture, (i) => {
    const value = picture.colour[i];
    return (1 + growth * (2 * value - 1)) * (isClipped(value) ? 1 - LOST_WITH_CLIPPED : 1);
  });
  return (sigma / 255) ** 2 * Math.max(0, left);
}

/** Over all samples, by how much of each alpha shows; 0 where nothing shows. */
function weightedMean({ colour, alpha }: Picture, f: (sample: number) => number): number {
  let [total, weights] = [0, 0];
  for (let i = 0; i < colour.length; i++) {
    const weight = alpha ? alpha[i % alpha.length] : 1;
    total += weight * f(i);
    weights += weight;
  }
  return total / (weights || 1);
}

/** 1 without weights. */
function meanOf(weights: Float32Array | null): number {
  return weights ? weights.reduce((sum, weight) => sum + weight, 0) / weights.length : 1;
}

/** Shares of the estimate above this count as the whole of it. */
const ALMOST_ALL = 0.9;

/**
 * The best mix of image and estimate. The image is off by its noise, the estimate by at least its mean squared distance
 * from the image less that; two independent errors mix best in inverse proportion to their squares. So a clean image comes
 * back nearly as it was, where the network could only blur it.
 */
function weighByNoise(picture: Picture, restored: Float32Array, noise: number): Settled {
  const { colour } = picture;
  const distance = weightedMean(picture, (i) => (colour[i] - restored[i]) ** 2);
  const error = Math.max(0, distance - noise);
  const share = noise / (noise + error || 1);
  if (share > ALMOST_ALL) return { colour: restored, share: 1 };
  return {
    colour: restored.map((value, i) => colour[i] + share * (value - colour[i])),
    share,
  };
}

/** The restored colour, with the original's where alpha is 0. */
export function keepHidden({ colour, alpha, width, height }: Picture, restored: Float32Array): Float32Array {
  if (!alpha) return restored;
  const n = width * height;
  return restored.map((value, i) => (alpha[i % n] === 0 ? colour[i] : value));
}
