import type { Picture } from '../image/picture.ts';
import { type SumOver, summed } from '../image/summed-area.ts';
import { type NoiseModel, type PlaneNoise, varianceAt } from '../nonlocal/noise-model.ts';
import { brightnessFactor } from '../nonlocal/opponent.ts';
import { inStretches, type Pieces } from '../time-slicing.ts';

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

/** Where blocks start along an axis: the last ends where it does. */
function startsOf(length: number): number[] {
  const last = Math.max(0, length - SIDE);
  return [...Array.from({ length: Math.ceil(last / STEP) }, (_, i) => i * STEP), last];
}

/** Weight of each row and column of a block in what overlaps: a tent, so that no edge of a block is to be seen. */
const WINDOW = Float32Array.from({ length: SIDE }, (_, i) => Math.min(i + 0.5, SIDE - i - 0.5));

/** The same of a block's pixels, row by row. */
const WEIGHTS = Float64Array.from({ length: SIDE * SIDE }, (_, k) => {
  return WINDOW[k % SIDE] * WINDOW[Math.floor(k / SIDE)];
});

/** Pixels of a block that must be seen for it to be judged. */
const LEAST_VISIBLE = 16;

/** The pixels of a block that are not wholly transparent: those of one block at a time, for there are many. */
class Seen {
  readonly pixels = new Int32Array(SIDE * SIDE);
  readonly weights = WEIGHTS.slice();
  count = SIDE * SIDE;
  readonly #offsets: Int32Array;

  constructor(width: number) {
    this.#offsets = Int32Array.from(WEIGHTS, (_, k) => Math.floor(k / SIDE) * width + (k % SIDE));
  }

  /** @param first the block's first pixel. */
  look(first: number, alpha: Float32Array | null): void {
    const { pixels, weights } = this;
    for (let k = 0; k < pixels.length; k++) pixels[k] = first + this.#offsets[k];
    if (!alpha) return;
    this.count = 0;
    for (let k = 0; k < pixels.length; k++) {
      if (!(alpha[pixels[k]] > 0)) continue;
      pixels[this.count] = pixels[k];
      weights[this.count++] = WEIGHTS[k];
    }
  }

  meanOf(values: Float32Array): number {
    let sum = 0;
    for (let k = 0; k < this.count; k++) sum += values[this.pixels[k]];
    return sum / this.count;
  }
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

/**
 * Blocks on either side that lose contrast alike: a word, a page of text, a wall; the more, the smaller a loss they tell of. Code
 * in small letters keeps 95 % of its contrast by 7, 91 by 3; photographs lose 0.02 dB more (five crops, σ 25).
 */
const ALIKE = [1, 2, 4, 7];
/** Those which must have lost it too: kodim07 and 19 gain .03 dB, and under 30 photons all of five crops .01 to .04 but one. */
const NEAR = 1;
/** How often each pixel is counted in blocks that overlap. */
const OVERLAP = (SIDE / STEP) ** 2;

/** What was taken out beside a pattern that it may have the look of, of each block; `sums`: of these, in this order. */
interface Beside {
  /** What is lost of a plane's own contrast makes it paler; colour may lack either way of brightness. */
  readonly isOwn: boolean;
  readonly product: Float64Array;
  readonly variation: Float64Array;
  readonly chance: Float64Array;
  readonly sums: readonly SumOver[];
}

/** What is known of one plane in each block; all 0 where too little of the block is seen. */
class PlaneBlocks {
  /** Of all that was taken out. */
  readonly energy: Float64Array;
  readonly mean: Float64Array;
  /** Of what was left, about its mean; and its product with what was taken out. */
  readonly variation: Float64Array;
  readonly product: Float64Array;
  /**
   * Its product with what was left of the brightness: of letters denoising leaves that, and takes part of their colour, which
   * is fainter. Eighteen drawings gain 0 to 1.5 dB by it at σ 25, photographs nothing.
   */
  readonly tint: Float64Array;
  /** Variance of the noise. */
  readonly expected: Float64Array;
  readonly spread: ReturnType<typeof spreadOf>;

