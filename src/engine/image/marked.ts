import { marks } from './binary-plane.ts';

/** A pixel of which more than this share is marked is filled: a rim left as known would show as a ghost of the stroke. */
export const MARKED = 0.1;

/** Share from which a pixel beside a marked one is the rim of the same stroke. */
export const RIM = 0.02;
/** Share that no antialiasing leaves away from a stroke; so many pixels with it, also by those that are marked, are compression's. */
const ASTRAY = { least: 0.004, share: 0.01, count: 16 } as const;

/**
 * 255 = known, 0 = to fill: what is marked, with its rim.
 *
 * @param cover [height, width] share of each pixel that is marked, 0 … 1.
 * @param rough whether that is not sure to a tenth, so that all beside what is marked is filled; default: if it looks compressed.
 */
export function knownBelow(
  cover: Float32Array,
  width: number,
  height: number,
  rough = isCompressed(cover, width, height),
): Uint8Array {
  const isRim = (i: number) => (rough || cover[i] > RIM) && isBeside(cover, i, width, height);
  return marks(cover, (c, i) => !(c > MARKED || isRim(i))).map((known) => 255 * known);
}

const isBeside = (cover: Float32Array, i: number, width: number, height: number) =>
  neighboursOf(i, width, height).some((j) => cover[j] > MARKED);

/** Whether there are traces of paint away from all that is marked. */
function isCompressed(cover: Float32Array, width: number, height: number): boolean {
  const marked = cover.reduce((sum, c) => sum + (c > MARKED ? 1 : 0), 0);
  let astray = 0;
  for (let i = 0; i < cover.length; i++)
    if (cover[i] > ASTRAY.least && cover[i] <= MARKED && !isBeside(cover, i, width, height)) astray++;
  return astray > Math.max(ASTRAY.count, ASTRAY.share * marked);
}

/** The up to eight pixels around one. */
export function neighboursOf(i: number, width: number, height: number): number[] {
  const [x, y] = [i % width, Math.floor(i / width)];
  const around: number[] = [];
  for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
    for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++)
      if (u !== x || v !== y) around.push(v * width + u);
  return around;
}
