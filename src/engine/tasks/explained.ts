import { type Box, cutPicture, paste } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import { summedArea } from '../image/summed-area.ts';
import { type NoiseModel, type PlaneNoise, varianceAt } from '../nonlocal/noise-model.ts';
import { brightnessFactor, fromOpponent, toOpponent } from '../nonlocal/opponent.ts';
import { type IsOver, never } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';
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

/** Rows that are judged at once, and how far around them is looked: both on the blocks' grid. */
const STRIP = { rows: 256, around: 48 } as const;

/**
 * What was taken out of a noisy picture must be noise. It must not look like what was left: contrast that was taken from
 * strokes and edges is given back to them, without the noise. And block by block and colour by colour the energy of the
 * rest must be the noise's, or the original comes back there, fading over.
 *
 * @param estimate [channels, height, width]; what may stay takes its place, strip by strip.
 * @param mapped whether to tell for each pixel what was kept.
 * @param over whether the time is: the strips below are as they were.
 */
export function* whatNoiseExplains(
  picture: Picture,
  estimate: Float32Array,
  noise: NoiseModel,
  mapped = false,
  over: IsOver = never,
): Pieces<LastWord> {
  const { width, height, channels } = picture;
  if (channels !== noise.planes.length) return { colour: estimate, share: 1 };
  const map = mapped ? new Float32Array(width * height) : undefined;
  const whole = { ...picture, colour: estimate };
  let total = 0;
  /** Judged, but not yet in its place: the next strip looks at what was there. */
  let done: { readonly box: Box; readonly colour: Float32Array } | undefined;
  for (let top = 0; top < height; top += STRIP.rows) {
    if (over()) {
      const rest = { x: 0, y: top, width, height: height - top };
      if (done) paste(whole, done.box, done.colour);
      done = { box: rest, colour: cutPicture(picture, rest).colour };
      break;
    }
    const [from, to] = [Math.max(0, top - STRIP.around), Math.min(height, top + STRIP.rows + STRIP.around)];
    const around = { x: 0, y: from, width, height: to - from };
    const ours = cutPicture(whole, around).colour;
    if (done) paste(whole, done.box, done.colour);
    const { colour, kept } = yield* explainedIn(cutPicture(picture, around), ours, noise);
    const core = { x: 0, y: top - from, width, height: Math.min(STRIP.rows, height - top) };
    done = {
      box: { ...core, y: top },
      colour: cutPicture({ ...picture, colour, width, height: to - from, alpha: null }, core).colour,
    };
    const mine = kept.subarray(core.y * width, (core.y + core.height) * width);
    total = mine.reduce((sum, share) => sum + share, total);
    map?.set(mine, top * width);
  }
  if (done) paste(whole, done.box, done.colour);
  return { colour: estimate, share: total / (width * height), ...(map ? { map } : {}) };
}

/** Of one strip, as a picture: what may stay of the estimate, and how much of the change that is. */
function* explainedIn(picture: Picture, estimate: Float32Array, noise: NoiseModel) {
  const { width, height, colour } = picture;
  const n = width * height;
  const { kept, contrast } = yield* judged(picture, estimate, noise);
  for (let i = 0; i < estimate.length; i++) {
    const ours = Math.min(1, Math.max(0, estimate[i] + contrast[i]));
    estimate[i] = colour[i] + kept[i % n] * (ours - colour[i]);
  }
  return { colour: estimate, kept };
}

/**
 * The contrast alone: what an estimate took from strokes and edges of a picture, beyond what errors of that level can look
 * like, is given back to it. [channels, height, width]
 */
export function* withContrast(
  picture: Picture,
  estimate: Float32Array,
  errors: NoiseModel,
): Pieces<Float32Array> {
  const { contrast } = yield* judged(picture, estimate, errors);
  return estimate.map((value, i) => Math.min(1, Math.max(0, value + contrast[i])));
}

/** Per pixel how much of the change is noise, and per sample the contrast that was not. */
function* judged(picture: Picture, estimate: Float32Array, noise: NoiseModel) {
  const { width, height, colour } = picture;
  const planes = noise.planes.length as 1 | 3;
  const n = width * height;
  const left = toOpponent(estimate, planes, 0, n);
  const taken = toOpponent(difference(colour, estimate), planes, 0, n);
  const blocks = new Blocks(picture, noise, changedRows(picture, estimate));
  yield* blocks.look(taken, left);
  const { kept, given } = yield* blocks.judge(left);
  return { kept, contrast: fromOpponent(given, planes) };
}