  constructor(count: number, noise: PlaneNoise) {
    const room = () => new Float64Array(count);
    [this.energy, this.mean, this.variation] = [room(), room(), room()];
    [this.product, this.tint, this.expected] = [room(), room(), room()];
    this.spread = spreadOf(noise);
  }

  /** Of a block, in the planes that start at `from`. */
  look(at: number, taken: Float32Array, left: Float32Array, from: number, { pixels, count }: Seen): void {
    let [energy, sum, sumTaken, squares, products, bright, tints] = [0, 0, 0, 0, 0, 0, 0];
    for (let k = 0; k < count; k++) {
      const d = taken[from + pixels[k]];
      const x = left[from + pixels[k]];
      const y = left[pixels[k]];
      energy += d * d;
      sum += x;
      sumTaken += d;
      squares += x * x;
      products += x * d;
      bright += y;
      tints += y * d;
    }
    const mean = sum / count;
    this.energy[at] = energy;
    this.mean[at] = mean;
    this.variation[at] = squares - sum * mean;
    this.product[at] = products - sumTaken * mean;
    this.tint[at] = tints - (sumTaken * bright) / count;
  }

  /** Beside what was left of a plane: of this one or of the brightness. */
  *beside(product: Float64Array, of: PlaneBlocks, columns: number, rows: number): Pieces<Beside> {
    const { variation } = of;
    // What the product varies by chance.
    const chance = variation.map((value, at) => value * this.expected[at] * this.spread.product);
    const sums: SumOver[] = [];
    for (const values of [product, variation, chance]) sums.push(yield* summed(values, columns, rows));
    return { isOwn: of === this, product, variation, chance, sums };
  }
}

/** The blocks of a picture, and what they say of a change. */
export class Blocks {
  private readonly tops: readonly number[];
  private readonly lefts: readonly number[];
  private readonly planes: readonly PlaneBlocks[];

  constructor(
    private readonly picture: Picture,
    private readonly noise: NoiseModel,
    private readonly changed: Uint8Array,
    /** Whether colours may have been lost beside brightness. */
    private readonly tinted: boolean,
  ) {
    [this.tops, this.lefts] = [startsOf(picture.height), startsOf(picture.width)];
    const count = this.tops.length * this.lefts.length;
    this.planes = noise.planes.map((plane) => new PlaneBlocks(count, plane));
  }

  /** Calls `visit` with the index of each block that is to be judged and of which enough is seen, and its pixels. */
  private *each(visit: (at: number, seen: Seen) => void): Pieces<void> {
    const { width, alpha } = this.picture;
    const seen = new Seen(width);
    for (const [row, top] of this.tops.entries()) {
      if (!this.changed.subarray(top, top + SIDE).includes(1)) continue;
      for (let column = 0; column < this.lefts.length; column++) {
        seen.look(top * width + this.lefts[column], alpha);
        if (seen.count >= LEAST_VISIBLE) visit(row * this.lefts.length + column, seen);
      }
      yield;
    }
  }

  /** Learns what was taken out of each block, and what was left. */
  *look(taken: Float32Array, left: Float32Array): Pieces<void> {
    const { planes, noise } = this;
    const n = this.picture.width * this.picture.height;
    const factor = brightnessFactor(noise.planes.length as 1 | 3);
    yield* this.each((at, seen) => {
      const brightness = factor * seen.meanOf(left);
      for (let p = 0; p < planes.length; p++) {
        planes[p].look(at, taken, left, p * n, seen);
        planes[p].expected[at] = ROUNDING + varianceAt(noise.planes[p], brightness);
      }
    });
  }

