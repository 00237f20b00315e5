import type { Box } from '../image/box.ts';
import type { Pieces } from '../time-slicing.ts';
import { AREA, dct, inverseDct, SIDE } from './dct.ts';
import type { Plane } from './sampling.ts';

/** Members of a group: a power of 2, for the transform across it. */
export const MEMBERS = 16;
/** How far patches are looked for, px. */
export const RADIUS = 12;
/** Distance of reference patches, px. */
export const STRIDE = 3;
/** Patches are compared in whole halves of 1/255: finer is of no use, and their sums of squares are exact. */
export const COMPARED = 2;

/**
 * The second step of BM3D (Dabov, Foi, Katkovnik & Egiazarian, IEEE Trans. Image Processing 2007) with a guide of any
 * origin: groups of patches that are alike in the guide are transformed together (8×8 cosines, Walsh–Hadamard across),
 * and each coefficient of the plane is scaled by what share of the guide's energy is not error, g² / (g² + σ²).
 *
 * @param plane what is restored, and its guide, of the same size.
 * @param variance σ², of the error that a coefficient has on average.
 * @param core where the result is wanted; around it are patches to be found.
 * @returns the plane; outside the core it is as it was.
 */
export function* wiener(plane: Plane, guide: Plane, variance: number, core: Box): Pieces<Plane> {
  const { width, height, data } = plane;
  const [sums, weights] = [new Float32Array(width * height), new Float32Array(width * height)];
  const group = new Group(width);
  const compared = { width, height, data: guide.data.map((value) => roundToEven(COMPARED * value)) };
  for (const row of starts(core.y, core.height, height)) {
    for (const column of starts(core.x, core.width, width)) {
      group.find(compared, column, row);
      const weight = group.filter(data, guide.data, variance);
      group.putBack(sums, weights, weight);
    }
    yield;
  }
  return { width, height, data: data.map((value, i) => (weights[i] > 0 ? sums[i] / weights[i] : value)) };
}

/** The first and the last start of a reference patch along an axis, so that all of the core is covered. */
export function ends(from: number, length: number, whole: number): readonly [first: number, last: number] {
  const last = Math.max(0, Math.min(whole, from + length + SIDE / 2) - SIDE);
  return [Math.min(last, Math.max(0, from - SIDE / 2)), last];
}

function starts(from: number, length: number, whole: number): number[] {
  const [first, last] = ends(from, length, whole);
  const steps = Math.ceil((last - first) / STRIDE);
  return Array.from({ length: steps + 1 }, (_, n) => Math.min(last, first + n * STRIDE));
}

/** Patches that are alike, the nearest first, and their coefficients [members, 8, 8]. */
class Group {
  readonly #offsets = new Int32Array(MEMBERS);
  readonly #distances = new Float64Array(MEMBERS);
  readonly #guide = new Float64Array(MEMBERS * AREA);
  readonly #values = new Float64Array(MEMBERS * AREA);
  #count = 0;

  constructor(readonly stride: number) {}

  /** The patch at (column, row) of the guide, and those in reach that differ least from it. */
  find({ data, width, height }: Plane, column: number, row: number): void {
    const self = row * width + column;
    this.#offsets[0] = self;
    this.#distances[0] = -1;
    this.#count = 1;
    const [left, right] = [Math.max(0, column - RADIUS), Math.min(width - SIDE, column + RADIUS)];
    const [top, bottom] = [Math.max(0, row - RADIUS), Math.min(height - SIDE, row + RADIUS)];
    for (let y = top; y <= bottom; y++)
      for (let x = left; x <= right; x++) {
        const offset = y * width + x;
        if (offset === self) continue;
        const worst = this.#count < MEMBERS ? Number.POSITIVE_INFINITY : this.#distances[this.#count - 1];
        const distance = distanceOf(data, width, self, offset, worst);
        if (distance < worst) this.#insert(offset, distance);
      }
    // A power of 2 of them.
    this.#count = 2 ** Math.floor(Math.log2(this.#count));
  }

  #insert(offset: number, distance: number): void {
    let at = this.#count < MEMBERS ? this.#count++ : MEMBERS - 1;
    for (; this.#distances[at - 1] > distance; at--) {
      this.#distances[at] = this.#distances[at - 1];
      this.#offsets[at] = this.#offsets[at - 1];
    }
    this.#distances[at] = distance;
    this.#offsets[at] = offset;
  }

  /** Filters the group; returns what its members count when they are put back: 1 / energy of the filter. */
  filter(data: Float32Array, guide: Float32Array, variance: number): number {
    this.#load(this.#guide, guide);
    this.#load(this.#values, data);
    let energy = 1;
    // The mean of all stays.
    for (let i = 1; i < this.#count * AREA; i++) {
      const power = this.#guide[i] ** 2;
      const share = power / (power + variance);
      this.#values[i] *= share;
      energy += share * share;
    }
    acrossMembers(this.#values, this.#count);
    for (let k = 0; k < this.#count; k++) inverseDct(this.#values, k * AREA);
    return 1 / energy;
  }

  #load(into: Float64Array, plane: Float32Array): void {
    for (let k = 0; k < this.#count; k++) {
      for (let i = 0; i < AREA; i++)
        into[k * AREA + i] = plane[this.#offsets[k] + (i >> 3) * this.stride + (i & 7)];
      dct(into, k * AREA);
    }
    acrossMembers(into, this.#count);
  }

  putBack(sums: Float32Array, weights: Float32Array, weight: number): void {
    for (let k = 0; k < this.#count; k++)
      for (let i = 0; i < AREA; i++) {
        const at = this.#offsets[k] + (i >> 3) * this.stride + (i & 7);
        sums[at] += weight * this.#values[k * AREA + i];
        weights[at] += weight;
      }
  }
}

/** Sum of squared differences of two patches, or some of it that is not below `worst`. */
function distanceOf(data: Float32Array, width: number, a: number, b: number, worst: number): number {
  let sum = 0;
  for (let y = 0; y < SIDE && sum < worst; y++)
    for (let x = 0; x < SIDE; x++) {
      const d = data[a + y * width + x] - data[b + y * width + x];
      sum += d * d;
    }
  return sum;
}

/** Walsh–Hadamard transform across members, orthonormal: its own inverse. */
function acrossMembers(values: Float64Array, count: number): void {
  for (let half = 1; half < count; half *= 2)
    for (let first = 0; first < count; first += 2 * half)
      for (let i = first * AREA; i < (first + half) * AREA; i++) {
        const [a, b] = [values[i], values[i + half * AREA]];
        values[i] = (a + b) * Math.SQRT1_2;
        values[i + half * AREA] = (a - b) * Math.SQRT1_2;
      }
}

/** As the kernel's instruction rounds. */
function roundToEven(value: number): number {
  const near = Math.round(value);
  return near - value === 0.5 && near % 2 !== 0 ? near - 1 : near;
}
