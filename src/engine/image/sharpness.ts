import type { Picture } from './picture.ts';

/** Strong edges differ by more than this within `SPAN` px. */
const STRONG = 0.25;
const SPAN = 4;
/** Which of all strong edges is looked at, from the softest on; and how many there must be. */
const SHARP_ONES = 0.98;
const ENOUGH = 50;
const BINS = 200;

/**
 * How much of a strong edge lies between two neighbouring pixels, 0 … 1, of the sharpest edges; nothing where there are few. Of
 * 26 photographs reduced by 2, 0.79 to 1 by Lanczos2, bicubic or means; behind a lens 0.6 to 0.77 in 21.
 */
export function sharpness({ width, height, channels, colour }: Picture): number | undefined {
  const counts = new Uint32Array(BINS + 1);
  let edges = 0;
  const look = (at: number, step: number) => {
    let [least, most] = [1, 0];
    for (let i = 0; i < SPAN; i++) {
      const value = colour[at + i * step];
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    if (most - least <= STRONG) return;
    const middle = Math.abs(colour[at + (SPAN / 2) * step] - colour[at + (SPAN / 2 - 1) * step]);
    counts[Math.round((BINS * middle) / (most - least))]++;
    edges++;
  };
  for (let c = 0; c < channels; c++)
    for (let y = 0, i = c * width * height; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        if (x + SPAN <= width) look(i, 1);
        if (y + SPAN <= height) look(i, width);
      }
  if (edges < ENOUGH) return undefined;
  let bin = 0;
  for (let left = SHARP_ONES * edges - counts[0]; left > 0; left -= counts[bin]) bin++;
  return bin / BINS;
}
