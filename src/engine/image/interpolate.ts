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
  const coarse = planes.map((values) => halved(values, known, width, height));
  yield;
  const { known: few, width: w, height: h } = coarse[0];
  const means = coarse.map(({ values }) => values);
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
function halved(values: Float32Array, known: Uint8Array, width: number, height: number) {
  const [w, h] = [(width + 1) >> 1, (height + 1) >> 1];
  const count = new Float32Array(w * h);
  const sums = new Float32Array(w * h);
  for (let i = 0; i < values.length; i++) {
    if (!known[i]) continue;
    const to = (Math.floor(i / width) >> 1) * w + ((i % width) >> 1);
    count[to]++;
    sums[to] += values[i];
  }
  return {
    values: sums.map((sum, i) => (count[i] ? sum / count[i] : 0)),
    known: Uint8Array.from(count, (n) => (n ? 1 : 0)),
    width: w,
    height: h,
  };
}

/** The normal equations over the unknown pixels, without a matrix. */
class System {
  readonly unknown: Int32Array;
  /** Pixels where Δu depends on an unknown one, the unknown themselves first. */
  private readonly rows: Int32Array;
  /** The 4 neighbours of each of these, itself where the image ends: Δ is then symmetric. */
  private readonly neighbours: Int32Array;
  private readonly laplacian: Float64Array;
  private readonly smoothness: Smoothness;

  constructor(known: Uint8Array, width: number, height: number, smoothness: Smoothness) {
    const around = (i: number) => {
      const x = i % width;
      return [
        x > 0 ? i - 1 : i,
        x < width - 1 ? i + 1 : i,
        i >= width ? i - width : i,
        i < width * (height - 1) ? i + width : i,
      ];
    };
    const unknown = [...known.keys()].filter((i) => !known[i]);
    const rim = smoothness === 'membrane' ? [] : unknown.flatMap(around).filter((i) => known[i]);
    this.unknown = Int32Array.from(unknown);
    this.rows = Int32Array.from([...unknown, ...new Set(rim)]);
    this.neighbours = Int32Array.from(Array.from(this.rows).flatMap(around));
    this.laplacian = new Float64Array(known.length);
    this.smoothness = smoothness;
  }

  get size(): number {
    return this.unknown.length;
  }

  /** Conjugate gradients from the unknown pixels of `plane`, which are overwritten. */
  *solve(plane: Float32Array, over: IsOver): Pieces<void> {
    const { unknown, size } = this;
    const u = Float64Array.from(plane);
    const residual = this.apply(u, new Float64Array(size)).map((value) => -value);
    const direction = new Float64Array(u.length);
    const image = new Float64Array(size);
    const first = dot(residual, residual);
    let rest = first;
    let previous = Number.POSITIVE_INFINITY;
    for (let k = 0; k < ITERATIONS && rest > TOLERANCE ** 2 * first && !over(); k++) {
      yield;
      const along = rest / previous;
      for (let n = 0; n < size; n++) direction[unknown[n]] = residual[n] + along * direction[unknown[n]];
      this.apply(direction, image);
      let curvature = 0;
      for (let n = 0; n < size; n++) curvature += direction[unknown[n]] * image[n];
      const step = rest / curvature;
      for (let n = 0; n < size; n++) {
        u[unknown[n]] += step * direction[unknown[n]];
        residual[n] -= step * image[n];
      }
      previous = rest;
      rest = dot(residual, residual);
    }
    for (const i of unknown) plane[i] = u[i];
  }

  /** `out` ← −Δ or Δ² of a plane, at the unknown pixels. */
  private apply(plane: Float64Array, out: Float64Array): Float64Array {
    const { rows, laplacian, size } = this;
    for (let row = 0; row < rows.length; row++) laplacian[rows[row]] = this.difference(plane, rows[row], row);
    const thin = this.smoothness === 'membrane';
    for (let row = 0; row < size; row++)
      out[row] = thin ? -laplacian[rows[row]] : this.difference(laplacian, rows[row], row);
    return out;
  }

  /** Δ of a plane at pixel i, whose neighbours are those of `row`. */
  private difference(plane: Float64Array, i: number, row: number): number {
    const n = this.neighbours;
    const at = 4 * row;
    return plane[n[at]] + plane[n[at + 1]] + plane[n[at + 2]] + plane[n[at + 3]] - 4 * plane[i];
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
