import { clampIndex } from '../image/axis-table.ts';
import type { Size } from '../image/box.ts';
import type { Drawn } from '../image/drawn.ts';
import type { Picture } from '../image/picture.ts';
import { unpremultiply } from '../image/premultiply.ts';
import type { Pieces } from '../time-slicing.ts';

/** Neighbours whose colours a drawing's pixel is made of, px. */
const REACH = 2;
/** An edge beside gradients is so many times as high as they go from pixel to pixel. */
const STEEP = 8;
/** What rounding leaves open, of samples of 8 bits. */
const HALF_A_LEVEL = 0.5 / 255;
/** How far from a blend of two colours a pixel may be, as a share of their distance, beside rounding. */
const NO_BLEND = 0.05;
/** Beside it, of samples of 8 bits. */
const ROUNDING = 1.5 / 255;
/** How far what is no blend spoils its neighbours, px. */
const SPOILS = 1;

/** What needs no edges. */
type Even = Pick<Drawn, 'flat' | 'gradient' | 'ink'>;

/**
 * Per sample of the picture: the range of its neighbours, of colours as they show; flat pixels have their own value only. And
 * how far it lies between flat colours that make up this range, 0 … 1: of strokes too thin to have a flat pixel nobody
 * knows how dark and how wide they are, so that making them steeper would be a guess.
 *
 * @param tolerance how far from what it was drawn as a sample may be.
 */
export function* rangesOf(
  picture: Picture,
  { flat, gradient, ink }: Even,
  tolerance = ROUNDING,
): Pieces<Float32Array[]> {
  const { width, height, channels, colour } = picture;
  const n = width * height;
  const alpha = channels === 2 || channels === 4 ? colour.slice(-n) : undefined;
  const shown = asShown(picture);
  const [low, high] = [shown.slice(), shown.slice()];
  const between = new Float32Array(shown.length);
  const even = gradient ? gradient.map((is, i) => is | flat[i]) : flat;
  yield;
  const simple = yield* simpleEdges(picture, even, tolerance);
  for (let i = 0; i < shown.length; i++) {
    if (i % width === 0) yield;
    const at = i % n;
    if (flat[at]) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    const isColour = alpha !== undefined && i < shown.length - n;
    if (gradient?.[at]) {
      const half = slopeAt(shown, i - at, at, picture) / 2 + HALF_A_LEVEL;
      [low[i], high[i]] = [Math.max(0, low[i] - half), Math.min(1, high[i] + half)];
      continue;
    }
    let [darkest, lightest, slope] = [1, 0, 0];
    let [least, most, surest] = [1, 0, at];
    for (let v = Math.max(0, y - REACH); v <= Math.min(height - 1, y + REACH); v++)
      for (let u = Math.max(0, x - REACH); u <= Math.min(width - 1, x + REACH); u++) {
        const other = v * width + u;
        // Hidden colour has no part in it, and what hardly shows is hardly known.
        if (isColour && alpha[other] === 0) continue;
        const value = shown[i - at + other];
        const unsure = isColour && alpha[other] < 1 ? HALF_A_LEVEL + HALF_A_LEVEL / alpha[other] : 0;
        least = Math.min(least, value + unsure);
        most = Math.max(most, value - unsure);
        if (isColour && alpha[other] > alpha[surest]) surest = other;
        if (!even[other]) continue;
        darkest = Math.min(darkest, value);
        lightest = Math.max(lightest, value);
        if (!flat[other]) slope = Math.max(slope, slopeAt(shown, i - at, other, picture));
      }
    const isOne = isColour && least >= most;
    [low[i], high[i]] = isOne ? [shown[i - at + surest], shown[i - at + surest]] : [least, most];
    const room = high[i] - low[i];
    const known = ink?.get(at)?.[(i - at) / n];
    if (known !== undefined) {
      [low[i], high[i], between[i]] = [Math.min(low[i], known), Math.max(high[i], known), 1];
      continue;
    }
    const step = lightest - darkest;
    if (room > 0 && simple[at] && step > STEEP * slope) between[i] = Math.max(0, (2 * step) / room - 1);
  }
  return [low, high, between];
}

