/**
 * Euclidean distance, px, from each pixel to the nearest one where `set` is 1; 0 on the set, infinite when it is empty.
 * Exact, in two passes of parabola envelopes (Felzenszwalb & Huttenlocher, Theory of Computing 8, 2012).
 */
export function distanceTo(set: Uint8Array, width: number, height: number): Float32Array {
  const squared = Float64Array.from(set, (inside) => (inside ? 0 : FAR));
  const line = new Float64Array(Math.max(width, height));
  for (let x = 0; x < width; x++) transformLine(squared, x, width, height, line);
  for (let y = 0; y < height; y++) transformLine(squared, y * width, 1, width, line);
  return Float32Array.from(squared, (d) => (d >= FAR ? Number.POSITIVE_INFINITY : Math.sqrt(d)));
}

/** Above any squared distance, and finite, so that differences of two are no NaN. */
const FAR = 1e15;

/** d[i] ← min_j d[j] + (i − j)² along `count` samples, `stride` apart. */
function transformLine(
  d: Float64Array,
  from: number,
  stride: number,
  count: number,
  line: Float64Array,
): void {
  for (let i = 0; i < count; i++) line[i] = d[from + i * stride];
  const vertices = new Int32Array(count);
  const starts = new Float64Array(count + 1);
  let last = 0;
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
