import type { Picture } from '../../image/picture.ts';
import type { Pieces } from '../../time-slicing.ts';

/** What letters laid over a photograph are: light, or of a colour that displays and dye have. */
export const INKS = ['light', 'warm', 'green'] as const;
export type Ink = (typeof INKS)[number];

/** By how much a stroke stands out of its ground at least, 1/255; and at least which share of the strongest one near it. */
export const LEAST: Readonly<Record<Ink, number>> = { light: 28, warm: 40, green: 40 };
const OF_STRONGEST = 0.5;

/**
 * [height, width] how much ink a pixel has, 0 … 255: the least of the channels; red, orange and yellow over blue; green over both others.
 */
export function inkPlane({ colour, channels, width, height }: Picture, ink: Ink): Uint8Array {
  const n = width * height;
  const [g, b] = channels >= 3 ? [n, 2 * n] : [0, 0];
  const plane = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const [red, green, blue] = [colour[i], colour[g + i], colour[b + i]];
    const value =
      ink === 'light'
        ? Math.min(red, green, blue)
        : ink === 'warm'
          ? red - blue
          : green - Math.max(red, blue);
    plane[i] = value > 0 ? Math.round(255 * value) : 0; // NaN is what alpha hides
  }
  return plane;
}

/** What is thin in a plane of ink, [height, width] each. */
export interface Strokes {
  /** By how much a pixel stands out of what a square of side 2 `reach` + 1 fits into, 0 … 255. */
  readonly over: Uint8Array;
  /** 1 above half of the strongest such thing so near. */
  readonly strokes: Uint8Array;
}

/** What a square of side 2 `reach` + 1 does not fit into. */
export function* strokesIn(
  plane: Uint8Array,
  width: number,
  height: number,
  ink: Ink,
  reach: number,
): Pieces<Strokes> {
  const most = yield* squareMaximum(yield* squareMinimum(plane, width, height, reach), width, height, reach);
  const over = plane.map((value, i) => value - most[i]);
  const strongest = yield* squareMaximum(over, width, height, reach);
  const least = LEAST[ink];
  return {
    over,
    strokes: over.map((value, i) => (value >= least && value >= OF_STRONGEST * strongest[i] ? 1 : 0)),
  };
}

function* squareMinimum(plane: Uint8Array, width: number, height: number, reach: number): Pieces<Uint8Array> {
  const upsideDown = yield* squareMaximum(
    plane.map((value) => 255 - value),
    width,
    height,
    reach,
  );
  return upsideDown.map((value) => 255 - value);
}

/** The most in a square around each pixel, in the same time whatever its size (van Herk 1992, Gil & Werman 1993). */
function* squareMaximum(plane: Uint8Array, width: number, height: number, reach: number): Pieces<Uint8Array> {
  const out = plane.slice();
  const scratch = new Uint8Array(2 * (Math.max(width, height) + 4 * reach + 2));
  for (let y = 0; y < height; y++) {
    lineMaximum(out, y * width, 1, width, reach, scratch);
    if (y % ROWS === 0) yield;
  }
  for (let x = 0; x < width; x++) {
    lineMaximum(out, x, width, height, reach, scratch);
    if (x % ROWS === 0) yield;
  }
  return out;
}

const ROWS = 64;

function lineMaximum(
  out: Uint8Array,
  from: number,
  stride: number,
  count: number,
  reach: number,
  scratch: Uint8Array,
): void {
  const side = 2 * reach + 1;
  const padded = Math.ceil((count + 2 * reach) / side) * side;
  const [ahead, behind] = [scratch.subarray(0, padded), scratch.subarray(padded, 2 * padded)];
  ahead.fill(0);
  for (let i = 0; i < count; i++) ahead[i + reach] = out[from + i * stride];
  behind.set(ahead);
  for (let i = padded - 2; i >= 0; i--)
    if ((i + 1) % side !== 0 && ahead[i + 1] > ahead[i]) ahead[i] = ahead[i + 1];
  for (let i = 1; i < padded; i++) if (i % side !== 0 && behind[i - 1] > behind[i]) behind[i] = behind[i - 1];
  for (let i = 0; i < count; i++) out[from + i * stride] = Math.max(ahead[i], behind[i + side - 1]);
}
