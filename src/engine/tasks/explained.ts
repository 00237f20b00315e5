import type { Picture } from '../image/picture.ts';
import { type NoiseModel, type PlaneNoise, varianceAt } from '../nonlocal/noise-model.ts';
import { brightnessFactor, fromOpponent, toOpponent } from '../nonlocal/opponent.ts';
import type { Pieces } from '../turns.ts';
import type { LastWord } from './task.ts';

/** Side of the blocks that are judged, and how far apart they lie, px. */
const SIDE = 8;
const STEP = 4;

/**
 * By how much the energy of what was taken out of a block may be above the noise's: all of it is noise up to the first,
 * none of it beyond the second. White noise of 64 samples varies by a sixth; noise that is alike over some pixels by more.
 */
const EXPLAINED = { all: 0.6, none: 1.6 } as const;
/**
 * Standard errors by which taken-out contrast must differ from none, and the most that is given back. Of noise that is alike
 * over more pixels than so many, some is left in the estimate, and looks like what was taken out.
 */
const CONTRAST = { sure: 3, most: 0.5, white: 2.5 } as const;
/** Rounding to 8 bits may be more than noise that is hardly there, as a variance. */
const ROUNDING = 1 / 12 / 255 ** 2;

/**
 * What was taken out of a noisy picture must be noise. Block by block and colour by colour its energy fits the noise's, or
 * the original comes back there, fading over; and it does not look like what was left, or the contrast that it took from
 * strokes and edges is given back to them, without the noise.
 */
export function* whatNoiseExplains(
  { width, height, channels, colour, alpha }: Picture,
  estimate: Float32Array,
  noise: NoiseModel,
): Pieces<LastWord> {
  const planes = noise.planes.length as 1 | 3;
  const n = width * height;
  if (channels !== planes) return { colour: estimate, share: 1 };
  const taken = toOpponent(difference(colour, estimate), planes, 0, n);
  const left = toOpponent(estimate, planes, 0, n);
  const [tops, lefts] = [startsOf(height), startsOf(width)];
  const [kept, covered] = [new Float32Array(n), new Float32Array(n)];
  const spreads = noise.planes.map(spreadOf);
  const grids = noise.planes.map(() => new BlockGrid(lefts.length, tops.length));
  for (const [row, top] of tops.entries()) {
    for (const [column, x] of lefts.entries()) {
      const pixels = visiblePixels(top * width + x, width, alpha);
      if (pixels.length < LEAST_VISIBLE) continue;
      const brightness = brightnessFactor(planes) * mean(pixels, (i) => left[i]);
      let share = 1;
      for (let p = 0; p < planes; p++) {
        const block = blockOf(taken, left, p * n, pixels);
        const expected = ROUNDING + varianceAt(noise.planes[p], brightness);
        share = Math.min(share, shareExplained(block.energy / (pixels.length * expected), spreads[p].energy));
        if (spreads[p].product <= CONTRAST.white)
          grids[p].set(column, row, block, expected * spreads[p].product);
      }
      for (const i of pixels) {
        kept[i] += share;
        covered[i]++;
      }
    }
    yield;
  }
  const contrast = new Float32Array(planes * n);
  for (const [row, top] of tops.entries()) {
    for (const [column, x] of lefts.entries())
      for (let p = 0; p < planes; p++) {
        const given = grids[p].lost(column, row);
        if (given === 0) continue;
        const about = grids[p].mean(column, row);
        for (const i of visiblePixels(top * width + x, width, alpha))
          contrast[p * n + i] += given * (left[p * n + i] - about);
      }
    yield;
  }
  for (let i = 0; i < n; i++) kept[i] = covered[i] > 0 ? kept[i] / covered[i] : 1;
  const given = fromOpponent(
    contrast.map((value, i) => value / Math.max(1, covered[i % n])),
    planes,
  );
  const result = estimate.map((value, i) => {
    const ours = Math.min(1, Math.max(0, value + given[i]));
    return colour[i] + kept[i % n] * (ours - colour[i]);
  });
  return { colour: result, share: kept.reduce((sum, share) => sum + share, 0) / n, map: kept };
}

const difference = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value - b[i]);

/** Where blocks start along an axis: the last ends where it does. */
function startsOf(length: number): number[] {
  const last = Math.max(0, length - SIDE);
  return [...Array.from({ length: Math.ceil(last / STEP) }, (_, i) => i * STEP), last];
}

/** Pixels of a block that must be seen for it to be judged. */
const LEAST_VISIBLE = 16;

