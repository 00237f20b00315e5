import { inStretches, type Pieces } from '../time-slicing.ts';

/**
 * Orthonormal opponent colours: Y = (R + G + B)/√3, U = (R − B)/√2, V = (R − 2G + B)/√6. White noise stays white, and
 * the first plane has most of what tells patches apart.
 */
const ROWS = [
  [1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)],
  [1 / Math.sqrt(2), 0, -1 / Math.sqrt(2)],
  [1 / Math.sqrt(6), -2 / Math.sqrt(6), 1 / Math.sqrt(6)],
] as const;

/** Brightness, the mean of the colours, is this × the first plane. */
export const brightnessFactor = (planes: 1 | 3): number => (planes === 1 ? 1 : 1 / Math.sqrt(3));

/** How much opponent plane p has of colour c, and the other way round. */
export const opponentPart = (p: number, c: number): number => ROWS[p][c];

/** How much of the variance of opponent plane p is in colour c. */
export const colourShare = (planes: number, p: number, c: number): number =>
  planes === 1 ? 1 : ROWS[p][c] ** 2;

/** `n` samples of each colour plane [planes, total] from `from` on, in opponent colours [planes, n]; grey stays grey. */
export function toOpponent(colour: Float32Array, planes: 1 | 3, from: number, n: number): Float32Array {
  if (planes === 1) return colour.slice(from, from + n);
  const out = new Float32Array(3 * n);
  convert(colour, from, out, 0, n);
  return out;
}

/** All of the samples, in pieces. */
export function* opponentOf(colour: Float32Array, planes: 1 | 3): Pieces<Float32Array> {
  if (planes === 1) return colour.slice();
  const out = new Float32Array(colour.length);
  yield* inStretches(colour.length / 3, (first, end) => convert(colour, 0, out, first, end));
  return out;
}

/** From `first` to before `end` of each plane of `out`, whose samples are the colours' from `from` on. */
function convert(colour: Float32Array, from: number, out: Float32Array, first: number, end: number): void {
  const [total, n] = [colour.length / 3, out.length / 3];
  for (let p = 0; p < 3; p++) {
    const [r, g, b] = ROWS[p];
    for (let i = first, at = from + first; i < end; i++, at++)
      out[p * n + i] = r * colour[at] + g * colour[total + at] + b * colour[2 * total + at];
  }
}

/** Back to colours, in place and in pieces. */
export function* fromOpponent(planes: Float32Array, count: 1 | 3): Pieces<Float32Array> {
  if (count === 1) return planes;
  const n = planes.length / 3;
  yield* inStretches(n, (from, to) => {
    for (let i = from; i < to; i++) {
      const y = planes[i];
      const u = planes[n + i];
      const v = planes[2 * n + i];
      for (let c = 0; c < 3; c++) planes[c * n + i] = ROWS[0][c] * y + ROWS[1][c] * u + ROWS[2][c] * v;
    }
  });
  return planes;
}
