import { type IsOver, never } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';
import { distanceTo } from './distance.ts';
import { interpolated } from './interpolate.ts';
import type { Picture } from './picture.ts';

/** A pixel's surroundings reach this many times as far as its nearest known pixel, and LEAST_REACH px farther. */
const REACH = 1.5;
const LEAST_REACH = 4;
/** Ratio of one square's size to the next smaller one's: below REACH, so that each has something known in it. */
const STEP = Math.SQRT2;

/** The range of one plane's known values around each unknown pixel; 0 … 0 at known ones. */
interface Range {
  /** [height, width] each */
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/**
 * The least and the greatest known value around each unknown pixel of a plane [height, width]: in squares of growing
 * size, interpolated between the two sizes next to what its distance from the known asks for, so that the range has
 * no steps. Nothing known: all of 0 … 1.
 */
export function rangeAround(plane: Float32Array, known: Uint8Array, width: number, height: number): Range {
  const reach = distanceTo(known, width, height).map((d) => REACH * d + LEAST_REACH);
  const [low, high] = [new Float32Array(plane.length), new Float32Array(plane.length)];
  let farthest = 0;
  reach.forEach((r, i) => {
    if (!known[i]) farthest = Math.max(farthest, r);
  });
  if (farthest === Number.POSITIVE_INFINITY) return { low, high: high.fill(1) };
  for (let radius = LEAST_REACH; radius < STEP * farthest; radius *= STEP) {
    const least = extremes(plane, known, width, height, Math.round(radius), -1);
    const greatest = extremes(plane, known, width, height, Math.round(radius), 1);
    reach.forEach((r, i) => {
      const share = known[i] ? 0 : 1 - Math.abs(Math.log2(r / radius) / Math.log2(STEP));
      if (share <= 0) return;
      low[i] += share * least[i];
      high[i] += share * greatest[i];
    });
  }
  return { low, high };
}

/** The greatest (sign 1) or least (−1) known value in the square of ± radius about each pixel; ∓∞ where none is. */
function extremes(
  plane: Float32Array,
  known: Uint8Array,
  width: number,
  height: number,
  radius: number,
  sign: 1 | -1,
): Float32Array {
  const signed = plane.map((value, i) => (known[i] ? sign * value : Number.NEGATIVE_INFINITY));
  for (let y = 0; y < height; y++) slideMaximum(signed, y * width, 1, width, radius);
  for (let x = 0; x < width; x++) slideMaximum(signed, x, width, height, radius);
  return signed.map((value) => sign * value);
}

/**
 * x[i] ← max of x[i − radius … i + radius] along `count` samples, `stride` apart: maxima from the left and from the
 * right within blocks of the window's length (van Herk, Pattern Recognition Letters 13, 1992).
 */
function slideMaximum(x: Float32Array, from: number, stride: number, count: number, radius: number): void {
  const block = 2 * radius + 1;
  const length = block * Math.ceil((count + 2 * radius) / block);
  const padded = new Float32Array(length).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < count; i++) padded[i + radius] = x[from + i * stride];
  const ahead = padded.slice();
  for (let i = 1; i < length; i++) if (i % block) padded[i] = Math.max(padded[i], padded[i - 1]);
  for (let i = length - 2; i >= 0; i--) if ((i + 1) % block) ahead[i] = Math.max(ahead[i], ahead[i + 1]);
  for (let i = 0; i < count; i++) x[from + i * stride] = Math.max(ahead[i], padded[i + 2 * radius]);
}

interface Plane extends Range {
  readonly wanted: Float32Array;
  readonly smooth: Float32Array;
}

/**
 * Of what the estimate adds to the membrane's fill, in what is `open` to the image's border, as much as stays among the
 * colours around: nothing ties a network down that has to extrapolate, and it draws there whatever it has learnt elsewhere.
 */
export function* amongSurroundings(
  estimate: Float32Array,
  { width, height, channels, colour }: Picture,
  known: Uint8Array,
  open: Uint8Array,
  over: IsOver = never,
): Pieces<Float32Array> {
  const n = width * height;
  const planes: Plane[] = [];
  for (let c = 0; c < channels; c++) {
    const given = colour.subarray(c * n, (c + 1) * n);
    const wanted = estimate.subarray(c * n, (c + 1) * n);
    const smooth = yield* interpolated(given, known, width, height, 'membrane', over);
    planes.push({ wanted, smooth, ...rangeAround(given, known, width, height) });
    yield;
  }
  const out = estimate.slice();
  for (let i = 0; i < n; i++) {
    if (!open[i]) continue;
    const share = Math.min(...planes.map((plane) => shareWithin(plane, i)));
    planes.forEach(({ wanted, smooth }, c) => {
      out[c * n + i] = smooth[i] + share * (wanted[i] - smooth[i]);
    });
  }
  return out;
}

/** How far one may go from the smooth value of a pixel to the wanted one within the range, 0 … 1. */
function shareWithin({ wanted, smooth, low, high }: Plane, i: number) {
  const step = wanted[i] - smooth[i];
  const room = step > 0 ? high[i] - smooth[i] : low[i] - smooth[i];
  return Math.abs(step) <= Math.abs(room) ? 1 : Math.max(0, room / step);
}
