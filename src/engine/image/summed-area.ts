import { atOnce, type Pieces } from '../time-slicing.ts';

/** Of a plane, from (left, top) to before (right, bottom). */
export type SumOver = (left: number, top: number, right: number, bottom: number) => number;

/** Rows between two turns. */
const ROWS = 32;

/**
 * The way to sums of a plane [height, width] over boxes, each in the same time (Crow, SIGGRAPH 1984): from (left, top) to
 * before (right, bottom).
 */
export function summedArea(plane: ArrayLike<number>, width: number, height: number): SumOver {
  return atOnce(summed(plane, width, height));
}

/** The same in pieces. */
export function* summed(plane: ArrayLike<number>, width: number, height: number): Pieces<SumOver> {
  const stride = width + 1;
  const sums = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    if (y % ROWS === 0) yield;
    for (let x = 0, line = 0; x < width; x++) {
      line += plane[y * width + x];
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + line;
    }
  }
  const at = (x: number, y: number) => sums[y * stride + x];
  return (left, top, right, bottom) => at(right, bottom) - at(right, top) - at(left, bottom) + at(left, top);
}
