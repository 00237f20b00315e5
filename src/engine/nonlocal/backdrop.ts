import type { Picture } from '../image/picture.ts';
import { inStretches, type Pieces } from '../time-slicing.ts';

/** Rows between turns for the page. */
const ROWS = 64;
/**
 * Opacity from which a pixel counts in full. Noise lies in straight colour as strong as elsewhere; blended into the backdrop by alpha
 * it would seem to fade, and what is left in it of a rim came back divided by little. Below, colours may be of few levels.
 */
const OPAQUE = 0.05;

const shownOf = (alpha: number) => Math.min(1, alpha / OPAQUE);

/**
 * The picture laid over a smooth backdrop of its own visible colours: colour that alpha hides has no part in it.
 * [channels, height, width].
 */
export function* overBackdrop({ colour, alpha, channels, width, height }: Picture): Pieces<Float32Array> {
  if (!alpha) return colour;
  const n = width * height;
  const out = new Float32Array(channels * n);
  for (let c = 0; c < channels; c++) {
    const plane = colour.subarray(c * n, (c + 1) * n);
    const sums = plane.map((value, i) => value * alpha[i]);
    yield;
    const coarse = yield* spread(yield* halved(sums, width, height), yield* halved(alpha, width, height));
    for (let i = 0; i < n; i++) {
      if (i % (ROWS * width) === 0) yield;
      const shows = shownOf(alpha[i]);
      const behind = shows < 1 ? sample(coarse, i % width, Math.floor(i / width)) : 0;
      out[c * n + i] = shows * plane[i] + (1 - shows) * behind;
    }
  }
  return out;
}

/**
 * The colours of the picture, once what lies over its backdrop was changed from `before` to `after`; in [0, 1]. In the
 * place of `after`, in pieces.
 */
export function* takeOff(picture: Picture, before: Float32Array, after: Float32Array): Pieces<Float32Array> {
  const { colour, alpha } = picture;
  const clamp = (x: number) => Math.min(1, Math.max(0, x));
  yield* inStretches(after.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const shows = alpha ? shownOf(alpha[i % alpha.length]) : 1;
      if (!alpha) after[i] = clamp(after[i]);
      else after[i] = shows > 0 ? clamp(colour[i] + (after[i] - before[i]) / shows) : colour[i];
    }
  });
  return after;
}

interface Plane {
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Sums of each 2 × 2 samples. */
function* halved(values: Float32Array, width: number, height: number): Pieces<Plane> {
  const [w, h] = [(width + 1) >> 1, (height + 1) >> 1];
  const out = new Float32Array(w * h);
  for (let y = 0; y < height; y++) {
    if (y % ROWS === 0) yield;
    for (let x = 0; x < width; x++) out[(y >> 1) * w + (x >> 1)] += values[y * width + x];
  }
  return { values: out, width: w, height: h };
}

/** Sums by weights; where there are none, the means of ever larger surroundings (pull and push, Gortler et al., 1996). */
function* spread(sums: Plane, weights: Plane): Pieces<Plane> {
  const { width, height } = sums;
  const whole = width === 1 && height === 1;
  const coarse = whole
    ? undefined
    : yield* spread(yield* halved(sums.values, width, height), yield* halved(weights.values, width, height));
  const values = sums.values.map((sum, i) => {
    if (weights.values[i] > 0) return sum / weights.values[i];
    return coarse ? sample(coarse, i % width, Math.floor(i / width)) : 0;
  });
  return { values, width, height };
}

/** Bilinearly, at a pixel of twice the resolution. */
function sample({ values, width, height }: Plane, x: number, y: number): number {
  const [u, v] = [x / 2 - 0.25, y / 2 - 0.25];
  const [j, i] = [Math.floor(u), Math.floor(v)];
  const at = (row: number, column: number) =>
    values[Math.min(height - 1, Math.max(0, row)) * width + Math.min(width - 1, Math.max(0, column))];
  const [s, t] = [u - j, v - i];
  return (
    (1 - t) * ((1 - s) * at(i, j) + s * at(i, j + 1)) + t * ((1 - s) * at(i + 1, j) + s * at(i + 1, j + 1))
  );
}
