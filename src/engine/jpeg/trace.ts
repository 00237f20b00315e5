import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { AREA, dct, inverseDct, SIDE } from './dct.ts';
import { nearestQuality, tableOfQuality } from './tables.ts';
import { toPlanes } from './ycbcr.ts';

/** Different blocks looked at; more do not tell more. */
const BLOCKS = 1500;
/** Blocks that must fit a table, with something in them that can contradict it. */
const ENOUGH_BLOCKS = 16;
/** Share of the telling blocks that must fit: a compressed picture's all do, but for what was drawn over it. */
const SHARE = 0.65;
/** The same of blocks with black or white, whose coefficients cannot always be found. */
const CLIPPED_SHARE = 0.3;
/** Share of fitting blocks on a grid that is half a block off, from which the picture is a lattice itself. */
const LATTICE = 0.4;
/** How certain it must be that values lie at multiples by no accident, bits. */
const BITS = 80;
/** Qualities whose steps are wide enough to be told from the rounding to 8 bits. */
const [WORST, FINEST] = [3, 88];
const LIBJPEG = Array.from({ length: FINEST + 1 - WORST }, (_, i) => tableOfQuality(WORST + i));
/** Of decoding to 8 bits: a coefficient's largest error, and the root mean square over a block. */
const [OFF, ROUNDING] = [1.3, 0.6];

/**
 * Finds the table that a decoded JPEG's luma was quantised with, from its pixels: every coefficient of every block lies
 * at a multiple of its step. In drawings some do too, and their shapes repeat; so each different block counts once, has
 * to fit as a whole, and must not fit on a shifted grid. Needs the file's own pixel grid: a cropped or resized JPEG shows
 * nothing.
 *
 * @param picture with NaN where nothing is to be seen.
 * @returns steps [8, 8]; undefined when it does not look like a JPEG, or was compressed too little to matter.
 */
export function* findTable(picture: Picture): Pieces<Uint16Array | undefined> {
  const luma = yield* lumaOf(picture);
  const blocks = yield* differentBlocks(luma, 0, 0);
  const own = yield* tableOfClusters(blocks.filter(({ whole }) => whole).map(({ values }) => values));
  let best: { table: Uint16Array; bits: number } | undefined;
  for (const table of own ? [own, ...LIBJPEG] : LIBJPEG) {
    const bits = evidenceOf(blocks, table);
    if (bits > (best?.bits ?? BITS)) best = { table, bits };
    yield;
  }
  return best && !(yield* isLattice(luma, best.table)) ? best.table : undefined;
}

/** Bits from which a small picture that is no drawing may have been compressed, however few its blocks: of 112 clean ones of 20² to 96² px none has any. */
const SUSPECT_BITS = 20;
/** Qualities above this leave next to nothing to be made worse. */
const SUSPECT_QUALITY = 80;

/**
 * Whether a picture may be a decoded JPEG although it has too few blocks to say so: where what it is taken for alone would be
 * better left alone. Not to be asked of drawings, whose blocks fit by their shapes.
 */
export function* mayBeCompressed(picture: Picture): Pieces<boolean> {
  const luma = yield* lumaOf(picture);
  const blocks = yield* differentBlocks(luma, 0, 0);
  for (const table of LIBJPEG.slice(0, SUSPECT_QUALITY + 1 - WORST)) {
    if (evidenceOf(blocks, table, 1) >= SUSPECT_BITS && !(yield* isLattice(luma, table))) return true;
    yield;
  }
  return false;
}

/** Whether blocks of a grid that is half a block off fit as well: the picture is a lattice itself. */
function* isLattice(luma: Luma, table: Uint16Array): Pieces<boolean> {
  for (const [x, y] of [
    [4, 4],
    [4, 0],
    [0, 4],
  ]) {
    const { whole, clipped } = count(yield* differentBlocks(luma, x, y), table);
    const telling = whole.telling + clipped.telling;
    if (telling > 0 && whole.fitting + clipped.fitting > LATTICE * telling) return true;
  }
  return false;
}

/**
 * Share of telling blocks that must fit a table that is known to have been used: on another grid next to none does, and on
 * its own those of sharp coloured drawings do not whose samples were clipped. So few blocks tell nothing.
 */
