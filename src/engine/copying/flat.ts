import { distanceTo } from '../image/distance.ts';
import type { Pieces } from '../time-slicing.ts';
import type { Features, Level } from './level.ts';
import type { Offset } from './offsets.ts';

/** Flat colours at most, and how far from the hole they are looked for, px. */
const MOST = 32;
const NEAR = 4;

/** The flat colours next to the hole, the most frequent first, each by a place in the picture that has it and no edge about it. */
export function* flatColours(
  { width, height, channels, hole, source }: Level,
  { depth, data }: Features,
): Pieces<Offset[]> {
  const away = distanceTo(hole, width, height);
  yield;
  const colourOf = (i: number) => Array.from(data.subarray(i * depth, i * depth + channels)).join(' ');
  const near = new Map<string, number>();
  away.forEach((px, i) => {
    if (px > 0 && px <= NEAR) near.set(colourOf(i), (near.get(colourOf(i)) ?? 0) + 1);
  });
  yield;
  const places = new Map<string, Offset>();
  for (let y = 1; y + 1 < height; y++) {
    if (y % 64 === 0) yield;
    for (let x = 1; x + 1 < width; x++) {
      const i = y * width + x;
      const change = (j: number) => data[(j + 1) * depth - 2] !== 0 || data[(j + 1) * depth - 1] !== 0;
      if (!source[i] || change(i) || change(i - 1) || change(i - width) || change(i - width - 1)) continue;
      const colour = colourOf(i);
      if (near.has(colour) && !places.has(colour)) places.set(colour, { x, y, flat: true });
    }
  }
  return [...places]
    .sort(([a], [b]) => near.get(b)! - near.get(a)!)
    .slice(0, MOST)
    .map(([, place]) => place);
}
