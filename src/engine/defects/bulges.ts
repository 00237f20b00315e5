import { quantile, spreadOf } from '../quantile.ts';
import type { Curve } from './curves.ts';
import type { Sheet } from './sheet.ts';

/**
 * How near in tone to a line, of the full range and by how much that itself varies, at most and at least; how near to what is found of
 * it, px; and by how much it stands out of most of what is around it.
 */
const BULGE = { tone: 0.03, exact: 0.02, bySpread: 2, near: 1, contrast: 0.1 } as const;
/** Pixels of a bulge at most: more is a part of the picture that is as bright. */
const MOST = 80;

/** How far off its tone what is surely of a line lies at most: nothing is as bright as bare paper is everywhere. */
export const offTone = (tones: Float32Array): number => BULGE.exact + BULGE.bySpread * spreadOf(tones);

/**
 * What is of the tone of a damaged line and touches it: knots, where more is lost, and crossings. Marks it in `covered`, too.
 *
 * @param pixels of the line
 * @param covered [height, width] 1 = found already
 */
export function bulgesOf(
  { x, width }: Sheet,
  pixels: readonly number[],
  { middleTone: tone, tone: tones }: Curve,
  covered: Uint8Array,
): number[] {
  const added: number[] = [];
  const off = Math.min(BULGE.tone, offTone(tones));
  const seen = new Set<number>();
  const isAlike = (at: number) => !covered[at] && !seen.has(at) && x[at] >= tone - off;
  /** The blob about a pixel: nothing where it is too large, or does not stand out from its rim. */
  const blobAt = (start: number) => {
    seen.add(start);
    const blob = [start];
    const rim: number[] = [];
    for (let i = 0; i < blob.length && blob.length <= MOST; i++)
      for (const to of [blob[i] - 1, blob[i] + 1, blob[i] - width, blob[i] + width])
        if (isAlike(to)) {
          seen.add(to);
          blob.push(to);
        } else if (!covered[to] && !seen.has(to)) rim.push(x[to]);
    if (blob.length > MOST) return [];
    return rim.length > 0 && quantile(Float32Array.from(rim), 0.5) > tone - BULGE.contrast ? [] : blob;
  };
  for (const from of pixels)
    for (let dy = -BULGE.near; dy <= BULGE.near; dy++)
      for (let dx = -BULGE.near; dx <= BULGE.near; dx++) {
        const start = from + dy * width + dx;
        if (!isAlike(start)) continue;
        // With the rim, of which the line's own ground is not told from here.
        for (const at of blobAt(start))
          for (const to of [at, at - 1, at + 1, at - width, at + width]) {
            if (!covered[to]) added.push(to);
            covered[to] = 1;
          }
      }
  return added;
}