const KNOWN = { share: 0.25, blocks: 24 } as const;

/** Whether a picture may be what such a table left: at any quality, and where little can be told. */
export function* agrees(picture: Picture, table: Uint16Array): Pieces<boolean> {
  const { whole, clipped } = count(yield* differentBlocks(yield* lumaOf(picture), 0, 0), table);
  const [fitting, telling] = [whole.fitting + clipped.fitting, whole.telling + clipped.telling];
  return telling < KNOWN.blocks || fitting >= KNOWN.share * telling;
}

/** What is known of a sample of luma: all; or that it was brighter, darker, or either, before it was clipped. */
const [CERTAIN, BRIGHTER, DARKER, UNKNOWN] = [0, 1, 2, 3];

interface Luma {
  readonly data: Float32Array;
  /** Of each sample, what is known. */
  readonly state: Uint8Array;
  readonly width: number;
  readonly height: number;
}

function* lumaOf({ colour, channels, width, height }: Picture): Pieces<Luma> {
  const n = width * height;
  const state = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (i % width === 0) yield;
    let [black, white] = [0, 0];
    for (let c = 0; c < channels; c++) {
      if (colour[c * n + i] <= 0) black++;
      if (colour[c * n + i] >= 1) white++;
    }
    if (black + white === 0) continue;
    state[i] = white === channels ? BRIGHTER : black === channels ? DARKER : UNKNOWN;
  }
  return { data: toPlanes(colour, channels)[0], state, width, height };
}

interface Block {
  readonly values: Float64Array;
  readonly state: Uint8Array;
  /** Whether all of its samples are known. */
  readonly whole: boolean;
}

/** Blocks of a grid that are neither flat nor repeated, each once and whatever its brightness; evenly over the picture. */
function* differentBlocks(luma: Luma, left: number, top: number): Pieces<Block[]> {
  const { width, height } = luma;
  const found = new Map<string, Block>();
  for (let y = top; y + SIDE <= height; y += SIDE) {
    for (let x = left; x + SIDE <= width; x += SIDE) {
      const block = blockAt(luma, y * width + x);
      const { values, state } = block;
      const flat = values.every((value) => Math.abs(value - values[0]) < 2);
      const hidden = values.some(Number.isNaN) || state.filter((s) => s === UNKNOWN).length > AREA / 2;
      if (!flat && !hidden)
        found.set(values.map((value) => Math.round(2 * (value - values[0]))).join(), block);
    }
    yield;
  }
  return some([...found.values()], BLOCKS);
}

function blockAt({ data, state, width }: Luma, at: number): Block {
  const values = new Float64Array(AREA);
  const known = new Uint8Array(AREA);
  for (let i = 0; i < AREA; i++) {
    const from = at + (i >> 3) * width + (i & 7);
    values[i] = data[from];
    known[i] = state[from];
  }
  return { values, state: known, whole: known.every((s) => s === CERTAIN) };
}

/** At most so many, evenly. */
function some<T>(all: readonly T[], most: number): T[] {
  const every = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(most, all.length) }, (_, i) => all[Math.floor(i * every)]);
}

/**
 * Bits that speak for a table; 0 where too few blocks tell of it, or too many contradict. Steps of half the size fit as
 * well and say less, those of neighbouring qualities do not fit all blocks.
 */
function evidenceOf(blocks: readonly Block[], table: Uint16Array, enough = ENOUGH_BLOCKS): number {
  for (const few of [some(blocks, 40), blocks]) {
    const { whole, clipped } = count(few, table);
    if (!mostFit(whole, SHARE) || !mostFit(clipped, CLIPPED_SHARE)) return 0;
    const [fitting, telling] = [whole.fitting + clipped.fitting, whole.telling + clipped.telling];
    if (few.length === blocks.length && fitting >= enough)
      return ((whole.bits + clipped.bits) * fitting) / telling;
  }
  return 0;
}

const mostFit = ({ fitting, telling }: Count, share: number) => fitting >= share * telling;

interface Count {
  fitting: number;
  /** Blocks that would show if they did not fit. */
  telling: number;
  bits: number;
}

