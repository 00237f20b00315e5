import type { Diagnosis } from '../diagnosis/analyse.ts';
import type { NoiseEstimate } from '../diagnosis/noise.ts';
import type { NoisePatch } from '../diagnosis/patches.ts';
import { isClipped } from '../diagnosis/spectra.ts';
import { applyTables, tentTable } from '../image/axis-table.ts';
import type { Box } from '../image/box.ts';
import { withoutHidden } from '../image/hidden.ts';
import { keepHidden, type Picture } from '../image/picture.ts';
import type { RestoreOptions } from '../options.ts';
import { type IsOver, never } from '../stopping/pace.ts';
import { awaited, inTurns, type Pieces } from '../time-slicing.ts';
import { denoiseAnswers } from './denoise-estimate.ts';
import { whatNoiseExplains } from './explained.ts';
import { groundsEvened } from './grounds-evened.ts';
import { inPlace, type Job, type LastWord, type Problem, type Settled } from './task.ts';

/**
 * E = Σ alpha·(x − x0)² / N (Ulyanov et al., eq. 4): what tells image from noise is only how soon each is fitted.
 * Where the noise grows with brightness each error counts by what is to be expected there. Colour that alpha hides
 * carries no weight and is not changed.
 */
export async function denoise(
  picture: Picture,
  options: RestoreOptions,
  diagnosis?: Diagnosis,
): Promise<Job> {
  if (diagnosis?.patchy) return inPatches(picture, options, diagnosis);
  const job = jobFor(picture, options, diagnosis);
  return diagnosis?.dithered
    ? { ...job, ...(await import('./without-dither.ts')).withoutDither(picture) }
    : job;
}

/** Each part of the picture goes by its own noise; one that has none comes back as it is. */
async function inPatches(picture: Picture, options: RestoreOptions, diagnosis: Diagnosis): Promise<Job> {
  const { noiseOver, noisePatches } = await import('../diagnosis/patches.ts');
  const patches = await inTurns(noisePatches(withoutHidden(picture)), options.signal);
  const inBox = (box: Box) => ({
    ...diagnosis,
    noise: noiseOver(patches, box) ?? { ...diagnosis.noise, sigma: 0 },
  });
  const job = jobFor(picture, options, diagnosis, inBox, patches);
  const touches = (box: Box) => noiseOver(patches, box) !== undefined;
  return patches.some(({ noise }) => noise) ? { ...job, touches } : job;
}

function jobFor(
  picture: Picture,
  options: RestoreOptions,
  diagnosis?: Diagnosis,
  inBox: (box: Box) => Diagnosis | undefined = () => diagnosis,
  patches?: readonly NoisePatch[],
): Job {
  return {
    ...inPlace(picture, (part, box) => denoiseProblem(part, box, inBox(box))),
    ...denoiseAnswers(picture, diagnosis, patches),
    ...lastWord(picture, diagnosis, options.map),
  };
}

/** What may stay of a change: of impulses themselves, or what the measured noise explains. */
function lastWord(
  picture: Picture,
  diagnosis: Diagnosis | undefined,
  mapped?: boolean,
): Pick<Job, 'lastWord'> {
  if (diagnosis?.impulse) return { lastWord: (colour) => onlyImpulses(picture, colour) };
  const model = diagnosis?.noise.model;
  if (!model) return {};
  return {
    lastWord: function* (colour, over) {
      const word = yield* whatNoiseExplains(picture, colour, model, mapped, over);
      if (!isFound(diagnosis)) return yield* lessThanFound(picture, word, diagnosis, over);
      return { ...word, colour: yield* asDrawn(picture, word.colour, diagnosis, over ?? never) };
    },
  };
}

/** What is known of drawings alone: their grounds are even, their colours few, their strokes as strong as many of them look; but for soft edges. */
function* asDrawn(
  picture: Picture,
  estimate: Float32Array,
  diagnosis: Diagnosis,
  over: IsOver,
): Pieces<Float32Array> {
  const even = yield* groundsEvened(picture, estimate, diagnosis, over);
  if (!even || over()) return estimate;
  const [{ coloursGathered }, { strokesStrengthened }, { linesGivenBack }, { softAsEstimated }] =
    yield* awaited(
      Promise.all([
        import('./colours-gathered.ts'),
        import('./strokes-strengthened.ts'),
        import('./lines-given-back.ts'),
        import('./soft-places.ts'),
      ]),
    );
  const sigma = diagnosis.noise.sigma / 255;
  const gathered = yield* coloursGathered(picture, even.colour, sigma, over);
  const strong = over() ? gathered : yield* strokesStrengthened(picture, gathered, sigma);
  const made = over() ? strong : yield* linesGivenBack(picture, strong, sigma);
  return yield* softAsEstimated(picture, estimate, made, even.colours, sigma);
}

/** Whether noise is what a picture suffers from, whatever was asked for. */
const isFound = ({ task, clean, jpeg }: Diagnosis): boolean => task === 'denoise' || !(clean || jpeg);

/**
 * How much is taken of noise that was not found, but that a user has asked to have taken out: it may be grain that belongs to
 * the picture. Of a face whose own is 1.2 times as strong as what was added nothing is lost with three quarters.
 */
const UNFOUND = 0.75;

