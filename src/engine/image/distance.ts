/**
 * Euclidean distance, px, from each pixel to the nearest one where `set` is not 0; 0 on the set, infinite when it is empty.
 * Exact, in two passes of parabola envelopes (Felzenszwalb & Huttenlocher, Theory of Computing 8, 2012).
 */
export function distanceTo(set: Uint8Array, width: number, height: number): Float32Array {
  const squared = new Float64Array(set.length);
  for (let i = 0; i < set.length; i++) squared[i] = set[i] ? 0 : FAR;
  const side = Math.max(width, height);
  const scratch = {
    line: new Float64Array(side),
    vertices: new Int32Array(side),
    starts: new Float64Array(side + 1),
  };
  for (let x = 0; x < width; x++) transformLine(squared, x, width, height, scratch);
  for (let y = 0; y < height; y++) transformLine(squared, y * width, 1, width, scratch);
  const out = new Float32Array(set.length);
  for (let i = 0; i < out.length; i++)
    out[i] = squared[i] >= FAR ? Number.POSITIVE_INFINITY : Math.sqrt(squared[i]);
  return out;
}

/** Above any squared distance, and finite, so that differences of two are no NaN. */
const FAR = 1e15;

/** One line's samples, and its lower envelope: the parabolas in it and where each begins. */
interface Scratch {
  readonly line: Float64Array;
  readonly vertices: Int32Array;
  readonly starts: Float64Array;
}

/** d[i] ← min_j d[j] + (i − j)² along `count` samples, `stride` apart. */
function transformLine(
  d: Float64Array,
  from: number,
  stride: number,
  count: number,
  { line, vertices, starts }: Scratch,
): void {
  for (let i = 0; i < count; i++) line[i] = d[from + i * stride];
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
    d[from + i * stride] = line[vertices[k]] + (i - vertices[k]) ** 2;
  }
}

/** Where the parabola rooted at j overtakes the one at i < j. */
function crossing(line: Float64Array, i: number, j: number): number {
  return (line[j] + j * j - (line[i] + i * i)) / (2 * (j - i));
}