/** Less than this is the rounding of colours to opponent ones and back. */
const ROUNDED = 1e-5;

/** [height] 1 = not as it was: what the time was too short for needs no judgement. */
function changedRows({ colour, width, height }: Picture, estimate: Float32Array): Uint8Array {
  const changed = new Uint8Array(height);
  estimate.forEach((value, i) => {
    if (Math.abs(value - colour[i]) > ROUNDED) changed[Math.floor(i / width) % height] = 1;
  });
  return changed;
}

const difference = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value - b[i]);

/** Where blocks start along an axis: the last ends where it does. */
function startsOf(length: number): number[] {
  const last = Math.max(0, length - SIDE);
  return [...Array.from({ length: Math.ceil(last / STEP) }, (_, i) => i * STEP), last];
}

/** Weight of each row and column of a block in what overlaps: a tent, so that no edge of a block is to be seen. */
const WINDOW = Float32Array.from({ length: SIDE }, (_, i) => Math.min(i + 0.5, SIDE - i - 0.5));

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

/**
 * Blocks on either side that lose contrast alike: a page of text, a wall; together they tell of a smaller loss. Code in
 * small letters keeps 95 % of its contrast by 7, 91 by 3; photographs lose 0.02 dB more (five crops, σ 25).
 */
const ALIKE = 7;
/** Those which must have lost it too: kodim07 and 19 gain .03 dB, and under 30 photons all of five crops .01 to .04 but one. */
const NEAR = 1;
/** How often each pixel is counted in blocks that overlap. */
const OVERLAP = (SIDE / STEP) ** 2;

type BoxSum = ReturnType<typeof summedArea>;

/** What is known of one plane in each block; all 0 where too little of the block is seen. */
class PlaneBlocks {
  readonly energy: Float64Array;
  readonly mean: Float64Array;
  readonly variation: Float64Array;
  readonly product: Float64Array;
  /** Variance of the noise. */
  readonly expected: Float64Array;
  readonly spread: ReturnType<typeof spreadOf>;

  constructor(count: number, noise: PlaneNoise) {
    const room = () => new Float64Array(count);
    [this.energy, this.mean, this.variation] = [room(), room(), room()];
    [this.product, this.expected] = [room(), room()];
    this.spread = spreadOf(noise);
  }

  set(at: number, { energy, mean, variation, product }: BlockFacts, expected: number): void {
    this.energy[at] = energy;
    this.mean[at] = mean;
    this.variation[at] = variation;
    this.product[at] = product;
    this.expected[at] = expected;
  }

  /** What the product varies by chance. */
  chance(at: number): number {
    return this.variation[at] * this.expected[at] * this.spread.product;
  }

  /** The way to sums of products, variations and chances over boxes of blocks. */
  sums(columns: number, rows: number): BoxSum[] {
    const chance = this.variation.map((_, at) => this.chance(at));
    return [this.product, this.variation, chance].map((values) => summedArea(values, columns, rows));
  }
}

/** The blocks of a picture, and what they say of a change. */
class Blocks {
  private readonly tops: readonly number[];
  private readonly lefts: readonly number[];
  private readonly planes: readonly PlaneBlocks[];

  constructor(
    private readonly picture: Picture,
    private readonly noise: NoiseModel,
    private readonly changed: Uint8Array,
  ) {
    [this.tops, this.lefts] = [startsOf(picture.height), startsOf(picture.width)];
    const count = this.tops.length * this.lefts.length;
    this.planes = noise.planes.map((plane) => new PlaneBlocks(count, plane));
  }

  /**
   * Calls `visit` with the index of each block that is to be judged and of which enough is seen, its visible pixels, and
   * its first pixel.
   */
  private *each(visit: (at: number, pixels: readonly number[], first: number) => void): Pieces<void> {
    const { width, alpha } = this.picture;
    for (const [row, top] of this.tops.entries()) {
      if (!this.changed.subarray(top, top + SIDE).includes(1)) continue;
      for (const [column, left] of this.lefts.entries()) {
        const first = top * width + left;
        const pixels = visiblePixels(first, width, alpha);
        if (pixels.length >= LEAST_VISIBLE) visit(row * this.lefts.length + column, pixels, first);
      }
      yield;
    }
  }

