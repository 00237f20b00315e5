import { type Picture, planesIn } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { evenNoise, type NoiseEstimate } from './noise.ts';

const SIDE = 8;
const AREA = SIDE * SIDE;

/**
 * Blocks that must show it, as a number and as a share of all; how alike their levels are, as the 20th by the 80th
 * percentile; and share of all blocks that may have less than noise leaves of itself.
 */
const SHOWN = { blocks: 40, share: 0.12, evenness: 0.65, quiet: 0.05 } as const;
/**
 * The same in a part of a picture, of which there are many: σ 25 over half of twelve bright or saturated pictures shows in .26 and more
 * of a part's blocks, evenness .74; of 60 undamaged photographs none has .1, brightened 1.6 times one .14, evenness .67.
 */
export const SHOWN_IN_PART = { blocks: 40, share: 0.18, evenness: 0.7, quiet: 0.02 } as const;
/** Share of the level below which a block is quieter than noise can be, wherever it is cut off. */
const QUIET = 0.3;
/** σ in 1/255 that is believed: less is not seen, and more has the shapes of letters and dots. */
const BELIEVED = { least: 3, most: 60 } as const;
/**
 * Share of clipped samples of a block that is looked at, in the colour with most of them: with less `findNoise` sees it.
 * In the others there may be none: below `few` the level is what samples deviate by.
 */
const CLIPPED = { least: 0.08, most: 0.85, few: 0.1 } as const;
/** Deviations within which all samples, their squares and the products of neighbours must lie to be noise. */
const TELLING = { farthest: 4.5, squares: 1.7, alike: 0.35 } as const;

/**
 * White noise near paper white or pitch black, where a part of it went beyond the range and was cut off: what noisy
 * scans of text and drawings have nothing but. A block tells of it by how many samples are cut off and how far the
 * others lie from the end (a normal distribution censored there), if they lie as such a distribution's do, without any
 * order. Null where too few do, or where some of the picture has none: what is drawn is full of plain places.
 */
export function* clippedNoise(
  picture: Picture,
  shown: Record<keyof typeof SHOWN, number> = SHOWN,
): Pieces<NoiseEstimate | null> {
  const { channels } = picture;
  if (channels !== 1 && channels !== 3) return null;
  const levels: number[][] = Array.from({ length: channels }, () => []);
  const spreads: number[][] = Array.from({ length: channels }, () => []);
  yield* eachBlock(picture, (block) => {
    for (const [c, { spread }] of block.entries()) spreads[c].push(spread);
    const clipped = Math.max(...block.map(({ cut }) => cut));
    if (clipped < CLIPPED.least || clipped > CLIPPED.most) return;
    const own = block.map(levelOf);
    if (own.includes(undefined)) return;
    for (const [c, level] of own.entries()) levels[c].push(level!);
  });
  const needed = Math.max(shown.blocks, shown.share * spreads[0].length);
  if (levels[0].length < needed) return null;
  let variance = 0;
  for (const [c, own] of levels.entries()) {
    const sorted = own.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
    if (at(0.2) < shown.evenness * at(0.8)) return null;
    const quiet = spreads[c].filter((spread) => spread < QUIET * at(0.5)).length;
    if (quiet > shown.quiet * spreads[c].length) return null;
    variance += at(0.5) ** 2 / channels;
  }
  const sigma = 255 * Math.sqrt(variance);
  if (sigma < BELIEVED.least) return null;
  return evenNoise(channels, sigma);
}

/** Samples nearer to an end than this were rounded to it in 8 bits. */
const ROUNDED_OFF = 0.5 / 255;

/** What a block of one colour shows. */
interface BlockFacts {
  /** Share of samples at the end of the range that is nearer. */
  readonly cut: number;
  /** Of the distances from that end: mean, mean square, the most, and mean product of neighbours along either axis. */
  readonly mean: number;
  readonly squares: number;
  readonly most: number;
  readonly products: readonly [number, number];
  /** Standard deviation. */
  readonly spread: number;
}

/** Blocks that overlap by half, without those with samples that are not a number. */
function* eachBlock(
  { colour, channels, width, height }: Picture,
  visit: (block: readonly BlockFacts[]) => void,
): Pieces<void> {
  const planes = planesIn(colour, channels);
  for (let top = 0; top + SIDE <= height; top += SIDE / 2) {
    for (let left = 0; left + SIDE <= width; left += SIDE / 2) {
      const block = planes.map((plane) => factsOf(plane, top * width + left, width));
      if (!block.some(({ mean }) => Number.isNaN(mean))) visit(block);
    }
    yield;
  }
}

function factsOf(x: Float32Array, first: number, width: number): BlockFacts {
  const end = x[first] > 0.5 ? 1 : 0;
  let [sum, squares, most, ends, along, down] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < AREA; i++) {
    const at = first + (i >> 3) * width + (i & 7);
    const d = Math.abs(end - x[at]);
    sum += d;
    squares += d * d;
    most = Math.max(most, d);
    if (d < ROUNDED_OFF || d > 1 - ROUNDED_OFF) ends++;
    if ((i & 7) < SIDE - 1) along += d * Math.abs(end - x[at + 1]);
    if (i < AREA - SIDE) down += d * Math.abs(end - x[at + width]);
  }
  const mean = sum / AREA;
  const pairs = AREA - SIDE;
  return {
    cut: ends / AREA,
    mean,
    squares: squares / AREA,
    most,
    products: [along / pairs, down / pairs],
    spread: Math.sqrt(Math.max(0, squares / AREA - mean ** 2)),
  };
}

/** σ of the normal distribution that a block is of, of which what lies beyond the end was cut off; undefined: of none. */
function levelOf({ cut, mean, squares, most, products, spread }: BlockFacts): number | undefined {
  const ordered = products.some((product) => Math.abs(product - mean ** 2) >= TELLING.alike * spread ** 2);
  if (ordered || cut > CLIPPED.most) return undefined;
  const few = cut < CLIPPED.few;
  const z = few ? 0 : normalQuantile(cut);
  const density = Math.exp(-z * z * 0.5) / Math.sqrt(2 * Math.PI);
  const sigma = few ? spread : mean / (density - z * (1 - cut));
  const expected = few ? squares : sigma ** 2 * ((1 + z * z) * (1 - cut) - z * density);
  const ratio = squares / expected;
  const farthest = (few ? mean : -z * sigma) + TELLING.farthest * sigma;
  const asNoise = most <= farthest && ratio < TELLING.squares && ratio > 1 / TELLING.squares;
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
export function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = series.reduceRight((total, b) => t * (b + total), 0);
  const tail = (Math.exp(-z * z * 0.5) / Math.sqrt(2 * Math.PI)) * sum;
  return z > 0 ? 1 - tail : tail;
}
