import type { Picture } from '../image/picture.ts';
import { AREA, SIDE } from '../jpeg/dct.ts';
import { alongAxes, type NoiseModel, type PlaneNoise, REACH, whiteNoise } from '../nonlocal/noise-model.ts';
import type { Pieces } from '../time-slicing.ts';
import { lightOf } from './light.ts';
import { fitLine } from './line.ts';
import { type FoundNoise, isEvenInBrightness, type NoiseKind } from './noise-finder.ts';
import { atMostInAllDirections, atMostTheQuietest, coarsenessOf } from './quietest.ts';
import { measuredEnergy } from './remeasure.ts';
import { BANDS, bandEnergy, MEASURED, meanOf, type Spectra, squared, unclipped } from './spectra.ts';

/** What kind of noise an image carries, and how much. */
export interface NoiseEstimate {
  /** Standard deviation at middle grey, in 1/255, root mean square over the channels. */
  readonly sigma: number;
  /** Share of the variance at middle grey that grows evenly with brightness: 0 = the same everywhere, 1 = none at black. */
  readonly growth: number;
  /** Correlation of neighbouring pixels' noise: near 0 = white, above .2 = smeared or rescaled. */
  readonly correlation: number;
  /** Over the picture's range of brightness the noise visibly grows, as photon counts do. */
  readonly shot: boolean;
  /** All that is known of it; absent where it is none. */
  readonly model?: NoiseModel;
}

export const NO_NOISE: NoiseEstimate = { sigma: 0, growth: 0, correlation: 0, shot: false };

/** Neighbours' correlation from which noise is smeared. */
export const SMEARED = 0.2;

/**
 * Blocks that show the noise and little else: surely the flattest, `sure` of all; of the others those whose coarse
 * frequencies have at most `factor` times as much as theirs, `most` of all; where colours are measured, `colours` of all.
 */
export const FLAT = { sure: 0.03, least: 16, factor: 1.6, most: 0.2, colours: 0.2 } as const;
/** What is above counts as picture; of the squares of a normal variate these are the mean of the others. */
const TRIMMED = { share: 0.75, mean: 0.4037 } as const;
/**
 * Soft grain has most of its energy where it cannot be measured, beneath the picture; so many times the variance that shows
 * is right for grain of σ 9 blurred by 0.7 px.
 */
const UNSEEN: Readonly<Record<NoiseKind, number>> = { white: 1, soft: 1, blotches: 1, grain: 1.3 };
/** What rounding and compression leave of brightness where only colours have noise, σ in 1/255. */
const UNEVEN = 1;
/** No noise of samples in 0 … 1 can be stronger. */
const MOST_VARIANCE = 0.25;

/**
 * How strong the noise of some blocks is in each opponent plane, over brightness and over distance, from those whose
 * picture is flattest (after Lebrun, Colom & Morel, The Noise Clinic, IPOL 2015): these are chosen by their coarse
 * frequencies, of brightness where colours are measured, and measured by the others, so that the choice does not bias
 * the measure.
 */
export function* measureNoise(found: FoundNoise): Pieces<NoiseEstimate> {
  const { spectra, blocks, kind, brightness } = found;
  if (blocks.length < FLAT.least) return NO_NOISE;
  yield;
  const { flat, flatter } = flattest(spectra, blocks);
  yield;
  const colours: PlaneNoise[] = [];
  // Where only brightness is sure, JPEG may have left the colours' noise uneven.
  const isSure = kind === 'white' && brightness !== undefined;
  const coarseness = isSure ? coarsenessOf(found) : 0;
  for (const power of spectra.power.slice(1)) {
    yield;
    const measured = yield* spectrumOf(power, flatter, kind !== 'blotches');
    yield;
    const spectrum = isSure ? noCoarser(measured, coarseness) : measured;
    const plane = planeNoise(spectra, power, flatter, spectrum);
    yield;
    const noise = isSure ? atMostTheQuietest(found, power, spectrum, plane) : plane;
    yield;
    colours.push(isSure ? atMostInAllDirections(found, spectrum, noise) : noise);
  }
  yield;
  if (isOfColoursOnly(found))
    return estimateOf(
      { planes: [whiteNoise(1, UNEVEN).planes[0], ...colours], ofColoursOnly: true },
      spectra,
      blocks,
    );
  const planes = [yield* noiseOfBrightness(found, flat, colours), ...colours];
  yield;
  const seen = estimateOf({ planes }, spectra, blocks);
  if (planes.length === 1 || brightness === undefined || seen.correlation <= SMEARED) return seen;
  const unit = planes.reduce((sum, plane) => sum + measuredEnergy(plane), 0) / planes.length;
  const light = lightOf(spectra, found.withCutOff ?? blocks, unit);
  if (!light) return seen;
  return estimateOf({ planes: planes.map((plane) => ({ ...plane, ...light })), light }, spectra, blocks);
}

/** Whether colours have blotches, and brightness only texture. */
const isOfColoursOnly = ({ spectra, blocks, kind, brightness, ofColoursOnly }: FoundNoise): boolean =>
  brightness === undefined &&
  (ofColoursOnly || (kind === 'blotches' && !isEvenInBrightness(spectra, blocks)));

