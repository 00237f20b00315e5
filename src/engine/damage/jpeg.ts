import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../turns.ts';
import { dct, eachBlock, SIDE } from './dct.ts';

/** How an image was compressed: the steps its luma was rounded to, [8, 8] by frequency, in 1/255. */
export interface JpegTrace {
  readonly table: Uint8Array;
  /** As libjpeg numbers it, 1 … 100. */
  readonly quality: number;
  /** Where the table is from. */
  readonly source: 'file' | 'pixels';
}

/** Annex K.1 of ITU-T T.81: the luma table at quality 50. */
// biome-ignore format: rows of the standard's table
const STANDARD = [
  16, 11, 10, 16, 24, 40, 51, 61,
  12, 12, 14, 19, 26, 58, 60, 55,
  14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77,
  24, 35, 55, 64, 81, 104, 113, 92,
  49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];

/** libjpeg's scaling of the standard table. */
export function tableOfQuality(quality: number): Uint8Array {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return Uint8Array.from(STANDARD, (q) => Math.min(255, Math.max(1, Math.floor((q * scale + 50) / 100))));
}

/** Frequencies in the order files store them. */
const ZIGZAG = (() => {
  const order = Array.from({ length: SIDE * SIDE }, (_, i) => i);
  const diagonal = (i: number) => Math.floor(i / SIDE) + (i % SIDE);
  const along = (i: number) => (diagonal(i) % 2 === 0 ? i % SIDE : Math.floor(i / SIDE));
  return order.sort((a, b) => diagonal(a) - diagonal(b) || along(a) - along(b));
})();

/** The luma table of a JPEG file's bytes; undefined when they are none, or its tables cannot be read. */
export function traceOfFile(bytes: Uint8Array): JpegTrace | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1];
    if (marker === 0xda) return undefined; // the scan: tables come before it
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    if (marker === 0xdb) {
      const table = firstTable(bytes.subarray(at + 4, at + 2 + length));
      if (table) return { table, quality: qualityOf((i) => table[i]), source: 'file' };
    }
    at += 2 + length;
  }
  return undefined;
}

/** Table 0 of a DQT segment, which is luma's in every file seen. */
function firstTable(segment: Uint8Array): Uint8Array | undefined {
  for (let at = 0; at < segment.length; ) {
    const [wide, id] = [segment[at] >> 4, segment[at] & 15];
    const bytesEach = wide ? 2 : 1;
    if (at + 1 + 64 * bytesEach > segment.length) return undefined;
    if (id === 0) {
      const table = new Uint8Array(64);
      for (let i = 0; i < 64; i++) {
        const from = at + 1 + i * bytesEach;
        table[ZIGZAG[i]] = wide ? Math.min(255, (segment[from] << 8) | segment[from + 1]) : segment[from];
      }
      return table;
    }
    at += 1 + 64 * bytesEach;
  }
  return undefined;
}

/** The quality whose standard table is nearest to the known entries (0 = unknown), in relative terms. */
function qualityOf(entry: (i: number) => number): number {
  let [best, least] = [1, Number.POSITIVE_INFINITY];
  for (let quality = 1; quality <= 100; quality++) {
    const table = tableOfQuality(quality);
    let error = 0;
    for (let i = 0; i < 64; i++) if (entry(i) > 0) error += Math.abs(Math.log(entry(i) / table[i]));
    if (error < least) [best, least] = [quality, error];
  }
  return best;
}

/** Luma (ITU-R BT.601, full range, as JPEG files have it) in 0 … 255. */
export function luma({ colour, channels, width, height }: Picture): Float32Array {
  const n = width * height;
  if (channels === 1) return colour.map((value) => 255 * value);
  const [red, green, blue] = [0, 1, 2].map((c) => colour.subarray(c * n, (c + 1) * n));
  return red.map((value, i) => 255 * (0.299 * value + 0.587 * green[i] + 0.114 * blue[i]));
}

/** Blocks looked at; more do not tell more. */
const BLOCKS = 3000;
/** Steps of fewer grey levels drown in the rounding to 8 bits, and damage nothing that can be seen. */
const SMALLEST_STEP = 4;
const LARGEST_STEP = 128;
/** Frequencies that must show a step each before an image counts as a JPEG. */
const WITNESSES = 3;
/** Coefficients that must have kept a value, for a step to be seen in them. */
const ENOUGH = 20;

/**
 * Finds the rounding steps of a decoded JPEG from its pixels: each frequency's coefficients lie at multiples of its
 * step. Needs the file's own pixel grid: a cropped or resized JPEG shows nothing. Undefined when it does not look like
 * one, or was compressed too little to matter.
 */
export function* traceOfPixels(picture: Picture): Pieces<JpegTrace | undefined> {
  const plane = luma(picture);
  const { width, height } = picture;
  const total = Math.floor(width / SIDE) * Math.floor(height / SIDE);
  if (total < 32) return undefined;
  const every = Math.ceil(total / BLOCKS);
  const coefficients = Array.from({ length: 64 }, (): number[] => []);
  let seen = 0;
  const look = (block: Float64Array) => {
    // Clipping to 0 … 255 moves coefficients off their multiples.
    if (seen++ % every !== 0 || !block.every((value) => value >= 1 && value <= 254)) return;
    dct(block).forEach((value, i) => {
      coefficients[i].push(Math.abs(value));
    });
  };
  for (let top = 0; top + SIDE <= height; top += SIDE) {
    eachBlock(plane.subarray(top * width, (top + SIDE) * width), width, SIDE, look);
    yield;
  }
  const steps = [0];
  for (const values of coefficients.slice(1)) {
    steps.push(stepOf(values));
    yield;
  }
  if (steps.filter((step) => step > 0).length < WITNESSES) return undefined;
  const quality = qualityOf((i) => steps[i]);
  const standard = tableOfQuality(quality);
  const table = Uint8Array.from(steps, (step, i) => step || standard[i]);
  return { table, quality, source: 'pixels' };
}

/** The largest step whose multiples the coefficients' magnitudes cluster at; 0 when none stands out. */
function stepOf(values: readonly number[]): number {
  for (let step = LARGEST_STEP; step >= SMALLEST_STEP; step--) {
    const kept = values.filter((value) => value > 0.6 * step);
    if (kept.length < ENOUGH) continue;
    // Rounding to 8 bits blurs each cluster by about half a level. Without clusters 2 in 5 would lie this near.
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
