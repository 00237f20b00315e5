import { eigen } from './eigen.ts';
import { varianceAt } from './noise-model.ts';
import type { NoiseTables, StepNoise } from './noise-tables.ts';
import { brightnessFactor } from './opponent.ts';
import { ROUNDS, SPACING } from './rounds.ts';
import { compareScale, type StepSettings, type StripPlanes } from './strip.ts';

interface Place {
  readonly row: number;
  readonly column: number;
}

/** Similar patches, and which of their samples are estimated together. */
interface Group {
  /** Of each patch, its offset in a plane. */
  readonly patches: readonly number[];
  /** Offsets of the samples from that of their patch. */
  readonly samples: readonly number[];
  /** The plane of the first sample. */
  readonly plane: number;
  readonly brightness: number;
}

/** Where the references of each round begin. */
function* roundsOf(
  { width, firstRow, endRow }: StripPlanes,
  { patch, stride }: StepSettings,
): Generator<Place[]> {
  for (const [down, right] of ROUNDS) {
    const round: Place[] = [];
    for (let row = firstRow + down; row < endRow; row += SPACING)
      for (let column = right; column + patch <= width; column += SPACING) {
        const isLast = row === endRow - 1 || column === width - patch;
        if (isLast || (down % stride === 0 && right % stride === 0)) round.push({ row, column });
      }
    yield round;
  }
}

/**
 * What the kernel of assembly/denoise.ts computes, by plain loops in double precision: the oracle it is tested against.
 * Sums of estimates and their numbers, [planes + 1, height, width].
 */
export function denoiseReference(strip: StripPlanes, noise: StepNoise, settings: StepSettings): Float64Array {
  const { width, height, planes, noisy } = strip;
  const guide = strip.guide ?? noisy;
  const { patch } = settings;
  const n = width * height;
  const scale = compareScale(noise);
  const levels = guide.map((value) => roundToEven(Math.fround(value * Math.fround(scale))));
  const out = new Float64Array((planes + 1) * n);
  const used = new Uint8Array(n);
  const places = placesOf(patch, width);
  for (const round of roundsOf(strip, settings)) {
    // Those of a round know nothing of each other.
    const references = round.filter(({ row, column }) => !used[row * width + column]);
    for (const { row, column } of references) {
      const patches = similar(levels, strip, settings, { row, column });
      const brightness =
        brightnessFactor(planes) * mean(patches.flatMap((o) => places.map((p) => guide[o + p])));
      const together = strip.guide ? planes : 1;
      for (let plane = 0; plane < planes; plane += together) {
        const samples = Array.from({ length: together }, (_, q) =>
          places.map((s) => (plane + q) * n + s),
        ).flat();
        const estimates = estimate({ patches, samples, plane, brightness }, strip, noise, settings);
        for (const [m, o] of patches.entries())
          for (const [c, s] of samples.entries()) out[o + s] += estimates[m][c];
      }
      for (const o of patches) {
        used[o] = 1;
        for (const place of places) out[planes * n + o + place]++;
      }
    }
  }
  return out;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function roundToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

/** Offsets of a patch's samples in one plane. */
function placesOf(patch: number, width: number): number[] {
  return Array.from({ length: patch * patch }, (_, c) => Math.floor(c / patch) * width + (c % patch));
}

/** Offsets of the patches most like the one at (column, row), itself among them. */
function similar(
  levels: Float32Array,
  { width, height, planes, guide }: StripPlanes,
  { patch, radius, members }: StepSettings,
  { row, column }: Place,
): number[] {
  const self = row * width + column;
  const found: { offset: number; distance: number }[] = [];
  for (let i = Math.max(0, row - radius); i <= Math.min(height - patch, row + radius); i++)
    for (let j = Math.max(0, column - radius); j <= Math.min(width - patch, column + radius); j++) {
      const offset = i * width + j;
      let distance = offset === self ? -1 : 0;
      for (let p = 0; p < (guide ? planes : 1); p++)
        for (const place of placesOf(patch, width)) {
          const at = p * width * height + place;
          distance += (levels[at + offset] - levels[at + self]) ** 2;
        }
      found.push({ offset, distance });
    }
  found.sort((a, b) => a.distance - b.distance || a.offset - b.offset);
  return found.slice(0, members).map(({ offset }) => offset);
}

/** The estimate of each member. */
function estimate(
  { patches, samples, plane, brightness }: Group,
  { noisy, guide }: StripPlanes,
  noise: StepNoise,
  { patch }: StepSettings,
): number[][] {
  const x = patches.map((o) => samples.map((s) => (guide ?? noisy)[o + s]));
  const mu = samples.map((_, c) => mean(x.map((member) => member[c])));
  const covariance = samples.map((_, i) =>
    samples.map((_, j) => {
      const products = x.map((member) => (member[i] - mu[i]) * (member[j] - mu[j]));
      return products.reduce((sum, value) => sum + value, 0) / Math.max(1, patches.length - 1);
    }),
  );
  const keeps = guide
    ? keptByGuide(covariance, noise, brightness, patch * patch)
    : keptByShrinkage(covariance, noise, plane, brightness, patches.length);
  return patches.map((o) => {
    const z = samples.map((s, c) => noisy[o + s] - mu[c]);
    return mu.map((value, i) => value + keeps[i].reduce((sum, factor, j) => sum + factor * z[j], 0));
  });
}

type Matrix = readonly (readonly number[])[];

const product = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));