/** By the colours' where they tell; else its own. */
function* noiseOfBrightness(
  found: FoundNoise,
  flat: readonly number[],
  colours: readonly PlaneNoise[],
): Pieces<PlaneNoise> {
  const { spectra, kind, brightness } = found;
  if (brightness !== undefined) return likeColours(colours, brightness);
  const [power] = spectra.power;
  const spectrum = yield* spectrumOf(power, flat, true);
  const noise = planeNoise(spectra, power, flat, spectrum);
  return scaled(atMostTheQuietest(found, power, spectrum, noise), UNSEEN[kind]);
}

/** Median absolute deviation of a unit normal variate. */
const MAD_OF_NORMAL = 0.6745;

/**
 * Of a picture with too few blocks to tell any more of: white noise, by the median of the finest diagonal details (Donoho
 * & Johnstone, Biometrika 81(3), 1994).
 */
export function roughNoise({ colour, channels, width, height }: Picture): NoiseEstimate {
  const details: number[] = [];
  for (let row = 0; row < channels * height; row++)
    for (let x = 0; x + 1 < width && (row % height) + 1 < height; x++) {
      const at = row * width + x;
      const detail = Math.abs(colour[at] - colour[at + 1] - colour[at + width] + colour[at + width + 1]) / 2;
      if (!Number.isNaN(detail)) details.push(detail);
    }
  const median = Float64Array.from(details).sort()[details.length >> 1] ?? 0;
  const sigma = Math.min(255 * Math.sqrt(MOST_VARIANCE), (255 * median) / MAD_OF_NORMAL);
  if (sigma === 0 || (channels !== 1 && channels !== 3)) return NO_NOISE;
  return evenNoise(channels, sigma);
}

/** Brought down to a level where it is above, σ in 1/255. */
export function noMoreThan(level: number, noise: NoiseEstimate): NoiseEstimate {
  if (noise.sigma <= level) return noise;
  const planes = noise.model?.planes.map((plane) => scaled(plane, (level / noise.sigma) ** 2));
  return { ...noise, sigma: level, ...(planes ? { model: { planes } } : {}) };
}

/** White noise, the same everywhere; σ in 1/255. */
export const evenNoise = (channels: 1 | 3, sigma: number): NoiseEstimate => ({
  ...{ sigma, growth: 0, correlation: 0, shot: false },
  model: whiteNoise(channels, sigma),
});

/** Blocks that are flat in brightness, and those flat enough to be so in colours. */
function flattest(spectra: Spectra, blocks: readonly number[]) {
  const coarse = new Map(blocks.map((b) => [b, bandEnergy(spectra.power[0], b, 'low')]));
  const sorted = blocks.toSorted((a, b) => coarse.get(a)! - coarse.get(b)!);
  const sure = Math.min(sorted.length, Math.max(FLAT.least, Math.round(FLAT.sure * sorted.length)));
  const least = sorted.slice(0, sure).reduce((sum, b) => sum + coarse.get(b)!, 0) / sure;
  const most = Math.round(FLAT.most * sorted.length);
  return {
    flat: sorted.filter((b, i) => i < sure || (i < most && coarse.get(b)! <= FLAT.factor * least)),
    flatter: sorted.slice(0, Math.max(sure, Math.round(FLAT.colours * sorted.length))),
  };
}

function planeNoise(
  spectra: Spectra,
  power: Float32Array,
  flat: readonly number[],
  spectrum: Float64Array,
): PlaneNoise {
  const variance = spectrum.reduce((sum, s) => sum + s, 0) / AREA;
  const correlation = autocorrelation(spectrum);
  if (variance === 0) return { black: 0, slope: 0, correlation };
  const expected = MEASURED.reduce((sum, i) => sum + spectrum[i], 0);
  const levels = flat.map((b) => {
    const strength = MEASURED.reduce((sum, i) => sum + power[b * AREA + i], 0) / expected;
    return { brightness: spectra.brightness[b], variance: (strength * variance) / unclipped(spectra, b) };
  });
  return scaled({ ...fitLine(levels), correlation }, 1);
}

/** So many times the variance. */
const scaled = ({ black, slope, correlation }: PlaneNoise, factor: number): PlaneNoise => ({
  black: Math.min(MOST_VARIANCE, factor * black),
  slope: Math.min(MOST_VARIANCE, factor * slope),
  correlation,
});

/** The colours' mean, so many times as strong: they tell of noise without any of the picture's texture. */
function likeColours(colours: readonly PlaneNoise[], factor: number): PlaneNoise {
  const mean = (f: (plane: PlaneNoise) => number) =>
    colours.reduce((sum, plane) => sum + f(plane), 0) / colours.length;
  const correlation = colours[0].correlation.map((_, i) => mean((plane) => plane.correlation[i]));
  return scaled({ black: mean((p) => p.black), slope: mean((p) => p.slope), correlation }, factor);
}