/** Where compression is what was found, the change keeps to what its file leaves open. */
function* lessThanFound(
  picture: Picture,
  { colour, share, map }: LastWord,
  { jpeg }: Diagnosis,
  over?: IsOver,
): Pieces<LastWord> {
  for (let i = 0; i < colour.length; i++)
    colour[i] = picture.colour[i] + UNFOUND * (colour[i] - picture.colour[i]);
  const less = { colour, share: UNFOUND * share, ...(map ? { map: map.map((s) => UNFOUND * s) } : {}) };
  if (!jpeg?.onGrid) return less;
  const [{ FileTiles }, { insideIntervals }] = yield* awaited(
    Promise.all([import('../jpeg/file-tiles.ts'), import('./inside-intervals.ts')]),
  );
  const file = FileTiles.of(picture, jpeg);
  const inside = yield* insideIntervals(picture, colour, file, over);
  return { ...less, colour: inside.colour, share: less.share * inside.share };
}

/** Impulses are wrong whatever the noise is like, and what they did not hit is right. */
function* onlyImpulses(picture: Picture, estimate: Float32Array): Pieces<LastWord> {
  const { impulsesIn } = yield* awaited(import('./impulses.ts'));
  const { colour, hit } = yield* impulsesIn(picture);
  return { colour: estimate.map((value, i) => (hit[i] ? value : colour[i])), share: 1 };
}

/** What is minimised in a box of a picture: each pixel counts by how sure its noise leaves it. */
export function denoiseProblem(picture: Picture, box: Box, diagnosis?: Diagnosis): Problem {
  const { width, height, channels, colour, alpha } = picture;
  // Impulses and dots have no useful variance: what they hit is wrong whatever the rest is like.
  const noise = diagnosis?.impulse || diagnosis?.dithered ? undefined : diagnosis?.noise;
  const weight = noise?.shot ? precisions(picture, noise) : alpha;
  return {
    width,
    height,
    channels,
    box,
    target: colour,
    weight,
    guess: colour,
    observe: (_, x) => x,
    compose: (restored) => keepHidden(picture, restored),
    ...(noise === undefined
      ? {}
      : {
          noiseLoss: noiseEnergy(picture, noise, weight),
          *settle(restored) {
            const energy = noiseEnergy(picture, noise, alpha);
            yield;
            return weighByNoise(picture, restored, energy);
          },
        }),
  };
}

/** Variance of the noise at a brightness, by that at middle grey. */
const varianceAt = (brightness: number, { growth }: NoiseEstimate): number =>
  1 + growth * (2 * brightness - 1);

/** Noise energy that is lost with each sample at an end of the range, in σ²: 1.0 to 1.5 on 15 pictures, σ = 10 and 25. */
const LOST_WITH_CLIPPED = 1.2;

/** Mean squared distance of the noisy picture from the undamaged one, weighted, less what was cut off at black and white. */
function noiseEnergy(picture: Picture, noise: NoiseEstimate, weight: Float32Array | null): number {
  const left = weightedMean(picture, weight, (i) => {
    const value = picture.colour[i];
    return varianceAt(value, noise) * (isClipped(value) ? 1 - LOST_WITH_CLIPPED : 1);
  });
  return (noise.sigma / 255) ** 2 * Math.max(0, left);
}

/** Mean over all samples of weight × f. */
function weightedMean(
  { colour, width, height }: Picture,
  weight: Float32Array | null,
  f: (sample: number) => number,
): number {
  const n = width * height;
  return colour.reduce((sum, _, i) => sum + (weight ? weight[i % n] : 1) * f(i), 0) / colour.length;
}

/** The least variance that is expected, by that at middle grey: no camera counts photons without any other noise. */
const LEAST_VARIANCE = 0.15;

/** Reach, px, of the mean that takes the noise away and leaves the brightness beneath it. */
const SMOOTH = 4;

/** Brightness of each pixel, smoothed. */
function brightness({ colour, channels, width, height }: Picture): Float32Array {
  const n = width * height;
  const mean = new Float32Array(n);
  for (let i = 0; i < colour.length; i++) mean[i % n] += colour[i] / channels;
  return applyTables(mean, 1, tentTable(height, SMOOTH), tentTable(width, SMOOTH));
}

/** Weighted least squares: alpha by the variance of the noise at each pixel's brightness. */
function precisions(picture: Picture, noise: NoiseEstimate): Float32Array {
  return brightness(picture).map(
    (value, i) => (picture.alpha?.[i] ?? 1) / Math.max(LEAST_VARIANCE, varianceAt(value, noise)),
  );
}

/** Shares of the estimate above this count as the whole of it. */
const ALMOST_ALL = 0.9;

/**
 * The best mix of image and estimate. The image is off by its noise, the estimate by at least its mean squared distance
 * from the image less that; two independent errors mix best in inverse proportion to their squares. So a clean image comes
 * back nearly as it was, where the network could only blur it.
 */
function weighByNoise(picture: Picture, restored: Float32Array, noise: number): Settled {
  const { colour, alpha } = picture;
  const distance = weightedMean(picture, alpha, (i) => (colour[i] - restored[i]) ** 2);
  const error = Math.max(0, distance - noise);
  const share = noise / (noise + error || 1);
  if (share > ALMOST_ALL) return { colour: restored, share: 1 };
  return {
    colour: restored.map((value, i) => colour[i] + share * (value - colour[i])),
    share,
  };
}