function count(blocks: readonly Block[], table: Uint16Array): { whole: Count; clipped: Count } {
  const none = () => ({ fitting: 0, telling: 0, bits: 0 });
  const counts = { whole: none(), clipped: none() };
  const bitsOf = Float64Array.from(table, (step) => Math.max(0, Math.log2(step / (2 * OFF))));
  for (const block of blocks) {
    const bits = evidence(block, table, bitsOf);
    if (bits === 0) continue;
    const total = block.whole ? counts.whole : counts.clipped;
    total.telling++;
    if (bits < 0) continue;
    total.fitting++;
    total.bits += bits;
  }
  return counts;
}

/** Rounds of guessing what lay beyond black and white. */
const ROUNDS = 4;

/**
 * Bits that speak for a block being made of multiples of the steps; 0 = it is silent, −1 = it is not.
 *
 * @param bitsOf what each multiple says.
 */
function evidence({ values, state, whole }: Block, table: Uint16Array, bitsOf: Float64Array): number {
  const work = values.slice();
  const decoded = new Float64Array(AREA);
  for (let round = 0; ; round++) {
    dct(work);
    let bits = 0;
    let off = 0;
    for (let i = 0; i < AREA; i++) {
      const nearest = table[i] * Math.round(work[i] / table[i]);
      decoded[i] = nearest;
      if (i === 0 || nearest === 0) continue;
      off = Math.max(off, Math.abs(work[i] - nearest));
      bits += bitsOf[i];
    }
    inverseDct(decoded);
    let [squares, known] = [0, 0];
    for (let i = 0; i < AREA; i++) {
      const free =
        state[i] === UNKNOWN ||
        (state[i] === BRIGHTER && decoded[i] > values[i]) ||
        (state[i] === DARKER && decoded[i] < values[i]);
      work[i] = free ? decoded[i] : values[i];
      if (free) continue;
      squares += (decoded[i] - values[i]) ** 2;
      known++;
    }
    if (squares <= ROUNDING ** 2 * known && (!whole || off <= OFF)) return bits;
    if (whole || round === ROUNDS) return -1;
  }
}

/** Steps of fewer levels drown in the rounding to 8 bits. */
const SMALLEST_STEP = 4;
const LARGEST_STEP = 160;
/** Coefficients that must have kept a value, for a step to be seen in them. */
const ENOUGH_VALUES = 20;
/** Frequencies that must show a step each, and how far from a scaled standard table they may be on average (ln). */
const WITNESSES = 4;
const MOST_UNUSUAL = 0.5;

/** The table that blocks without black and white show; unseen steps as in the nearest standard table. */
function* tableOfClusters(blocks: readonly Float64Array[]): Pieces<Uint16Array | undefined> {
  const coefficients = blocks.map((block) => {
    const work = block.slice();
    dct(work);
    return work.map(Math.abs);
  });
  const steps = [0];
  for (let i = 1; i < AREA; i++) {
    steps.push(stepOf(coefficients.map((block) => block[i])));
    yield;
  }
  if (steps.filter((step) => step > 0).length < WITNESSES) return undefined;
  const { quality, distance } = nearestQuality(steps);
  if (distance > MOST_UNUSUAL) return undefined;
  const standard = tableOfQuality(quality);
  return Uint16Array.from(steps, (step, i) => step || standard[i]);
}

/** The largest step whose multiples the coefficients' magnitudes cluster at; 0 when none stands out. */
function stepOf(values: readonly number[]): number {
  for (let step = LARGEST_STEP; step >= SMALLEST_STEP; step--) {
    const kept = values.filter((value) => value > 0.6 * step);
    if (kept.length < ENOUGH_VALUES) continue;
    // Without clusters 2 in 5 would lie this near.
    const near = (value: number) => Math.abs(value - step * Math.round(value / step)) < 0.2 * step;
    const between = values.filter((value) => value > 0.25 * step && value <= 0.6 * step).length;
    if (kept.filter(near).length > 0.9 * kept.length && between < 0.2 * kept.length)
      return refined(step, kept);
  }
  return 0;
}

/** Few multiples allow a range of steps; the mean over all of them picks the one inside it. */
function refined(step: number, kept: readonly number[]): number {
  let [sum, multiples] = [0, 0];
  for (const value of kept) {
    sum += value;
    multiples += Math.round(value / step);
  }
  return Math.round(sum / multiples);
}