const identity = (n: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));

function tableOf(tables: NoiseTables | undefined, name: keyof NoiseTables, n: number): number[][] {
  if (!tables) return identity(n);
  return Array.from({ length: n }, (_, i) => Array.from(tables[name].subarray(i * n, (i + 1) * n)));
}

/** R^½ M R^−½ with M the optimal shrinkage of the covariance in units of the noise (Gavish & Donoho, 2017). */
function keptByShrinkage(
  covariance: Matrix,
  { planes, tables }: StepNoise,
  plane: number,
  brightness: number,
  members: number,
): number[][] {
  const n = covariance.length;
  const whitening = tableOf(tables[plane], 'whitening', n);
  const white = product(product(whitening, covariance), whitening);
  const { values, vectors } = eigen(Float64Array.from(white.flat()), n);
  const beta = n / Math.max(1, members - 1);
  const kept = values.map((value) => {
    const ratio = value / varianceAt(planes[plane], brightness);
    const inner = (ratio - 1 - beta) ** 2 - 4 * beta;
    return ratio > 1 + beta && inner > 0 ? Math.sqrt(inner) / ratio : 0;
  });
  const shrunk = covariance.map((_, i) =>
    covariance.map((_, j) =>
      kept.reduce((sum, factor, k) => sum + factor * vectors[i * n + k] * vectors[j * n + k], 0),
    ),
  );
  return product(product(tableOf(tables[plane], 'colouring', n), shrunk), whitening);
}

/** 1 − Σ (C + Σ)⁻¹ */
function keptByGuide(covariance: Matrix, noise: StepNoise, brightness: number, size: number): number[][] {
  const n = covariance.length;
  const tables = noise.tables.map((table) => tableOf(table, 'correlation', size));
  const sigma = covariance.map((_, i) =>
    covariance.map((_, j) => {
      const p = Math.floor(i / size);
      // The planes' noise is independent.
      if (p !== Math.floor(j / size)) return 0;
      return varianceAt(noise.planes[p], brightness) * tables[p][i % size][j % size];
    }),
  );
  const inverse = inverseOf(covariance.map((row, i) => row.map((value, j) => value + sigma[i][j])));
  const removed = product(sigma, inverse);
  return identity(n).map((row, i) => row.map((one, j) => one - removed[i][j]));
}

/** By Gauss and Jordan's elimination; a is symmetric and positive definite. */
function inverseOf(a: Matrix): number[][] {
  const rows = identity(a.length).map((row, i) => [...a[i], ...row]);
  rows.forEach((pivot, k) => {
    const by = pivot[k];
    for (let j = 0; j < pivot.length; j++) pivot[j] /= by;
    for (const row of rows) {
      const factor = row[k];
      if (row !== pivot) for (let j = 0; j < row.length; j++) row[j] -= factor * pivot[j];
    }
  });
  return rows.map((row) => row.slice(a.length));
}
