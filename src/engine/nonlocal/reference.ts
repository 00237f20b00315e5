import { varianceAt } from './noise-model.ts';
import { brightnessFactor } from './opponent.ts';
import { compareScale, type StepNoise, type StepSettings, type StripPlanes } from './strip.ts';

/**
 * What the kernel of assembly/denoise.ts computes, by plain loops in double precision: the oracle it is tested against.
 * Sums of estimates and their numbers, [planes + 1, height, width].
 */
export function denoiseReference(strip: StripPlanes, noise: StepNoise, settings: StepSettings): Float64Array {
  const { width, height, planes, noisy, firstRow, endRow } = strip;
  const guide = strip.guide ?? noisy;
  const { patch, joint, enough } = settings;
  const n = width * height;
  const scale = compareScale(noise);
  const levels = guide.map((value) => roundToEven(Math.fround(value * Math.fround(scale))));
  const out = new Float64Array((planes + 1) * n);
  const used = new Uint8Array(n);
  const places = placesOf(patch, width);
  for (let row = firstRow; row < endRow; row++)
    for (let column = 0; column + patch <= width; column++) {
      const at = row * width + column;
      if (used[at] >= enough) continue;
      const group = similar(levels, strip, settings, row, column);
      const brightness =
        brightnessFactor(planes) * mean(group.flatMap((o) => places.map((p) => guide[o + p])));
      const together = joint ? planes : 1;
      for (let p = 0; p < planes; p += together) {
        const samples = Array.from({ length: together }, (_, q) => places.map((s) => (p + q) * n + s)).flat();
        const estimates = estimate(group, samples, strip, noise, settings, p, brightness);
        for (const [m, o] of group.entries())
          for (const [c, s] of samples.entries()) out[o + s] += estimates[m][c];
      }
      for (const o of group) {
        used[o] = Math.min(255, used[o] + 1);
        for (const place of places) out[planes * n + o + place]++;
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
  { width, height, planes }: StripPlanes,
  { patch, radius, members, joint }: StepSettings,
  row: number,
  column: number,
): number[] {
  const self = row * width + column;
  const found: { offset: number; distance: number }[] = [];
  for (let i = Math.max(0, row - radius); i <= Math.min(height - patch, row + radius); i++)
    for (let j = Math.max(0, column - radius); j <= Math.min(width - patch, column + radius); j++) {
      const offset = i * width + j;
      let distance = offset === self ? -1 : 0;
      for (let p = 0; p < (joint ? planes : 1); p++)
        for (const place of placesOf(patch, width)) {
          const at = p * width * height + place;
          distance += (levels[at + offset] - levels[at + self]) ** 2;
        }
      found.push({ offset, distance });
    }
  found.sort((a, b) => a.distance - b.distance || a.offset - b.offset);
  return found.slice(0, members).map(({ offset }) => offset);
}

/** x̂ = y − Σ (C + load Σ)⁻¹ (y − μ) of each member, or where the group is flat the mean of each plane. */
function estimate(
  group: readonly number[],
  samples: readonly number[],
  { noisy, guide = noisy }: StripPlanes,
  noise: StepNoise,
  { patch, load, ridge, flat }: StepSettings,
  plane: number,
  brightness: number,
): number[][] {
  const size = patch * patch;
  const length = samples.length;
  const x = group.map((o) => samples.map((s) => guide[o + s]));
  const mu = samples.map((_, c) => mean(x.map((patchOf) => patchOf[c])));
  const sigma = noiseMatrix(noise, plane, brightness, size, length);
  const a = samples.map((_, i) =>
    samples.map((_, j) => {
      const products = x.map((patchOf) => (patchOf[i] - mu[i]) * (patchOf[j] - mu[j]));
      return products.reduce((sum, value) => sum + value, 0) / Math.max(1, group.length - 1);
    }),
  );
  const trace = (m: readonly number[][]) => m.reduce((sum, row, i) => sum + row[i], 0);
  if (trace(a) < flat * trace(sigma))
    return group.map(() =>
      samples.map((_, c) => mean(mu.slice(Math.floor(c / size) * size, (Math.floor(c / size) + 1) * size))),
    );
  const inverted = a.map((row, i) =>
    row.map((value, j) => value + (load + (i === j ? ridge : 0)) * sigma[i][j]),
  );
  return group.map((o) => {
    const y = samples.map((s) => noisy[o + s]);
    const z = solve(
      inverted,
      y.map((value, i) => value - mu[i]),
    );
    return y.map((value, i) => value - sigma[i].reduce((sum, s, j) => sum + s * z[j], 0));
  });
}

/** Σ of `length / size` planes from `plane` on: the planes' noise is independent. */
function noiseMatrix(
  noise: StepNoise,
  plane: number,
  brightness: number,
  size: number,
  length: number,
): number[][] {
  const stride = noise.correlations[0].length / size;
  return Array.from({ length }, (_, i) =>
    Array.from({ length }, (_, j) => {
      const p = Math.floor(i / size);
      if (p !== Math.floor(j / size)) return 0;
      const correlation = noise.correlations[plane + p][(i % size) * stride + (j % size)];
      return varianceAt(noise.planes[plane + p], brightness) * correlation;
    }),
  );
}

/** a⁻¹ b by Gauss's elimination; a is symmetric and positive definite. */
function solve(a: readonly number[][], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]]);
  rows.forEach((pivot, k) => {
    for (const row of rows.slice(k + 1)) {
      const factor = row[k] / pivot[k];
      for (let j = k; j < row.length; j++) row[j] -= factor * pivot[j];
    }
  });
  const x = b.map(() => 0);
  for (let i = b.length - 1; i >= 0; i--) {
    const known = x.reduce((sum, value, j) => sum + rows[i][j] * value, 0);
    x[i] = (rows[i][b.length] - known) / rows[i][i];
  }
  return x;
}
