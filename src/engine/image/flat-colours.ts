import { inStretches, type Pieces } from '../time-slicing.ts';
import type { Picture } from './picture.ts';

/** Pixels of the drawings that this is for: assets, not pages. */
export const LARGEST = 2 ** 20;
/** Colours that are looked for, at most. */
const MOST = 16;
/** Steps of the histogram that they are first seen in, 1 / this. */
const BINS = 32;
/** A colour is one of a drawing where so much of what is quiet has it; no less than this has one of them. */
const LEAST = 0.01;
const NEARLY_ALL = 0.95;
/** Of what is within the tolerance, so much is within half of it: of gradients half is. */
const PEAKED = 0.7;
/** How much of a drawing is quiet, at least; and of one that is known to have noise and little else, of which dense letters leave as much. */
const QUIET = 0.5;
export const DENSE = 0.2;
/** Window of which a pixel of a flat area has a share in its colour, px from its middle; and that share. */
const ABOUT = 2;
const SHARE = 0.4;

/** Colours of a picture's flat areas, one sample a channel each. */
export type FlatColours = readonly (readonly number[])[];

/**
 * The flat colours of a drawing that errors of up to `tolerance` lie over. Undefined of what is none: then quiet areas have
 * other colours too.
 *
 * @param among [height, width] 1 = counts; absent = all do.
 * @param share how much of it must be quiet.
 */
export function* flatColours(
  picture: Picture,
  tolerance: number,
  among?: Uint8Array,
  share = QUIET,
): Pieces<FlatColours | undefined> {
  const all = yield* quietPixels(picture, tolerance);
  const quiet = among ? all.filter((i) => among[i]) : all;
  const count = among ? among.reduce((sum, one) => sum + one, 0) : picture.width * picture.height;
  if (quiet.length < share * count) return undefined;
  const found: (readonly number[])[] = [];
  let left = quiet;
  while (left.length > (1 - NEARLY_ALL) * quiet.length && found.length < MOST) {
    const colour = yield* commonest(picture, left, tolerance);
    const rest: number[] = [];
    let near = 0;
    yield* inStretches(left.length, (from, to) => {
      for (let k = from; k < to; k++) {
        const off = distance(picture, left[k], colour);
        if (off <= tolerance / 2) near++;
        if (!(off <= tolerance)) rest.push(left[k]);
      }
    });
    const all = left.length - rest.length;
    if (near < LEAST * quiet.length || near < PEAKED * all) return undefined;
    found.push(colour);
    left = rest;
  }
  return found.length > 0 && left.length <= (1 - NEARLY_ALL) * quiet.length ? found : undefined;
}

/**
 * The colour planes with flat areas laid in their colour, and what lies between two of them as a blend of both: errors
 * lead away from these.
 */
export function* laidFlat(picture: Picture, colours: FlatColours, tolerance: number): Pieces<Float32Array> {
  const { width, height, channels, colour } = picture;
  const n = width * height;
  const nearest = yield* nearestOf(picture, colours, tolerance);
  const out = colour.slice();
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const around = labelsAround(nearest, picture, x, y);
      const own = nearest[i];
      const isSure =
        own >= 0 &&
        around.counts[own] >= SHARE * around.all &&
        (around.isEven || distance(picture, i, colours[own]) <= tolerance / 2);
      const laid = isSure ? colours[own] : blendOf(picture, i, colours, around.counts, tolerance);
      if (laid) for (let c = 0; c < channels; c++) out[c * n + i] = laid[c];
    }
    yield;
  }
  return out;
}

/** Pixels that are compared with all colours between two turns. */
const COMPARED = 2 ** 13;

/** Which of the colours each pixel is nearest to, within the tolerance; -1 = to none. */
export function* nearestOf(picture: Picture, colours: FlatColours, tolerance: number): Pieces<Int32Array> {
  const nearest = new Int32Array(picture.width * picture.height);
  const nearestTo = (i: number) => {
    let [best, least] = [-1, tolerance];
    for (const [k, one] of colours.entries()) {
      const off = distance(picture, i, one);
      if (off <= least) [best, least] = [k, off];
    }
    return best;
  };
  yield* inStretches(
    nearest.length,
    (from, to) => {
      for (let i = from; i < to; i++) nearest[i] = nearestTo(i);
    },
    COMPARED,
  );
  return nearest;
}

