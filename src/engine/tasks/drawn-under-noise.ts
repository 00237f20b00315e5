import type { Diagnosis } from '../diagnosis/analyse.ts';
import type { NoiseEstimate } from '../diagnosis/noise.ts';
import { findDrawn } from '../image/drawn.ts';
import { flatColours, LARGEST, laidFlat } from '../image/flat-colours.ts';
import type { Picture } from '../image/picture.ts';
import { summed } from '../image/summed-area.ts';
import type { IsOver } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';

/**
 * How far a pixel of a flat area may be off after denoising, in deviations of the noise: sure; and where next to no picture is
 * around to denoise from, at most `off`, if then so few colours are all: a gradient would be more.
 */
const LEFT = { sure: 1.6, most: 2.4, off: 28 / 255, colours: 2 } as const;

/**
 * A drawing that was freed of noise, its flat areas laid in their colour: what is left of the noise would be enlarged as grain, and
 * edges as a photograph's. Undefined of what is no drawing even then.
 *
 * @param picture as it was given, with its noise.
 */
export function* drawnUnderNoise(
  picture: Picture,
  cleaned: Picture,
  { noise, impulse, dithered, patchy }: Diagnosis,
  over: IsOver,
): Pieces<Picture | undefined> {
  const isKnown = !(impulse || dithered || patchy);
  if (picture.alpha || !isKnown || picture.width * picture.height > LARGEST) return undefined;
  const sigma = noise.sigma / 255;
  const sure = toleranceUnder(noise);
  for (const tolerance of [sure, Math.min(LEFT.off, LEFT.most * sigma)]) {
    const colours = yield* flatColours(cleaned, tolerance);
    if (over()) return undefined;
    if (!colours || (tolerance > sure && colours.length > LEFT.colours)) continue;
    let flat = cleaned;
    // Twice: what lies beside a colour that was laid may be seen to be of it.
    for (let round = 0; round < 2; round++)
      flat = { ...flat, colour: yield* laidFlat(flat, colours, tolerance) };
    const drawn = yield* findDrawn(flat);
    const isAll = drawn.share.every((share) => share === 1);
    return isAll && !(yield* hidesLines(picture, flat.colour, drawn.flat, sigma)) ? flat : undefined;
  }
  return undefined;
}

/** How far a sample of a flat area may be off for sure after denoising. */
export const toleranceUnder = ({ sigma }: Pick<NoiseEstimate, 'sigma'>): number => (LEFT.sure * sigma) / 255;

/** Runs and squares over which the noise's mean is looked at, px, and how many of its deviations it may be off. */
const BOXES = [
  [16, 1],
  [1, 16],
  [4, 4],
] as const;
const CHANCE = 5;

/** Whether what was taken for noise over flat areas has a mean that noise has nowhere: there was a faint line or shape. */
function* hidesLines(
  picture: Picture,
  colour: Float32Array,
  flat: Uint8Array,
  sigma: number,
): Pieces<boolean> {
  const { width, height, channels } = picture;
  const n = width * height;
  const rest = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let at = i; at < colour.length; at += n) sum += picture.colour[at] - colour[at];
    return flat[i] ? sum : 0;
  });
  yield;
  const restOver = yield* summed(rest, width, height);
  const flatOver = yield* summed(flat, width, height);
  for (const [w, h] of BOXES) {
    const most = CHANCE * sigma * Math.sqrt(channels * w * h);
    for (let y = 0; y + h <= height; y++) {
      yield;
      for (let x = 0; x + w <= width; x++)
        if (flatOver(x, y, x + w, y + h) === w * h && Math.abs(restOver(x, y, x + w, y + h)) > most)
          return true;
    }
  }
  return false;
}
