import { atOnce, type Pieces } from '../time-slicing.ts';
import { type Box, boxAround, cutPlane, growBox } from './box.ts';
import { distancesTo } from './distance.ts';

/** What is marked, grown and faded, where that is anything. */
interface GrownArea {
  /** Around what is marked itself. */
  readonly tight: Box;
  /** Around all that has a share, and a pixel more where there is one. */
  readonly box: Box;
  /** [box.height, box.width] 1 on what is marked and up to `grow` px from it, falling to 0 over `feather` px beyond. */
  readonly share: Float64Array;
}

export interface Growth {
  /** px, 0 … 64, from pixel centre to pixel centre. */
  readonly grow: number;
  readonly feather: number;
  /** What of `cover` is marked: more than this; default 0. */
  readonly above?: number;
}

/**
 * Costs what the area does, not what the image around it does: distances are only looked for near it. Undefined where
 * nothing is marked.
 *
 * @param cover [height, width] how much of each pixel is marked.
 */
export function grown(
  cover: Uint8Array,
  width: number,
  height: number,
  growth: Growth,
): GrownArea | undefined {
  return atOnce(growing(cover, width, height, growth));
}

/** The same in pieces. */
export function* growing(
  cover: Uint8Array,
  width: number,
  height: number,
  { grow, feather, above = 0 }: Growth,
): Pieces<GrownArea | undefined> {
  const tight = boxAround(cover, width, height, above);
  if (!tight) return undefined;
  const box = growBox(tight, Math.ceil(grow + feather) + 1, width, height);
  const marked = cutPlane(cover, width, box);
  for (let i = 0; i < marked.length; i++) marked[i] = marked[i] > above ? 1 : 0;
  yield;
  const distance = yield* distancesTo(marked, box.width, box.height);
  // Doubles, whose rounding tips no half of a byte over.
  const share = new Float64Array(distance.length);
  for (let i = 0; i < share.length; i++) share[i] = falloff(distance[i] - grow, feather);
  return { tight, box, share };
}

/** 1 inside, 0 from `feather` px outside on; the first pixel outside is already less than 1. */
function falloff(outside: number, feather: number): number {
  if (outside <= 0) return 1;
  return feather === 0 ? 0 : Math.max(0, 1 - outside / (feather + 1));
}
