import type { Size } from '../image/box.ts';
import { type Picture, planesIn } from '../image/picture.ts';
import { quantile } from '../quantile.ts';

/** Side, px, of the squares in which changes are measured. */
const SIDE = 6;

/**
 * How much red and blue change from pixel to pixel beside green, whichever does less, in the median of small squares: σ of white
 * noise that is independent in each colour, in 1/255. What a picture shows changes in all colours alike.
 */
export function coloursChange({ width, height, channels, colour }: Picture): number {
  const [red, green, blue] = planesIn(colour, channels);
  return Math.min(...[red, blue].map((plane) => changeBeside(plane, green, { width, height })));
}

function changeBeside(plane: Float32Array, green: Float32Array, { width, height }: Size): number {
  const off = (i: number) => plane[i] - green[i];
  const squares: number[] = [];
  for (let top = 0; top + SIDE < height; top += SIDE)
    for (let left = 0; left + SIDE < width; left += SIDE) {
      let sum = 0;
      for (let y = top; y < top + SIDE; y++)
        for (let at = y * width + left; at < y * width + left + SIDE; at++)
          sum += (off(at) - off(at + 1) - off(at + width) + off(at + width + 1)) ** 2;
      // Of noise of variance 1 in each colour such a change has 8; where there is none, as where nothing is opaque, noise has been cut off.
      if (sum > 0) squares.push(255 * Math.sqrt(sum / (8 * SIDE * SIDE)));
    }
  return squares.length > 0 ? quantile(Float32Array.from(squares), 0.5) : 0;
}
