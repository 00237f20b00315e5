import { type IsOver, never } from '../stopping/pace.ts';
import { atOnce, type Pieces } from '../time-slicing.ts';

/**
 * What is minimised over the unknown pixels: the membrane's ∫|∇u|² (Laplace's equation; noise at the rim dies out
 * within a few pixels) or the thin plate's ∫(Δu)² (the biharmonic equation; continues slopes, and noise too).
 */
export type Smoothness = 'membrane' | 'thinPlate';

/** Conjugate gradients end when the residual has fallen to this share of its start … */
const TOLERANCE = 1e-3;
/** … or after so many iterations a level; the level below has settled what takes longer. */
const ITERATIONS = 150;

/**
 * The smoothest plane [height, width] that has the given values where known = 1. Solved coarse to fine by conjugate
 * gradients over the unknown pixels alone. All unknown: zeros.
 */
export function interpolate(
  values: Float32Array,
  known: Uint8Array,
  width: number,
  height: number,
  smoothness: Smoothness,
): Float32Array {
  return atOnce(interpolated(values, known, width, height, smoothness));
}

/** The same in pieces; once the time is `over`, what was found at half the size has to do. */
export function* interpolated(
  values: Float32Array,
  known: Uint8Array,
  width: number,
  height: number,
  smoothness: Smoothness,
  over: IsOver = never,
): Pieces<Float32Array> {
  const [only] = yield* interpolatedEach([values], known, width, height, smoothness, over);
  return only;
}

/** The same of several planes, whose equations are set up once. */
export function* interpolatedEach(
  planes: readonly Float32Array[],
  known: Uint8Array,
  width: number,
  height: number,
  smoothness: Smoothness,
  over: IsOver = never,
): Pieces<Float32Array[]> {
  const starts = planes.map((values) => values.map((value, i) => (known[i] ? value : 0)));
  if (!known.includes(1)) return starts.map((start) => start.fill(0));
  if (!known.includes(0)) return starts;
  const { means, known: few, width: w, height: h } = halved(planes, known, width, height);
  yield;
  const guesses = yield* interpolatedEach(means, few, w, h, smoothness, over);
  const system = over() ? undefined : new System(known, width, height, smoothness);
  for (const [p, start] of starts.entries()) {
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) if (!known[i]) start[i] = guesses[p][(y >> 1) * w + (x >> 1)];
    if (!over()) yield* system?.solve(start, over) ?? [];
  }
  return starts;
}

/** Means of the known pixels of each 2 × 2; unknown where none is. */
function halved(planes: readonly Float32Array[], known: Uint8Array, width: number, height: number) {
  const [w, h] = [(width + 1) >> 1, (height + 1) >> 1];
  const count = new Uint8Array(w * h);
  const means = planes.map(() => new Float32Array(w * h));
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (!known[i]) continue;
      const to = (y >> 1) * w + (x >> 1);
      count[to]++;
      for (let p = 0; p < planes.length; p++) means[p][to] += planes[p][i];
    }
  for (const sums of means) for (let i = 0; i < count.length; i++) if (count[i]) sums[i] /= count[i];
  return { means, known: count.map((n) => (n ? 1 : 0)), width: w, height: h };
}

/** The normal equations over the unknown pixels, without a matrix: they take what the unknown pixels do, not what the plane does. */
class System {
  /** Where in the plane all pixels lie that the equations know: the unknown ones, those whose Δu depends on one, and their neighbours. */
  private readonly places: Int32Array;
  /** How many are unknown, and how many have a Δu. */
  readonly size: number;
  private readonly rows: number;
  /** The 4 neighbours of each of these as numbers of `places`, itself where the image ends: Δ is then symmetric. */
  private readonly neighbours: Int32Array;
  private readonly laplacian: Float64Array;

  constructor(
    known: Uint8Array,
    width: number,
    height: number,
    private readonly smoothness: Smoothness,
  ) {
    const number = new Int32Array(known.length).fill(-1);
    let places = new Int32Array(1024);
    let count = 0;
    const numberOf = (i: number): number => {
      if (number[i] >= 0) return number[i];
      if (count === places.length) places = enlarged(places);
      places[count] = i;
      number[i] = count;
      return count++;
    };
    for (let i = 0; i < known.length; i++) if (!known[i]) numberOf(i);
    this.size = count;
    const neighbour = (place: number, side: number) => numberOf(beside(places[place], side, width, height));
    if (smoothness === 'thinPlate') for (let n = 0; n < 4 * this.size; n++) neighbour(n >> 2, n & 3);
    this.rows = count;
    this.neighbours = new Int32Array(4 * this.rows);
    for (let n = 0; n < 4 * this.rows; n++) this.neighbours[n] = neighbour(n >> 2, n & 3);
    this.places = places.slice(0, count);
    this.laplacian = new Float64Array(this.rows);
  }

  /** Conjugate gradients from the unknown pixels of `plane`, which are overwritten. */
  *solve(plane: Float32Array, over: IsOver): Pieces<void> {
    const { places, size } = this;
    const u = new Float64Array(places.length);
    for (let n = 0; n < u.length; n++) u[n] = plane[places[n]];
    const residual = this.apply(u, new Float64Array(size)).map((value) => -value);
    const direction = new Float64Array(u.length);
    const image = new Float64Array(size);
    const first = dot(residual, residual);
    let rest = first;
    let previous = Number.POSITIVE_INFINITY;
    for (let k = 0; k < ITERATIONS && rest > TOLERANCE ** 2 * first && !over(); k++) {
      yield;
      const along = rest / previous;
      for (let n = 0; n < size; n++) direction[n] = residual[n] + along * direction[n];
      this.apply(direction, image);
      let curvature = 0;
      for (let n = 0; n < size; n++) curvature += direction[n] * image[n];
      const step = rest / curvature;
      for (let n = 0; n < size; n++) {
        u[n] += step * direction[n];
        residual[n] -= step * image[n];
      }
      previous = rest;
      rest = dot(residual, residual);
    }
    for (let n = 0; n < size; n++) plane[places[n]] = u[n];
  }

  /** `out` ← −Δ or Δ² of values at `places`, at the unknown ones. */
  private apply(values: Float64Array, out: Float64Array): Float64Array {
    const { rows, laplacian, size } = this;
    for (let n = 0; n < rows; n++) laplacian[n] = this.difference(values, n);
    const thin = this.smoothness === 'membrane';
    for (let n = 0; n < size; n++) out[n] = thin ? -laplacian[n] : this.difference(laplacian, n);
    return out;
  }

  /** Δ at a place. */
  private difference(values: Float64Array, place: number): number {
    const n = this.neighbours;
    const at = 4 * place;
    return values[n[at]] + values[n[at + 1]] + values[n[at + 2]] + values[n[at + 3]] - 4 * values[place];
  }
}

/** The pixel to the left, to the right, above or below, or the same where the image ends. */
function beside(i: number, side: number, width: number, height: number): number {
  if (side === 0) return i % width > 0 ? i - 1 : i;
  if (side === 1) return i % width < width - 1 ? i + 1 : i;
  if (side === 2) return i >= width ? i - width : i;
  return i < width * (height - 1) ? i + width : i;
}

function enlarged(list: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * list.length);
  longer.set(list);
  return longer;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
