import { type IsOver, never } from '../stopping/pace.ts';
import { atOnce, inStretches, type Pieces } from '../time-slicing.ts';

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
  const starts = planes.map((values) => values.slice());
  for (const start of starts)
    yield* inStretches(start.length, (from, to) => {
      for (let i = from; i < to; i++) if (!known[i]) start[i] = 0;
    });
  if (!known.includes(1)) return starts.map((start) => start.fill(0));
  if (!known.includes(0)) return starts;
  const { means, known: few, width: w, height: h } = yield* halved(planes, known, width, height);
  const guesses = yield* interpolatedEach(means, few, w, h, smoothness, over);
  const system = over() ? undefined : yield* systemOf(known, width, height, smoothness);
  for (const [p, start] of starts.entries()) {
    yield* inStretches(start.length, (from, to) => {
      for (let i = from; i < to; i++)
        if (!known[i]) start[i] = guesses[p][(Math.floor(i / width) >> 1) * w + ((i % width) >> 1)];
    });
    if (!over()) yield* system?.solve(start, over) ?? [];
  }
  return starts;
}

/** Means of the known pixels of each 2 × 2; unknown where none is. */
export function* halved(
  planes: readonly Float32Array[],
  known: Uint8Array,
  width: number,
  height: number,
): Pieces<{ means: Float32Array[]; known: Uint8Array; width: number; height: number }> {
  const [w, h] = [(width + 1) >> 1, (height + 1) >> 1];
  const count = new Uint8Array(w * h);
  const means = planes.map(() => new Float32Array(w * h));
  yield* inStretches(known.length, (from, end) => {
    for (let i = from; i < end; i++) {
      if (!known[i]) continue;
      const to = (Math.floor(i / width) >> 1) * w + ((i % width) >> 1);
      count[to]++;
      for (let p = 0; p < planes.length; p++) means[p][to] += planes[p][i];
    }
  });
  for (const sums of means) for (let i = 0; i < count.length; i++) if (count[i]) sums[i] /= count[i];
  return { means, known: count.map((n) => (n ? 1 : 0)), width: w, height: h };
}

/** Where in the plane all pixels lie that the equations know, and how they touch. */
interface Places {
  /** The unknown ones, those whose Δu depends on one, and their neighbours. */
  readonly places: Int32Array;
  /** How many are unknown, and how many have a Δu. */
  readonly size: number;
  readonly rows: number;
  /** The 4 neighbours of each of these as numbers of `places`, itself where the image ends: Δ is then symmetric. */
  readonly neighbours: Int32Array;
}

function* systemOf(known: Uint8Array, width: number, height: number, smoothness: Smoothness): Pieces<System> {
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
  yield* inStretches(known.length, (from, to) => {
    for (let i = from; i < to; i++) if (!known[i]) numberOf(i);
  });
  const size = count;
  const neighbour = (place: number, side: number) => numberOf(beside(places[place], side, width, height));
  if (smoothness === 'thinPlate')
    yield* inStretches(4 * size, (from, to) => {
      for (let n = from; n < to; n++) neighbour(n >> 2, n & 3);
    });
  const rows = count;
  const neighbours = new Int32Array(4 * rows);
  yield* inStretches(4 * rows, (from, to) => {
    for (let n = from; n < to; n++) neighbours[n] = neighbour(n >> 2, n & 3);
  });
  return new System({ places: places.slice(0, count), size, rows, neighbours }, smoothness);
}

/** The normal equations over the unknown pixels, without a matrix: they take what the unknown pixels do, not what the plane does. */
class System {
  private readonly laplacian: Float64Array;

  constructor(
    private readonly of: Places,
    private readonly smoothness: Smoothness,
  ) {
    this.laplacian = new Float64Array(of.rows);
  }

  /** Conjugate gradients from the unknown pixels of `plane`, which are overwritten. */
  *solve(plane: Float32Array, over: IsOver): Pieces<void> {
    const { places, size } = this.of;
    const u = new Float64Array(places.length);
    for (let n = 0; n < u.length; n++) u[n] = plane[places[n]];
    yield;
    const residual = (yield* this.apply(u, new Float64Array(size))).map((value) => -value);
    const direction = new Float64Array(u.length);
    const image = new Float64Array(size);
    const first = dot(residual, residual);
    let rest = first;
    let previous = Number.POSITIVE_INFINITY;
    for (let k = 0; k < ITERATIONS && rest > TOLERANCE ** 2 * first && !over(); k++) {
      yield;
      const along = rest / previous;
      for (let n = 0; n < size; n++) direction[n] = residual[n] + along * direction[n];
      yield* this.apply(direction, image);
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
  private *apply(values: Float64Array, out: Float64Array): Pieces<Float64Array> {
    const { rows, size } = this.of;
    const { laplacian } = this;
    yield* inStretches(rows, (from, to) => {
      for (let n = from; n < to; n++) laplacian[n] = this.difference(values, n);
    });
    const thin = this.smoothness === 'membrane';
    yield* inStretches(size, (from, to) => {
      for (let n = from; n < to; n++) out[n] = thin ? -laplacian[n] : this.difference(laplacian, n);
    });
    return out;
  }

  /** Δ at a place. */
  private difference(values: Float64Array, place: number): number {
    const n = this.of.neighbours;
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
