/** A pixel of which more than this share is marked is filled: a rim left as known would show as a ghost of the stroke. */
export const MARKED = 0.1;

/** Share from which a pixel beside a marked one is the rim of the same stroke. */
export const RIM = 0.02;

/**
 * 255 = known, 0 = to fill: what is marked, with its rim.
 *
 * @param cover [height, width] share of each pixel that is marked, 0 … 1.
 */
export function knownBelow(cover: Float32Array, width: number, height: number): Uint8Array {
  const isRim = (i: number) =>
    cover[i] > RIM && neighboursOf(i, width, height).some((j) => cover[j] > MARKED);
  return Uint8Array.from(cover, (c, i) => (c > MARKED || isRim(i) ? 0 : 255));
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
