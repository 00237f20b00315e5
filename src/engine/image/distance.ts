import { atOnce, type Pieces } from '../time-slicing.ts';

/** Rows between two turns. */
const ROWS = 16;

/**
 * Euclidean distance, px, from each pixel to the nearest one where `set` is not 0; 0 on the set, infinite when it is empty.
 * Exact: counted along columns, then parabola envelopes along rows (Felzenszwalb & Huttenlocher, Theory of Computing 8, 2012).
 */
export function distanceTo(set: Uint8Array, width: number, height: number): Float32Array {
  return atOnce(distancesTo(set, width, height));
}

/** The same in pieces. */
export function* distancesTo(set: Uint8Array, width: number, height: number): Pieces<Float32Array> {
  const out = new Float32Array(set.length);
  // Down the columns and up again: px to the nearest one of the same column.
  for (let i = 0; i < out.length; i++)
    out[i] = set[i] ? 0 : i < width ? Number.POSITIVE_INFINITY : out[i - width] + 1;
  yield;
  for (let i = out.length - 1 - width; i >= 0; i--) out[i] = Math.min(out[i], out[i + width] + 1);
  const scratch = {
    line: new Float64Array(width),
    vertices: new Int32Array(width),
    starts: new Float64Array(width + 1),
  };
  for (let y = 0; y < height; y++) {
    if (y % ROWS === 0) yield;
    alongRow(out.subarray(y * width, (y + 1) * width), scratch);
  }
  return out;
}

/** Above any squared distance, and finite, so that differences of two are no NaN. */
const FAR = 1e15;

/** One row's squares, and their lower envelope: the parabolas in it and where each begins. */
interface Scratch {
  readonly line: Float64Array;
  readonly vertices: Int32Array;
  readonly starts: Float64Array;
}

/** d[i] ← √(min_j d[j]² + (i − j)²) along a row. */
function alongRow(d: Float32Array, { line, vertices, starts }: Scratch): void {
  const count = d.length;
  let farthest = 0;
  for (let i = 0; i < count; i++) {
    line[i] = d[i] === Number.POSITIVE_INFINITY ? FAR : d[i] ** 2;
    farthest = Math.max(farthest, line[i]);
  }
  if (farthest === 0) return;
  let last = 0;
  vertices[0] = 0;
  starts[0] = Number.NEGATIVE_INFINITY;
  starts[1] = Number.POSITIVE_INFINITY;
  for (let i = 1; i < count; i++) {
    let cross = crossing(line, vertices[last], i);
    while (cross <= starts[last]) cross = crossing(line, vertices[--last], i);
    vertices[++last] = i;
    starts[last] = cross;
    starts[last + 1] = Number.POSITIVE_INFINITY;
  }
  for (let i = 0, k = 0; i < count; i++) {
    while (starts[k + 1] < i) k++;
    const squared = line[vertices[k]] + (i - vertices[k]) ** 2;
    d[i] = squared >= FAR ? Number.POSITIVE_INFINITY : Math.sqrt(squared);
  }
}

/** Where the parabola rooted at j overtakes the one at i < j. */
function crossing(line: Float64Array, i: number, j: number): number {
  return (line[j] + j * j - (line[i] + i * i)) / (2 * (j - i));
}