/** The pixels of a block that are not wholly transparent. */
function visiblePixels(at: number, width: number, alpha: Float32Array | null): number[] {
  const pixels: number[] = [];
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const i = at + y * width + x;
      if (!alpha || alpha[i] > 0) pixels.push(i);
    }
  return pixels;
}

function mean(pixels: readonly number[], f: (i: number) => number): number {
  let sum = 0;
  for (const i of pixels) sum += f(i);
  return sum / pixels.length;
}

interface BlockFacts {
  /** Of all that was taken out. */
  readonly energy: number;
  readonly mean: number;
  /** Of what was left, about its mean; and its product with what was taken out. */
  readonly variation: number;
  readonly product: number;
}

/** Of the plane that starts at `from`. */
function blockOf(
  taken: Float32Array,
  left: Float32Array,
  from: number,
  pixels: readonly number[],
): BlockFacts {
  let [energy, sum, sumTaken, squares, products] = [0, 0, 0, 0, 0];
  for (const i of pixels) {
    const [d, x] = [taken[from + i], left[from + i]];
    energy += d * d;
    sum += x;
    sumTaken += d;
    squares += x * x;
    products += x * d;
  }
  const mean = sum / pixels.length;
  return { energy, mean, variation: squares - sum * mean, product: products - sumTaken * mean };
}

/**
 * How much more than white noise's the sums over a block vary, where neighbours' noise is alike: of squares, as a factor
 * of the standard deviation; of products with what is alike too, as one of the variance.
 */
function spreadOf({ correlation }: PlaneNoise): { readonly energy: number; readonly product: number } {
  const squares = correlation.reduce((sum, r) => sum + r * r, 0);
  return { energy: Math.sqrt(squares), product: correlation.reduce((sum, r) => sum + Math.max(0, r), 0) };
}

/** `ratio`: energy by what is expected. */
function shareExplained(ratio: number, spread: number): number {
  const [all, none] = [1 + EXPLAINED.all * spread, 1 + EXPLAINED.none * spread];
  return Math.min(1, Math.max(0, (none - ratio) / (none - all)));
}

/** Blocks on either side that lose contrast alike: a page of text, a wall; together they tell of a smaller loss. */
const ALIKE = 3;
/** How often each pixel is counted in blocks that overlap. */
const OVERLAP = (SIDE / STEP) ** 2;

/** What is known of the blocks of a plane. */
class BlockGrid {
  private readonly means: Float64Array;
  private readonly variations: Float64Array;
  private readonly products: Float64Array;
  /** Variation × the variance of the noise: what the products vary by chance. */
  private readonly chances: Float64Array;

  constructor(
    private readonly columns: number,
    private readonly rows: number,
  ) {
    const count = columns * rows;
    this.means = new Float64Array(count);
    this.variations = new Float64Array(count);
    this.products = new Float64Array(count);
    this.chances = new Float64Array(count);
  }

  set(column: number, row: number, { mean, variation, product }: BlockFacts, expected: number): void {
    const at = row * this.columns + column;
    this.means[at] = mean;
    this.variations[at] = variation;
    this.products[at] = product;
    this.chances[at] = variation * expected;
  }

  mean(column: number, row: number): number {
    return this.means[row * this.columns + column];
  }

  /**
   * Share of the contrast about the mean to give back to a block: least squares of what was taken out by what was left,
   * of the block or with those around. Noise has no part of it but by chance, whose standard error is known.
   */
  lost(column: number, row: number): number {
    const at = row * this.columns + column;
    const own = surelyLost(this.products[at], this.variations[at], this.chances[at]);
    let [product, variation, chance] = [0, 0, 0];
    for (let y = Math.max(0, row - ALIKE); y <= Math.min(this.rows - 1, row + ALIKE); y++)
      for (let x = Math.max(0, column - ALIKE); x <= Math.min(this.columns - 1, column + ALIKE); x++) {
        const i = y * this.columns + x;
        product += this.products[i];
        variation += this.variations[i];
        chance += this.chances[i];
      }
    return Math.max(own, surelyLost(product, variation, OVERLAP * chance));
  }
}

function surelyLost(product: number, variation: number, chance: number): number {
  if (variation <= 0 || product <= 0) return 0;
  const lost = product / variation;
  const error = Math.sqrt(chance) / variation;
  return Math.min(CONTRAST.most, lost * Math.max(0, 1 - ((CONTRAST.sure * error) / lost) ** 2));
}