  /** Learns what was taken out of each block, and what was left. */
  *look(taken: Float32Array, left: Float32Array): Pieces<void> {
    const { width, height } = this.picture;
    const factor = brightnessFactor(this.noise.planes.length as 1 | 3);
    yield* this.each((at, pixels) => {
      const brightness = factor * mean(pixels, (i) => left[i]);
      this.planes.forEach((plane, p) => {
        const expected = ROUNDING + varianceAt(this.noise.planes[p], brightness);
        plane.set(at, blockOf(taken, left, p * width * height, pixels), expected);
      });
    });
  }

  /** Per pixel how much of the change may stay, and the contrast to give back to each plane. */
  *judge(left: Float32Array): Pieces<{ kept: Float32Array; given: Float32Array }> {
    const { width, height } = this.picture;
    const n = width * height;
    const [kept, covered] = [new Float32Array(n), new Float32Array(n)];
    const given = new Float32Array(this.planes.length * n);
    const around = this.planes.map((plane) => plane.sums(this.lefts.length, this.tops.length));
    yield;
    yield* this.each((at, pixels, first) => {
      const weights = pixels.map(
        (i) => WINDOW[(i - first) % width] * WINDOW[Math.floor((i - first) / width)],
      );
      let share = 1;
      this.planes.forEach((plane, p) => {
        const lost = this.lost(plane, around[p], at);
        const rest = plane.energy[at] - 2 * lost * plane.product[at] + lost ** 2 * plane.variation[at];
        const ratio = rest / (pixels.length * plane.expected[at]);
        share = Math.min(share, shareExplained(ratio, plane.spread.energy));
        if (lost > 0)
          pixels.forEach((i, k) => {
            given[p * n + i] += weights[k] * lost * (left[p * n + i] - plane.mean[at]);
          });
      });
      pixels.forEach((i, k) => {
        kept[i] += weights[k] * share;
        covered[i] += weights[k];
      });
    });
    for (let i = 0; i < n; i++) {
      kept[i] = covered[i] > 0 ? kept[i] / covered[i] : 1;
      for (let p = 0; p < this.planes.length; p++)
        given[p * n + i] = covered[i] > 0 ? given[p * n + i] / covered[i] : 0;
    }
    return { kept, given };
  }

  /**
   * Share of the contrast about the mean to give back to a block: least squares of what was taken out by what was left,
   * of the block or with those around, and then no more than those next to it seem to have lost. Noise has no part of it but by
   * chance, whose standard error is known.
   */
  private lost(plane: PlaneBlocks, around: readonly BoxSum[], at: number): number {
    if (plane.spread.product > CONTRAST.white) return 0;
    const columns = this.lefts.length;
    const [column, row] = [at % columns, Math.floor(at / columns)];
    const within = (reach: number) => {
      const [left, top] = [Math.max(0, column - reach), Math.max(0, row - reach)];
      const [right, bottom] = [column, row].map((i) => i + reach + 1);
      return around.map((sum) =>
        sum(left, top, Math.min(columns, right), Math.min(this.tops.length, bottom)),
      );
    };
    const [product, variation, chance] = within(ALIKE);
    const ofAll = surelyLost(product, variation, OVERLAP * chance);
    const sure = surelyLost(plane.product[at], plane.variation[at], plane.chance(at));
    const [nearProduct, nearVariation] = within(NEAR);
    return nearProduct > 0 ? Math.max(sure, Math.min(ofAll, nearProduct / nearVariation)) : sure;
  }
}

function surelyLost(product: number, variation: number, chance: number): number {
  if (variation <= 0 || product <= 0) return 0;
  const lost = product / variation;
  // A box's sum is a difference of others, and may be a rounding error below 0.
  const error = Math.sqrt(Math.max(0, chance)) / variation;
  return Math.min(CONTRAST.most, lost * Math.max(0, 1 - ((CONTRAST.sure * error) / lost) ** 2));
}
