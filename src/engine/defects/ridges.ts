import type { Pieces } from '../time-slicing.ts';
import type { Sheet } from './sheet.ts';

/** Orientations that lines are looked for in, over half a turn. */
export const ORIENTATIONS = 8;
/** Half the length that is averaged along a line, and the distance of its sides from its middle, px. */
const REACH = { along: 3, across: 4 } as const;
export const REACH_ALONG = REACH.along;
/** Free border that the operators need, px. */
const BORDER = REACH.along + REACH.across + 2;

/** One orientation: steps along and across, as offsets in px. */
interface Orientation {
  readonly along: readonly (readonly [number, number])[];
  /** Towards one side; the other is opposite. */
  readonly side: readonly [number, number];
  readonly normal: readonly [number, number];
}

/** By angle, k π / ORIENTATIONS from the rows on. */
export const ORIENTED: readonly Orientation[] = Array.from({ length: ORIENTATIONS }, (_, k) => {
  const angle = (Math.PI * k) / ORIENTATIONS;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const along = Array.from({ length: 2 * REACH.along + 1 }, (_, i) => i - REACH.along).map(
    (t) => [Math.round(c * t), Math.round(s * t)] as const,
  );
  const side = [Math.round(-s * REACH.across), Math.round(c * REACH.across)] as const;
  return { along, side, normal: [Math.round(-s), Math.round(c)] };
});

/** Pixels on the middle of a bright line. */
export interface Ridges {
  /** [height, width] by how much it is brighter than the brighter of its sides; 0 = no line. */
  readonly rise: Float32Array;
  /** [height, width] index into ORIENTED. */
  readonly orientation: Uint8Array;
}

/**
 * Where a plane has bright lines of up to 5 px: short pieces of them are brighter than what lies beside them on both sides,
 * which the edge of an area is not.
 *
 * @param least by how much they stand out at least
 */
export function* findRidges({ x, width, height }: Sheet, least: number): Pieces<Ridges> {
  const rise = new Float32Array(x.length);
  const orientation = new Uint8Array(x.length);
  const length = 2 * REACH.along + 1;
  const along = Int32Array.from(ORIENTED.flatMap((o) => o.along.map(([dx, dy]) => dy * width + dx)));
  const sides = Int32Array.from(ORIENTED, ({ side: [u, v] }) => v * width + u);
  for (let row = BORDER; row + BORDER < height; row++) {
    for (let column = BORDER; column + BORDER < width; column++) {
      const at = row * width + column;
      let best = least;
      for (let k = 0; k < ORIENTATIONS; k++) {
        const side = sides[k];
        // What is not brighter itself need not be looked at closer: nearly all pixels end here.
        const half = x[at] - 0.5 * best;
        if (!(half > x[at - side] && half > x[at + side])) continue;
        let middle = 0;
        let left = 0;
        let right = 0;
        for (let i = k * length; i < (k + 1) * length; i++) {
          const to = at + along[i];
          middle += x[to];
          left += x[to - side];
          right += x[to + side];
        }
        const stands = (middle - Math.max(left, right)) / length;
        if (!(stands > best)) continue;
        best = stands;
        rise[at] = stands;
        orientation[at] = k;
      }
    }
    yield;
  }
  return { rise: thinned(rise, orientation, width), orientation };
}

/** Only the greatest across each line. */
function thinned(rise: Float32Array, orientation: Uint8Array, width: number): Float32Array {
  const kept = new Float32Array(rise.length);
  const normals = ORIENTED.map(({ normal: [u, v] }) => v * width + u);
  for (let at = 0; at < rise.length; at++) {
    if (rise[at] === 0) continue;
    const step = normals[orientation[at]];
    const before = Math.max(rise[at - step], rise[at - 2 * step]);
    const after = Math.max(rise[at + step], rise[at + 2 * step]);
    if (rise[at] >= before && rise[at] > after) kept[at] = rise[at];
  }
  return kept;
}
