import type { Diagnosis } from '../damage/analyse.ts';
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
    // Impulses have no useful variance: what they hit is wrong whatever the rest is like.
    ...(diagnosis && !diagnosis.impulse
      ? {
          noiseLoss: (diagnosis.noise.sigma / 255) ** 2 * meanOf(alpha),
          settle: (restored) => weighBySigma(picture, restored, diagnosis.noise.sigma / 255),
        }
      : {}),
  };
}

/** 1 without weights. */
function meanOf(weights: Float32Array | null): number {
  return weights ? weights.reduce((sum, weight) => sum + weight, 0) / weights.length : 1;
}

/** Shares of the estimate above this count as the whole of it. */
const ALMOST_ALL = 0.9;

/**
 * The best mix of image and estimate. The image is off by σ², the estimate by at least its mean squared distance from
 * the image less σ²; two independent errors mix best in inverse proportion to their squares. So a clean image comes
 * back nearly as it was, where the network could only blur it.
 */
function weighBySigma({ colour, alpha }: Picture, restored: Float32Array, sigma: number): Settled {
  let [squares, weights] = [0, 0];
  for (let i = 0; i < colour.length; i++) {
    const weight = alpha ? alpha[i % alpha.length] : 1;
    squares += weight * (colour[i] - restored[i]) ** 2;
    weights += weight;
  }
  const error = Math.max(0, squares / (weights || 1) - sigma ** 2);
  const share = sigma ** 2 / (sigma ** 2 + error || 1);
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