interface Around {
  /** Of each colour, how many pixels have it, and how many there are. */
  readonly counts: readonly number[];
  readonly all: number;
  /** The pixel and those that touch it have one. */
  readonly isEven: boolean;
}

function labelsAround(nearest: Int32Array, { width, height }: Picture, x: number, y: number): Around {
  const counts: number[] = [];
  const own = nearest[y * width + x];
  let [all, isEven] = [0, true];
  for (let v = Math.max(0, y - ABOUT); v <= Math.min(height - 1, y + ABOUT); v++)
    for (let u = Math.max(0, x - ABOUT); u <= Math.min(width - 1, x + ABOUT); u++, all++) {
      const label = nearest[v * width + u];
      if (label >= 0) counts[label] = (counts[label] ?? 0) + 1;
      if (Math.abs(u - x) <= 1 && Math.abs(v - y) <= 1 && label !== own) isEven = false;
    }
  return { counts, all, isEven };
}

/** The blend of the two commonest colours around a pixel next to it, where one is within the tolerance. */
function blendOf(
  { width, height, colour }: Picture,
  i: number,
  colours: FlatColours,
  counts: readonly number[],
  tolerance: number,
): number[] | undefined {
  const [one, other] = Object.keys(counts)
    .map(Number)
    .sort((a, b) => counts[b] - counts[a]);
  if (other === undefined) return undefined;
  const [from, to] = [colours[one], colours[other]];
  let [along, length] = [0, 0];
  for (let c = 0; c < from.length; c++) {
    along += (colour[c * width * height + i] - from[c]) * (to[c] - from[c]);
    length += (to[c] - from[c]) ** 2;
  }
  const share = Math.min(1, Math.max(0, along / length));
  const blend = from.map((value, c) => value + share * (to[c] - value));
  const off = Math.max(...blend.map((value, c) => Math.abs(colour[c * width * height + i] - value)));
  return off <= tolerance ? blend : undefined;
}

/** The greatest difference of a channel. */
function distance({ width, height, colour }: Picture, i: number, of: readonly number[]): number {
  let most = 0;
  for (let c = 0; c < of.length; c++) most = Math.max(most, Math.abs(colour[c * width * height + i] - of[c]));
  return most;
}

/** Pixels that differ from their eight neighbours by no more than the tolerance. */
function* quietPixels(picture: Picture, tolerance: number): Pieces<number[]> {
  const { width, height, channels, colour } = picture;
  const n = width * height;
  const found: number[] = [];
  const own = new Array<number>(channels);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      for (let c = 0; c < channels; c++) own[c] = colour[c * n + i];
      let isQuiet = true;
      for (let v = Math.max(0, y - 1); isQuiet && v <= Math.min(height - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); isQuiet && u <= Math.min(width - 1, x + 1); u++)
          isQuiet = distance(picture, v * width + u, own) <= tolerance;
      if (isQuiet) found.push(i);
    }
    yield;
  }
  return found;
}

/** The colour that most of the pixels are near to: the mean of what lies about the commonest of a histogram. */
function* commonest(
  picture: Picture,
  pixels: readonly number[],
  tolerance: number,
): Pieces<readonly number[]> {
  const { width, height, channels, colour } = picture;
  const n = width * height;
  const bins = new Map<number, number[]>();
  let most: number[] = [];
  yield* inStretches(
    pixels.length,
    (from, to) => {
      for (let k = from; k < to; k++) {
        const i = pixels[k];
        let key = 0;
        for (let c = 0; c < channels; c++)
          key = BINS * key + Math.min(BINS - 1, Math.floor(BINS * colour[c * n + i]));
        const bin = bins.get(key) ?? [];
        bins.set(key, bin);
        bin.push(i);
        if (bin.length > most.length) most = bin;
      }
    },
    COMPARED,
  );
  const mean = (of: readonly number[]) =>
    Array.from({ length: channels }, (_, c) => of.reduce((sum, i) => sum + colour[c * n + i], 0) / of.length);
  let found = mean(most);
  for (let round = 0; round < 3; round++) {
    const near: number[] = [];
    yield* inStretches(pixels.length, (from, to) => {
      for (let k = from; k < to; k++)
        if (distance(picture, pixels[k], found) <= tolerance / 2) near.push(pixels[k]);
    });
    if (near.length > 0) found = mean(near);
  }
  return found;
}
