import type { Picture } from '../image/picture.ts';
import { AREA, dct, SIDE } from '../jpeg/dct.ts';
import { opponentOf, opponentPart } from '../nonlocal/opponent.ts';
import { inStretches, type Pieces } from '../time-slicing.ts';

/** What is known of the 8×8 blocks of a picture. */
export interface Spectra {
  readonly count: number;
  /** How far apart blocks lie, px. */
  readonly step: number;
  /** Upper left corner of each block, px. */
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** Mean of the colours, 0 … 1. */
  readonly brightness: Float32Array;
  /** Share of neighbours along rows or along columns, whichever is more, that are exactly alike in all colours. */
  readonly repeats: Float32Array;
  /** The same among those that are not both cut off; 0 where next to all are. */
  readonly repeatsWithin: Float32Array;
  /** Share of samples at an end of the range, of the colour with most of them. */
  readonly clipped: Float32Array;
  /** Of each opponent plane (or grey): squared cosine coefficients [block, 8, 8], samples in [0, 1]. */
  readonly power: readonly Float32Array[];
  /** Share of steps from pixel to pixel that change the colour differences next to nothing beside the block's others. */
  readonly still: Float32Array;
  /** Of each band the sum of products of both colour differences' coefficients; 0 of a grey picture. */
  readonly shared: Readonly<Record<Band, Float32Array>>;
  /** Of each colour of a picture that has three. */
  readonly colours: readonly ColourOfBlocks[];
}

/** What is known of one colour in each block. */
interface ColourOfBlocks {
  /** Mean, 0 … 1. */
  readonly level: Float32Array;
  /** Share of samples at an end of the range. */
  readonly clipped: Float32Array;
  /** Sum of squared cosine coefficients, of those that are measured. */
  readonly energy: Float32Array;
}

/** Whether a sample lies on the last of 8-bit steps at either end, as noise that was cut off does. */
export const isClipped = (value: number): boolean => value < 0.004 || value > 0.996;

/** Of the blocks at multiples of `step` px; those with samples that are not a number are left out. */
export function* spectraOf({ colour, channels, width, height }: Picture, step: number): Pieces<Spectra> {
  const n = width * height;
  const [columns, rows] = [width, height].map((side) => Math.max(0, Math.floor((side - SIDE) / step) + 1));
  const most = columns * rows;
  const planes = channels === 3 ? 3 : 1;
  const opponent = yield* opponentOf(colour, planes);
  const power = Array.from({ length: planes }, () => new Float32Array(most * AREA));
  const [brightness, repeats, repeatsWithin, clipped, still] = [0, 1, 2, 3, 4].map(
    () => new Float32Array(most),
  );
  const [xs, ys] = [new Int32Array(most), new Int32Array(most)];
  const block = Array.from({ length: channels }, () => new Float64Array(AREA));
  const mixed = Array.from({ length: planes }, () => new Float64Array(AREA));
  const shared = {
    low: new Float32Array(most),
    middle: new Float32Array(most),
    high: new Float32Array(most),
  };
  const colours = Array.from({ length: planes === 3 ? 3 : 0 }, () => ({
    ...{ level: new Float32Array(most), clipped: new Float32Array(most), energy: new Float32Array(most) },
  }));
  let count = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * step * width + column * step;
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < AREA; i++) block[c][i] = colour[c * n + at + (i >> 3) * width + (i & 7)];
      const facts = factsOf(block);
      if (Number.isNaN(facts.brightness)) continue;
      [xs[count], ys[count]] = [column * step, row * step];
      brightness[count] = facts.brightness;
      repeats[count] = facts.repeats;
      repeatsWithin[count] = facts.repeatsWithin;
      clipped[count] = facts.clipped;
      for (let p = 0; p < planes; p++) {
        for (let i = 0; i < AREA; i++) mixed[p][i] = opponent[p * n + at + (i >> 3) * width + (i & 7)];
        dct(mixed[p]);
        for (let i = 0; i < AREA; i++) power[p][count * AREA + i] = mixed[p][i] ** 2;
      }
      if (planes === 3) {
        still[count] = stillSteps(opponent.subarray(n), at, width);
        for (const band of BAND_NAMES)
          for (const i of BANDS[band]) shared[band][count] += mixed[1][i] * mixed[2][i];
        colours.forEach(({ level, clipped: cut, energy }, c) => {
          [level[count], cut[count]] = [facts.means[c], facts.ends[c] / AREA];
          energy[count] = energyOfColour(mixed, c);
        });
      }
      count++;
    }
    yield;
  }
  const found = { count, step, x: xs, y: ys, brightness, repeats, repeatsWithin, clipped };
  return { ...found, power, still, shared, colours };
}

/** A step is still below this share of the block's root mean square. */
const STILL = 0.25;
const steps = new Float64Array(2 * (SIDE - 1) ** 2);

