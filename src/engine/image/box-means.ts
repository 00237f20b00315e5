import { atOnce, mapped, type Pieces } from '../time-slicing.ts';
import { summed } from './summed-area.ts';

/** Of one pixel, reaching so far. */
export type MeanAround = (i: number, reach: number) => number;

/** The mean of the box around each pixel of a plane [height, width], reaching so far on each side as the plane goes, px. */
export function boxMeans(plane: Float32Array, width: number, height: number, reach: number): Float32Array {
  return atOnce(smoothed(plane, width, height, reach));
}

/** The same in pieces. */
export function* smoothed(
  plane: Float32Array,
  width: number,
  height: number,
  reach: number,
): Pieces<Float32Array> {
  const mean = yield* meansIn(plane, width, height);
  return yield* mapped(plane, (_, i) => mean(i, reach));
}

/** The way to single ones of these means, in pieces. */
export function* meansIn(plane: Float32Array, width: number, height: number): Pieces<MeanAround> {
  const sum = yield* summed(plane, width, height);
  return (i: number, reach: number): number => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const [left, top] = [Math.max(0, x - reach), Math.max(0, y - reach)];
    const [right, bottom] = [Math.min(width, x + reach + 1), Math.min(height, y + reach + 1)];
    return sum(left, top, right, bottom) / ((right - left) * (bottom - top));
  };
}
