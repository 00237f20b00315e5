import type { Picture } from '../image/picture.ts';
import { whiteNoise } from '../nonlocal/noise-model.ts';
import type { Pieces } from '../time-slicing.ts';
import type { NoiseEstimate } from './noise.ts';
import { isClipped } from './spectra.ts';

const SIDE = 8;
const AREA = SIDE * SIDE;

/** Blocks that must show it; their share of all that touch an end of the range; and how alike their levels are. */
const SHOWN = { blocks: 40, share: 0.5, evenness: 0.65 } as const;
/** σ in 1/255 that is believed: less is not seen, and more has the shapes of letters and dots. */
const BELIEVED = { least: 3, most: 45 } as const;
/** Share of clipped samples that tells a level, and deviations within which all samples and their squares must lie. */
const TELLING = { least: 0.2, most: 0.85, farthest: 4.5, squares: 1.7, alike: 0.35 } as const;

/**
 * White noise on paper white or pitch black, where the half of it that went beyond the range was cut off: what noisy
 * scans of text and drawings have nothing but. A block tells of it by how many samples are cut off and how far the
 * others lie from the end (a normal distribution censored there), if they lie as such a distribution's do, without any
 * order. Null where too few do.
 */
export function* clippedNoise({ colour, channels, width, height }: Picture): Pieces<NoiseEstimate | null> {
  const n = width * height;
  let variance = 0;
  for (let c = 0; c < channels; c++) {
    const sigma = yield* levelOf(colour.subarray(c * n, (c + 1) * n), width, height);
    if (sigma === undefined) return null;
    variance += sigma ** 2 / channels;
  }
  const sigma = 255 * Math.sqrt(variance);
  if (sigma < BELIEVED.least || (channels !== 1 && channels !== 3)) return null;
  return { sigma, growth: 0, correlation: 0, shot: false, model: whiteNoise(channels, sigma) };
}

/** The median level of the blocks that tell one, if enough do and agree. */
function* levelOf(x: Float32Array, width: number, height: number): Pieces<number | undefined> {
  const levels: number[] = [];
  let touching = 0;
  const distances = new Float64Array(AREA);
  for (let top = 0; top + SIDE <= height; top += SIDE) {
    for (let left = 0; left + SIDE <= width; left += SIDE) {
      const end = x[top * width + left] > 0.5 ? 1 : 0;
      let ends = 0;
      for (let i = 0; i < AREA; i++) {
        const value = x[(top + (i >> 3)) * width + left + (i & 7)];
        if (isClipped(value)) ends++;
        distances[i] = Math.abs(end - value);
      }
      if (ends < AREA / SIDE) continue;
      touching++;
      const level = censoredLevel(distances, ends / AREA);
      if (level !== undefined) levels.push(level);
    }
    yield;
  }
  if (levels.length < SHOWN.blocks || levels.length < SHOWN.share * touching) return undefined;
  const sorted = levels.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  return at(0.2) >= SHOWN.evenness * at(0.8) ? at(0.5) : undefined;
}

/** σ of the normal distribution whose share `cut` lies beyond the end that the distances are from. */
function censoredLevel(distances: Float64Array, cut: number): number | undefined {
  if (cut < TELLING.least || cut > TELLING.most) return undefined;
  const z = normalQuantile(cut);
  const density = Math.exp(-z * z * 0.5) / Math.sqrt(2 * Math.PI);
  let [sum, squares, products, most] = [0, 0, 0, 0];
  for (let i = 0; i < AREA; i++) {
    const d = distances[i];
    sum += d;
    squares += d * d;
    most = Math.max(most, d);
    if ((i & 7) < SIDE - 1) products += d * distances[i + 1];
  }
  const mean = sum / AREA;
  const sigma = mean / (density - z * (1 - cut));
  const expected = sigma ** 2 * ((1 + z * z) * (1 - cut) - z * density);
  const ratio = squares / AREA / expected;
  const scatter = squares / AREA - mean ** 2;
  const order = (products / (AREA - SIDE) - mean ** 2) / scatter;
  const asNoise =
    most <= TELLING.farthest * sigma &&
    ratio < TELLING.squares &&
    ratio > 1 / TELLING.squares &&
    Math.abs(order) < TELLING.alike;
  return asNoise && 255 * sigma <= BELIEVED.most ? sigma : undefined;
}

/** The value that a share of the standard normal distribution lies below; by bisection, to 1e-6. */
function normalQuantile(share: number): number {
  let [low, high] = [-6, 6];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return low;
}

/** Share of the standard normal distribution below z (Abramowitz & Stegun 26.2.17, to 1e-7). */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = series.reduceRight((total, b) => t * (b + total), 0);
  const tail = (Math.exp(-z * z * 0.5) / Math.sqrt(2 * Math.PI)) * sum;
  return z > 0 ? 1 - tail : tail;
}
