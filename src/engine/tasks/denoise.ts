import type { Picture } from '../image/picture.ts';
import type { Problem } from './task.ts';

/**
 * E = Σ alpha·(x − x0)² / N (Ulyanov et al., eq. 4): what tells image from noise is only how soon each is fitted. JPEG
 * artefacts are removed by the same blind term. Colour that alpha hides carries no weight and is not changed.
 */
export function denoise(picture: Picture): Problem {
  const { width, height, channels, colour, alpha } = picture;
  return {
    width,
    height,
    channels,
    target: colour,
    weight: alpha,
    guess: colour,
    observe: (_, x) => x,
    compose: (restored) => ({ ...picture, colour: keepHidden(picture, restored) }),
  };
}

/** The restored colour, with the original's where alpha is 0. */
export function keepHidden({ colour, alpha, width, height }: Picture, restored: Float32Array): Float32Array {
  if (!alpha) return restored;
  const n = width * height;
  return restored.map((value, i) => (alpha[i % n] === 0 ? colour[i] : value));
}
