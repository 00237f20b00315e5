import type { Sheet } from './sheet.ts';

/** How near in tone to a line, of the full range, and how near to what is found of it, px, what bulges out of it is. */
const BULGE = { tone: 0.03, near: 1 } as const;
/** Pixels of a bulge at most: more is a part of the picture that is as bright. */
const MOST = 80;

/**
 * What is of the tone of a damaged line and touches it: knots, where more is lost, and crossings. Marks it in `covered`, too.
 *
 * @param pixels of the line
 * @param covered [height, width] 1 = found already
 */
export function bulgesOf(
  { x, width }: Sheet,
  pixels: readonly number[],
  tone: number,
  covered: Uint8Array,
): number[] {
  const added: number[] = [];
  const seen = new Set<number>();
  const isAlike = (at: number) => !covered[at] && !seen.has(at) && x[at] >= tone - BULGE.tone;
  for (const from of pixels)
    for (let dy = -BULGE.near; dy <= BULGE.near; dy++)
      for (let dx = -BULGE.near; dx <= BULGE.near; dx++) {
        const start = from + dy * width + dx;
        if (!isAlike(start)) continue;
        seen.add(start);
        const blob = [start];
        for (let i = 0; i < blob.length && blob.length <= MOST; i++)
          for (const to of [blob[i] - 1, blob[i] + 1, blob[i] - width, blob[i] + width])
            if (isAlike(to)) {
              seen.add(to);
              blob.push(to);
            }
        if (blob.length > MOST) continue;
        // With the rim, of which the line's own ground is not told from here.
        for (const at of blob)
          for (const to of [at, at - 1, at + 1, at - width, at + width]) {
            if (!covered[to]) added.push(to);
            covered[to] = 1;
          }
      }
  return added;
}
