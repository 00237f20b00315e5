import type { Picture } from '../image/picture.ts';
import { summedArea } from '../image/summed-area.ts';

/** How far around a pixel is looked, px. */
const WINDOW = 4;

/**
 * How uncertain the pixels of a picture are that something was taken out of: as much as was taken out around them.
 *
 * @returns [height, width] root mean squares of the change over windows of 9 px a side, all channels together.
 */
export function doubtOf(given: Picture, cleaned: Picture): Float32Array {
  const { width, height, channels, colour } = given;
  const n = width * height;
  const change = new Float32Array(n);
  for (let i = 0; i < channels * n; i++) change[i % n] += (cleaned.colour[i] - colour[i]) ** 2 / channels;
  const sumOver = summedArea(change, width, height);
  return change.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const [left, right] = [Math.max(0, x - WINDOW), Math.min(width, x + WINDOW + 1)];
    const [top, bottom] = [Math.max(0, y - WINDOW), Math.min(height, y + WINDOW + 1)];
    // Of what did not change the sums may be less than nothing by their rounding.
    const sum = Math.max(0, sumOver(left, top, right, bottom));
    return Math.sqrt(sum / ((right - left) * (bottom - top)));
  });
}
