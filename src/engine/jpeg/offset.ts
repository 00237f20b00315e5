import { cutPicture } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { SIDE } from './dct.ts';
import { findTable } from './trace.ts';
import { toPlanes } from './ycbcr.ts';

/** Where the first whole block of a picture begins, px. */
export interface Offset {
  readonly x: number;
  readonly y: number;
}

/** A step between blocks counts by no more than this, 1/255: what is drawn has larger ones anywhere. */
const MOST = 8;
/** Places of a block that are tried along each axis, and by how many deviations of the others the first must stand out. */
const TRIED = { places: 2, deviations: 2 } as const;
/** Largest side of the part in which a table is looked for, px. */
const ENOUGH = 512;

/**
 * Finds the table of a decoded JPEG that was cropped since, off the grid of its blocks: steps are larger between blocks than within
 * them, so that few places of the grid have to be tried.
 *
 * @param picture with NaN where nothing is to be seen.
 * @returns where its grid begins, 0 … 7, and the steps [8, 8]; undefined when it does not look like one.
 */
export function* findShiftedTable(
  picture: Picture,
): Pieces<{ offset: Offset; table: Uint16Array } | undefined> {
  const { width, height } = picture;
  const [luma] = toPlanes(picture.colour, picture.channels);
  yield;
  const columns = likeliest(stepsBy(luma, { across: 1, along: width, length: width, lines: height }));
  yield;
  const rows = likeliest(stepsBy(luma, { across: width, along: 1, length: height, lines: width }));
  for (const y of rows)
    for (const x of columns) {
      if (x === 0 && y === 0) continue;
      const table = yield* findTable(cutPicture(picture, middleFrom({ x, y }, width, height)));
      if (table) return { offset: { x, y }, table };
    }
  return undefined;
}

/** The middle of a picture, on a grid that begins there. */
function middleFrom({ x, y }: Offset, width: number, height: number) {
  const [w, h] = [Math.min(ENOUGH, width - x), Math.min(ENOUGH, height - y)];
  const onGrid = (room: number) => SIDE * Math.floor(room / 2 / SIDE);
  return { x: x + onGrid(width - x - w), y: y + onGrid(height - y - h), width: w, height: h };
}

/** Of each place of a block how large steps into it are, in the mean. */
function stepsBy(
  luma: Float32Array,
  { across, along, length, lines }: { across: number; along: number; length: number; lines: number },
): number[] {
  const [sums, counts] = [new Float64Array(SIDE), new Float64Array(SIDE)];
  for (let line = 0; line < lines; line++)
    for (let i = 1; i < length; i++) {
      const at = line * along + i * across;
      const step = Math.abs(luma[at] - luma[at - across]);
      if (Number.isNaN(step)) continue;
      sums[i % SIDE] += Math.min(MOST, step);
      counts[i % SIDE]++;
    }
  return Array.from(sums, (sum, i) => sum / Math.max(1, counts[i]));
}

/** The places that stand out, the likeliest first; none where the first does not. */
function likeliest(steps: readonly number[]): number[] {
  const sorted = steps.map((_, i) => i).sort((a, b) => steps[b] - steps[a]);
  const others = sorted.slice(1).map((i) => steps[i]);
  const mean = others.reduce((sum, value) => sum + value, 0) / others.length;
  const deviation = Math.sqrt(others.reduce((sum, value) => sum + (value - mean) ** 2, 0) / others.length);
  return steps[sorted[0]] > mean + TRIED.deviations * deviation ? sorted.slice(0, TRIED.places) : [];
}