/** Share of the steps to the next pixel, along rows and columns of a block of two planes, that are still. */
function stillSteps(planes: Float32Array, first: number, width: number): number {
  const n = planes.length / 2;
  let [sum, count] = [0, 0];
  for (let i = 0; i < (SIDE - 1) ** 2; i++) {
    const at = first + Math.floor(i / (SIDE - 1)) * width + (i % (SIDE - 1));
    for (const next of [at + 1, at + width]) {
      const square = (planes[at] - planes[next]) ** 2 + (planes[n + at] - planes[n + next]) ** 2;
      steps[count++] = square;
      sum += square;
    }
  }
  const most = (STILL ** 2 * sum) / count;
  let still = 0;
  for (const square of steps) if (square < most) still++;
  return still / count;
}

function factsOf(block: readonly Float64Array[]) {
  const [means, ends] = [block.map(() => 0), block.map(() => 0)];
  let sum = 0;
  for (const [c, samples] of block.entries()) {
    const before = sum;
    for (const value of samples) {
      sum += value;
      if (isClipped(value)) ends[c]++;
    }
    means[c] = (sum - before) / AREA;
  }
  const [brightness, clipped] = [sum / block.length / AREA, Math.max(...ends) / AREA];
  return { brightness, ...repeatsOf(block), clipped, means, ends };
}

/** Of a block's opponent coefficients, [3, 8, 8]: the energy of those measured, of one colour. */
function energyOfColour([y, u, v]: readonly Float64Array[], c: number): number {
  const [ofY, ofU, ofV] = [0, 1, 2].map((p) => opponentPart(p, c));
  let energy = 0;
  for (const i of MEASURED) energy += (ofY * y[i] + ofU * u[i] + ofV * v[i]) ** 2;
  return energy;
}

/** Pairs of neighbours of a block that must not both be cut off to tell whether they repeat themselves. */
const LEAST_WITHIN = 16;

function repeatsOf(block: readonly Float64Array[]) {
  const isEnd = (i: number) => {
    for (const samples of block) if (!isClipped(samples[i])) return false;
    return true;
  };
  const isSame = (i: number, j: number) => {
    for (const samples of block) if (samples[i] !== samples[j]) return false;
    return true;
  };
  /** Neighbours that are alike, and of those not both cut off how many there are and how many alike. */
  const along = (step: number) => {
    let [all, seen, within] = [0, 0, 0];
    for (let i = 0; i + step < AREA; i++) {
      if (step === 1 && (i & 7) === SIDE - 1) continue;
      const [same, cut] = [isSame(i, i + step), isEnd(i) && isEnd(i + step)];
      if (same) all++;
      if (!cut) seen++;
      if (same && !cut) within++;
    }
    return { all, within: seen < LEAST_WITHIN ? 0 : within / seen };
  };
  const [rows, columns] = [along(1), along(SIDE)];
  return {
    repeats: Math.max(rows.all, columns.all) / (AREA - SIDE),
    repeatsWithin: Math.max(rows.within, columns.within),
  };
}

/** Frequencies of a block: what planes and slopes leave of the lowest, the middle, and the highest, as indices. */
export const BANDS = (() => {
  const order = Array.from({ length: AREA }, (_, i) => i);
  const sum = (i: number) => (i >> 3) + (i & 7);
  return {
    low: order.filter((i) => sum(i) >= 1 && sum(i) <= 3 && i !== 1 && i !== SIDE),
    middle: order.filter((i) => sum(i) >= 4 && sum(i) <= 7),
    high: order.filter((i) => sum(i) >= 8),
  } as const;
})();
export type Band = keyof typeof BANDS;
const BAND_NAMES = Object.keys(BANDS) as Band[];
/** Frequencies that tell of noise more than of the picture. */
export const MEASURED = [...BANDS.middle, ...BANDS.high];

/** Squared frequency of a coefficient, in half cycles a block. */
export const squared = (i: number): number => (i >> 3) ** 2 + (i & 7) ** 2;

export const meanOf = (indices: readonly number[], f: (i: number) => number): number =>
  indices.reduce((sum, i) => sum + f(i), 0) / indices.length;

/** How much quieter a block looks with all of its samples clipped, by how it looks with some: half of them leave .35. */
export const QUIETER = 1.3;
/** Share of its noise's variance that clipping left a block. */
export const unclipped = ({ clipped }: Spectra, block: number): number => 1 - QUIETER * clipped[block];

/** Mean energy of a block's band. */
export function bandEnergy(power: Float32Array, block: number, band: Band): number {
  let sum = 0;
  for (const i of BANDS[band]) sum += power[block * AREA + i];
  return sum / BANDS[band].length;
}

/** The picture at half the size, by means of 2×2 pixels, in pieces. */
export function* halved({ colour, channels, width, height }: Picture): Pieces<Picture> {
  const [w, h] = [width >> 1, height >> 1];
  const half = new Float32Array(channels * w * h);
  yield* inStretches(half.length, (first, end) => {
    for (let to = first; to < end; to++) {
      const [c, y] = [Math.floor(to / (w * h)), Math.floor(to / w) % h];
      const at = (c * height + 2 * y) * width + 2 * (to % w);
      half[to] = (colour[at] + colour[at + 1] + colour[at + width] + colour[at + width + 1]) / 4;
    }
  });
  return { width: w, height: h, channels, colour: half, alpha: null };
}
