import { summedArea } from './summed-area.ts';

/** The mean of the box around each pixel of a plane [height, width], reaching so far on each side as the plane goes, px. */
export function boxMeans(plane: Float32Array, width: number, height: number, reach: number): Float32Array {
  const mean = boxMean(plane, width, height);
  return plane.map((_, i) => mean(i, reach));
}

/** The way to single ones of these means. */
export function boxMean(plane: Float32Array, width: number, height: number) {
  const sum = summedArea(plane, width, height);
  return (i: number, reach: number): number => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const [left, top] = [Math.max(0, x - reach), Math.max(0, y - reach)];
    const [right, bottom] = [Math.min(width, x + reach + 1), Math.min(height, y + reach + 1)];
    return sum(left, top, right, bottom) / ((right - left) * (bottom - top));
  };
}
