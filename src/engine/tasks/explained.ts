import { type Box, cutPicture, paste } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import { type SumOver, summedArea } from '../image/summed-area.ts';
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
  for (let i = 0; i < contrast.length; i++) contrast[i] = Math.min(1, Math.max(0, estimate[i] + contrast[i]));
  return contrast;
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
  for (let row = 0, i = 0; i < estimate.length; row++)
    for (const end = i + width; i < end; i++)
      if (Math.abs(estimate[i] - colour[i]) > ROUNDED) changed[row % height] = 1;
  return changed;
}

function difference(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i] - b[i];
  return out;
}

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
  readonly weights = new Float64Array(SIDE * SIDE);
  count = 0;

  /** @param first the block's first pixel. */
  look(first: number, width: number, alpha: Float32Array | null): void {
    this.count = 0;
    for (let k = 0; k < WEIGHTS.length; k++) {
      const i = first + Math.floor(k / SIDE) * width + (k % SIDE);
      if (alpha && !(alpha[i] > 0)) continue;
      this.pixels[this.count] = i;
      this.weights[this.count++] = WEIGHTS[k];
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
 * Blocks on either side that lose contrast alike: a page of text, a wall; together they tell of a smaller loss. Code in
 * small letters keeps 95 % of its contrast by 7, 91 by 3; photographs lose 0.02 dB more (five crops, σ 25).
 */
const ALIKE = 7;
/** Those which must have lost it too: kodim07 and 19 gain .03 dB, and under 30 photons all of five crops .01 to .04 but one. */
const NEAR = 1;
/** How often each pixel is counted in blocks that overlap. */
const OVERLAP = (SIDE / STEP) ** 2;

/** What is known of one plane in each block; all 0 where too little of the block is seen. */
class PlaneBlocks {
  /** Of all that was taken out. */
  readonly energy: Float64Array;
  readonly mean: Float64Array;
  /** Of what was left, about its mean; and its product with what was taken out. */
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

  /** Of a block, in the planes that start at `from`. */
  look(at: number, taken: Float32Array, left: Float32Array, from: number, { pixels, count }: Seen): void {
    let [energy, sum, sumTaken, squares, products] = [0, 0, 0, 0, 0];
    for (let k = 0; k < count; k++) {
      const d = taken[from + pixels[k]];
      const x = left[from + pixels[k]];
      energy += d * d;
      sum += x;
      sumTaken += d;
      squares += x * x;
      products += x * d;
    }
    const mean = sum / count;
    this.energy[at] = energy;
    this.mean[at] = mean;
    this.variation[at] = squares - sum * mean;
    this.product[at] = products - sumTaken * mean;
  }

  /** What the product varies by chance. */
  chance(at: number): number {
    return this.variation[at] * this.expected[at] * this.spread.product;
  }

  /** The way to sums of products, variations and chances over boxes of blocks. */
  sums(columns: number, rows: number): SumOver[] {
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

  /** Calls `visit` with the index of each block that is to be judged and of which enough is seen, and its pixels. */
  private *each(visit: (at: number, seen: Seen) => void): Pieces<void> {
    const { width, alpha } = this.picture;
    const seen = new Seen();
    for (const [row, top] of this.tops.entries()) {
      if (!this.changed.subarray(top, top + SIDE).includes(1)) continue;
      for (let column = 0; column < this.lefts.length; column++) {
        seen.look(top * width + this.lefts[column], width, alpha);
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
    const around = planes.map((plane) => plane.sums(this.lefts.length, this.tops.length));
    yield;
    yield* this.each((at, { pixels, weights, count }) => {
      let share = 1;
      for (let p = 0; p < planes.length; p++) {
        const plane = planes[p];
        const lost = this.lost(plane, around[p], at);
        const rest = plane.energy[at] - 2 * lost * plane.product[at] + lost ** 2 * plane.variation[at];
        const ratio = rest / (count * plane.expected[at]);
        share = Math.min(share, shareExplained(ratio, plane.spread.energy));
        if (lost === 0) continue;
        for (let k = 0; k < count; k++) {
          const i = p * n + pixels[k];
          given[i] += weights[k] * lost * (left[i] - plane.mean[at]);
        }
      }
      for (let k = 0; k < count; k++) {
        kept[pixels[k]] += weights[k] * share;
        covered[pixels[k]] += weights[k];
      }
    });
    for (let i = 0; i < n; i++) {
      kept[i] = covered[i] > 0 ? kept[i] / covered[i] : 1;
      for (let p = 0; p < planes.length; p++)
        given[p * n + i] = covered[i] > 0 ? given[p * n + i] / covered[i] : 0;
    }
    return { kept, given };
  }

  /**
   * Share of the contrast about the mean to give back to a block: least squares of what was taken out by what was left,
   * of the block or with those around, and then no more than those next to it seem to have lost. Noise has no part of it but by
   * chance, whose standard error is known.
   */
  private lost(plane: PlaneBlocks, around: readonly SumOver[], at: number): number {
    if (plane.spread.product > CONTRAST.white) return 0;
    const [product, variation, chance] = around;
    const within = (sum: SumOver, reach: number) => this.sumAround(sum, at, reach);
    const ofAll = surelyLost(
      within(product, ALIKE),
      within(variation, ALIKE),
      OVERLAP * within(chance, ALIKE),
    );
    const sure = surelyLost(plane.product[at], plane.variation[at], plane.chance(at));
    const near = within(product, NEAR);
    return near > 0 ? Math.max(sure, Math.min(ofAll, near / within(variation, NEAR))) : sure;
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

function surelyLost(product: number, variation: number, chance: number): number {
  if (variation <= 0 || product <= 0) return 0;
  const lost = product / variation;
  // A box's sum is a difference of others, and may be a rounding error below 0.
  const error = Math.sqrt(Math.max(0, chance)) / variation;
  return Math.min(CONTRAST.most, lost * Math.max(0, 1 - ((CONTRAST.sure * error) / lost) ** 2));
}