/** Expected energy of each coefficient; the lowest, which pictures have most of, by those next to them. */
function* spectrumOf(power: Float32Array, flat: readonly number[], guessed: boolean): Pieces<Float64Array> {
  const spectrum = new Float64Array(AREA);
  const values = new Float64Array(flat.length);
  for (let i = 1; i < AREA; i++) {
    yield;
    flat.forEach((b, k) => {
      values[k] = power[b * AREA + i];
    });
    values.sort();
    const kept = Math.ceil(TRIMMED.share * values.length);
    spectrum[i] = values.subarray(0, kept).reduce((sum, value) => sum + value, 0) / kept / TRIMMED.mean;
  }
  const [low, next, beyond] = [2, 4, 7].map((sum) => around(spectrum, sum));
  // As a blur's, the logarithm of the spectrum falls with the square of the frequency.
  const fall = Math.log(next.energy / beyond.energy) / (beyond.squared - next.squared);
  const steps = Number.isFinite(fall) ? Math.max(0, fall) : 0;
  for (let i = 0; i < AREA; i++) {
    if ((i >> 3) + (i & 7) > 2) continue;
    const guess = next.energy * Math.min(MOST_EXTRAPOLATED, Math.exp(steps * (next.squared - squared(i))));
    // What was chosen for being small is no measure, and pictures are soft in colours too: only blotches are more than that.
    spectrum[i] = guessed ? guess : Math.max(guess, low.energy);
  }
  return spectrum;
}

/** What is more in the coarser frequencies than noise as fine as it is in the finest can have is the picture's: diagonal by diagonal. */
function noCoarser(spectrum: Float64Array, coarseness: number): Float64Array {
  const finest = { energy: meanOf(BANDS.high, (i) => spectrum[i]), squared: meanOf(BANDS.high, squared) };
  const out = spectrum.slice();
  for (let sum = 0; sum < SIDE; sum++) {
    const diagonal = BY_SUM[sum];
    const less = Math.max(0, finest.squared - meanOf(diagonal, squared));
    const most = MOST_COARSE * finest.energy * Math.exp(coarseness * less);
    const share = Math.min(1, most / meanOf(diagonal, (i) => spectrum[i]));
    if (share < 1) for (const i of diagonal) out[i] *= share;
  }
  return out;
}

/** The coefficients on each diagonal from coarse to fine, up to the longest. */
const BY_SUM = Array.from({ length: SIDE }, (_, sum) =>
  Array.from({ length: sum + 1 }, (_, k) => k * SIDE + sum - k),
);
/** What coarser frequencies may have more than their share before it counts as the picture's. */
const MOST_COARSE = 1.2;

/** How much more than the lowest frequencies that are measured those may have that are not. */
const MOST_EXTRAPOLATED = 4;

/** Mean energy, and squared frequency, of the coefficients on a diagonal and the one before. */
function around(spectrum: Float64Array, sum: number) {
  const own = [...BY_SUM[sum], ...BY_SUM[sum - 1]].filter((i) => i > 0);
  return { energy: meanOf(own, (i) => spectrum[i]), squared: meanOf(own, squared) };
}

/** Of noise with a spectrum over the cosines of 8 px, alike in all quadrants: [7, 7], 1 at the centre. */
function autocorrelation(spectrum: Float64Array): Float64Array {
  const side = 2 * REACH + 1;
  // The cosines sample the spectrum from 0 to just below half a cycle a pixel: an integral by the trapezium rule.
  const cosine = (k: number, lag: number) =>
    k === 0
      ? 1 / 2
      : Math.cos((Math.PI * k * lag) / SIDE) + (k === SIDE - 1 ? Math.cos(Math.PI * lag) / 2 : 0);
  const out = Float64Array.from({ length: side * side }, (_, at) => {
    const [dy, dx] = [Math.floor(at / side) - REACH, (at % side) - REACH];
    return spectrum.reduce((sum, s, i) => sum + s * cosine(i >> 3, dy) * cosine(i & 7, dx), 0);
  });
  const centre = out[(side * side) >> 1];
  return out.map((r, at) => (centre > 0 ? r / centre : Number(at === (side * side) >> 1)));
}

/** How many times more varied the bright parts are than the dark ones, if the noise is called shot noise. */
const SHOT = 1.6;

function estimateOf(model: NoiseModel, { brightness }: Spectra, blocks: readonly number[]): NoiseEstimate {
  const { planes } = model;
  const mean = (f: (plane: PlaneNoise) => number) =>
    planes.reduce((sum, plane) => sum + f(plane), 0) / planes.length;
  const grey = mean(({ black, slope }) => black + slope / 2);
  if (grey <= 0) return NO_NOISE;
  const slope = mean((plane) => plane.slope);
  const means = blocks.map((b) => brightness[b]).sort((a, b) => a - b);
  const at = (share: number) => grey + slope * (means[Math.floor(share * (means.length - 1))] - 0.5);
  return {
    sigma: 255 * Math.sqrt(grey),
    growth: slope / 2 / grey,
    correlation: mean((plane) => alongAxes(plane, 1) * (plane.black + plane.slope / 2)) / grey,
    shot: means.length >= 24 && at(0.9) > SHOT * at(0.1),
    model,
  };
}
