import { distanceTo } from '../../engine/image/distance.ts';
import type { Mask } from '../../engine/options.ts';

/** Pixels, of one picture or of many. */
export interface Counts {
  readonly pixels: number;
  /** Marked by the finder, and of these on a mark or next to one. */
  readonly found: number;
  readonly right: number;
  /** On marks that are seen, and of these marked by the finder or next to such a one. */
  readonly visible: number;
  readonly hit: number;
}

export const NOTHING: Counts = { pixels: 0, found: 0, right: 0, visible: 0, hit: 0 };

/** Pixels that touch, by a side or a corner, are the same place. */
const TOLERANCE = 1.5;

/** What was found, beside what is there; tolerance 1 px. */
export function compared(
  { data, width, height }: Pick<Mask, 'data' | 'width' | 'height'>,
  covered: Uint8Array,
  visible: Uint8Array,
): Counts {
  const found = Uint8Array.from(data, (known) => (known ? 0 : 1));
  const [toMark, toFound] = [covered, found].map((set) => distanceTo(set, width, height));
  const counts = { pixels: data.length, found: 0, right: 0, visible: 0, hit: 0 };
  for (let i = 0; i < data.length; i++) {
    if (found[i]) {
      counts.found++;
      if (toMark[i] < TOLERANCE) counts.right++;
    }
    if (visible[i]) {
      counts.visible++;
      if (toFound[i] < TOLERANCE) counts.hit++;
    }
  }
  return counts;
}

export const add = (a: Counts, b: Counts): Counts => ({
  pixels: a.pixels + b.pixels,
  found: a.found + b.found,
  right: a.right + b.right,
  visible: a.visible + b.visible,
  hit: a.hit + b.hit,
});

/** A part of a whole; of nothing all is right. */
export const shareOf = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);