/** The planes with the colours as they show, alpha among them. */
function asShown(picture: Picture): Float32Array {
  const shown = picture.colour.slice();
  if (picture.channels === 2 || picture.channels === 4) shown.set(unpremultiply(picture).colour);
  return shown;
}

/**
 * How much of what is not flat in a drawing lies between flat colours, 0 … 1: of thick shapes nearly all, of small text next
 * to nothing.
 */
export function* resolvedShare(picture: Picture, even: Even, tolerance = ROUNDING): Pieces<number> {
  const { flat } = even;
  const [, , between] = yield* rangesOf(picture, even, tolerance);
  const n = flat.length;
  let [sum, all] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (i % picture.width === 0) yield;
    if (flat[i] || even.gradient?.[i]) continue;
    all++;
    let most = 0;
    for (let at = i; at < between.length; at += n) most = Math.max(most, between[at]);
    sum += most;
  }
  return all === 0 ? 0 : sum / all;
}

/**
 * [height, width] 1 = next to no pixel that is neither flat nor a blend of two flat colours near it: an outline between two
 * areas lies between their colours too, and made steeper it would fall apart into both.
 */
function* simpleEdges(picture: Picture, flat: Uint8Array, tolerance: number): Pieces<Uint8Array> {
  const { width, height } = picture;
  const simple = new Uint8Array(width * height).fill(1);
  for (let y = 0, i = 0; y < height; y++) {
    yield;
    for (let x = 0; x < width; x++, i++) {
      if (flat[i] || isBlend(picture, flat, x, y, tolerance)) continue;
      for (const at of around(picture, x, y, SPOILS)) simple[at] = 0;
    }
  }
  return simple;
}

function isBlend(picture: Picture, flat: Uint8Array, x: number, y: number, tolerance: number): boolean {
  const { width, height, colour } = picture;
  const own = y * width + x;
  const seen = around(picture, x, y, 1).filter((at) => flat[at]);
  const product = (a: number, b: number, c: number, d: number) => {
    let sum = 0;
    for (let at = 0; at < colour.length; at += width * height)
      sum += (colour[at + a] - colour[at + b]) * (colour[at + c] - colour[at + d]);
    return sum;
  };
  const farthest = (from: number) =>
    seen.reduce(
      (best, at) => (product(at, from, at, from) > product(best, from, best, from) ? at : best),
      from,
    );
  const one = farthest(own);
  const other = farthest(one);
  const length = product(other, one, other, one);
  if (other === own || length === 0) return false;
  const along = product(own, one, other, one);
  const across = product(own, one, own, one) - along ** 2 / length;
  return Math.sqrt(Math.max(0, across)) <= NO_BLEND * Math.sqrt(length) + tolerance;
}

/** The pixels at most `reach` px from one, itself among them. */
function around({ width, height }: Picture, x: number, y: number, reach: number): number[] {
  const found: number[] = [];
  for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++)
    for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) found.push(v * width + u);
  return found;
}

/**
 * How far a gradient goes from a pixel's one side to the other, along its row and its column together: by the smaller of either's steps,
 * since the other may be an edge.
 */
function slopeAt(plane: Float32Array, from: number, at: number, { width, height }: Size): number {
  const [x, y] = [at % width, Math.floor(at / width)];
  const value = (u: number, v: number) => plane[from + clampIndex(v, height) * width + clampIndex(u, width)];
  const own = value(x, y);
  const step = (u: number, v: number) => {
    const [one, other] = [value(x + u, y + v) - own, own - value(x - u, y - v)];
    return one * other <= 0 ? 0 : Math.min(Math.abs(one), Math.abs(other));
  };
  return step(1, 0) + step(0, 1);
}