  /** Per pixel how much of the change may stay, and the contrast to give back to each plane. */
  *judge(left: Float32Array): Pieces<{ kept: Float32Array; given: Float32Array }> {
    const { planes } = this;
    const n = this.picture.width * this.picture.height;
    const [kept, covered] = [new Float32Array(n), new Float32Array(n)];
    const given = new Float32Array(planes.length * n);
    const size = [this.lefts.length, this.tops.length] as const;
    const patterns: Beside[][] = [];
    for (const [p, plane] of planes.entries()) {
      patterns.push([yield* plane.beside(plane.product, plane, ...size)]);
      if (p > 0 && this.tinted) patterns[p].push(yield* plane.beside(plane.tint, planes[0], ...size));
    }
    yield* this.each((at, { pixels, weights, count }) => {
      let share = 1;
      for (let p = 0; p < planes.length; p++) {
        const plane = planes[p];
        const { lost, like, less } = this.givenBack(p, patterns[p], at);
        const ratio = (plane.energy[at] - less) / (count * plane.expected[at]);
        share = Math.min(share, shareExplained(ratio, plane.spread.energy));
        if (lost === 0) continue;
        const mean = planes[like].mean[at];
        for (let k = 0; k < count; k++)
          given[p * n + pixels[k]] += weights[k] * lost * (left[like * n + pixels[k]] - mean);
      }
      for (let k = 0; k < count; k++) {
        kept[pixels[k]] += weights[k] * share;
        covered[pixels[k]] += weights[k];
      }
    });
    yield* inStretches(n, (from, to) => {
      for (let i = from; i < to; i++) {
        kept[i] = covered[i] > 0 ? kept[i] / covered[i] : 1;
        for (let p = 0; p < planes.length; p++)
          given[p * n + i] = covered[i] > 0 ? given[p * n + i] / covered[i] : 0;
      }
    });
    return { kept, given };
  }

  /** What to give back to a plane of a block: so much of which plane's contrast, and how much less energy was taken out then. */
  private givenBack(p: number, patterns: readonly Beside[], at: number) {
    if (this.planes[p].spread.product > CONTRAST.white) return { lost: 0, like: p, less: 0 };
    const [own, tint = own] = patterns.map((beside) => {
      const lost = this.lost(beside, at);
      const less = 2 * lost * beside.product[at] - lost ** 2 * beside.variation[at];
      return { lost, like: beside.isOwn ? p : 0, less };
    });
    return tint.less > own.less ? tint : own;
  }

  /**
   * Share of the contrast about the mean to give back to a block: least squares of what was taken out by what was left,
   * of the block or with those around, and then no more than those next to it seem to have lost. Noise has no part of it but by
   * chance, whose standard error is known.
   */
  private lost({ isOwn, product, variation, chance, sums }: Beside, at: number): number {
    const [products, variations, chances] = sums;
    const sure = surelyLost(product[at], variation[at], chance[at]);
    const near = this.sumAround(products, at, NEAR);
    const nearby = this.sumAround(variations, at, NEAR);
    const sign = Math.sign(near);
    if (nearby <= 0 || sign * sure < 0 || (isOwn && sign < 0)) return isOwn ? Math.max(0, sure) : sure;
    let most = sign * sure;
    for (const reach of ALIKE) {
      const byChance = OVERLAP * this.sumAround(chances, at, reach);
      const ofAll = surelyLost(
        this.sumAround(products, at, reach),
        this.sumAround(variations, at, reach),
        byChance,
      );
      most = Math.max(most, Math.min(sign * ofAll, (sign * near) / nearby));
    }
    return sign * most;
  }

  /** Over blocks up to `reach` from one. */
  private sumAround(sum: SumOver, at: number, reach: number): number {
    const columns = this.lefts.length;
    const column = at % columns;
    const row = Math.floor(at / columns);
    const right = Math.min(columns, column + reach + 1);
    const bottom = Math.min(this.tops.length, row + reach + 1);
    return sum(Math.max(0, column - reach), Math.max(0, row - reach), right, bottom);
  }
}

/** Of either sign; 0 where it may be chance. */
function surelyLost(product: number, variation: number, chance: number): number {
  if (variation <= 0 || product === 0) return 0;
  const lost = product / variation;
  // A box's sum is a difference of others, and may be a rounding error below 0.
  const error = Math.sqrt(Math.max(0, chance)) / variation;
  const sure = lost * Math.max(0, 1 - ((CONTRAST.sure * error) / lost) ** 2);
  return Math.sign(sure) * Math.min(CONTRAST.most, Math.abs(sure));
}
