import type { Reduction } from '../engine/choices.ts';
import { applyTables } from '../engine/image/axis-table.ts';
import { reductionTable } from '../engine/image/resize.ts';
import { streamKey, uniform } from '../engine/random.ts';

/** Streams of random numbers, one for each kind of damage, so that adding a kind leaves the others as they were. */
export const STREAMS = { noise: 1, shot: 2, missing: 3, scratches: 4 } as const;

/** Above this many expected photons a rounded normal variate stands in for the Poisson one (skewness under .1). */
const POISSON_EXACT = 100;

/** One N(0, 1) variate (Box-Muller). */
function gaussian(key: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(key, 2 * index)));
  return radius * Math.cos(2 * Math.PI * uniform(key, 2 * index + 1));
}

const clamp = (value: number) => Math.min(Math.max(value, 0), 1);

/** Adds N(0, σ²) to samples in [0, 1], σ in 1/255, clipped to [0, 1]. */
export function addNoise(planes: readonly Float32Array[], sigma: number, seed: number): Float32Array[] {
  const key = streamKey(seed, STREAMS.noise);
  return planes.map((plane, channel) =>
    plane.map((value, i) => clamp(value + (sigma / 255) * gaussian(key, channel * plane.length + i))),
  );
}

/** Shot noise: each sample counts photons, Poisson with mean value · photons, where white expects `photons`. */
export function addShotNoise(planes: readonly Float32Array[], photons: number, seed: number): Float32Array[] {
  return planes.map((plane, channel) =>
    plane.map((value, i) => {
      const key = streamKey(streamKey(seed, STREAMS.shot), channel * plane.length + i);
      return clamp(poisson(value * photons, key) / photons);
    }),
  );
}

/** One Poisson variate (Knuth, TAOCP 2, 3.4.1: multiply uniforms until they pass e^−mean). */
export function poisson(mean: number, key: number): number {
  if (mean > POISSON_EXACT) return Math.max(0, Math.round(mean + Math.sqrt(mean) * gaussian(key, 0)));
  const limit = Math.exp(-mean);
  let product = 1;
  for (let count = 0; ; count++) {
    product *= 1 - uniform(key, count);
    if (product <= limit) return count;
  }
}

/** 1 where a pixel is lost, each with probability `share`. */
export function missingPixels(pixels: number, share: number, seed: number): Uint8Array {
  const key = streamKey(seed, STREAMS.missing);
  return Uint8Array.from({ length: pixels }, (_, i) => (uniform(key, i) < share ? 1 : 0));
}

interface Planes {
  readonly planes: readonly Float32Array[];
  readonly width: number;
  readonly height: number;
}

/**
 * Shrinks by `factor` as the up-scaling task takes pictures to have been shrunk. Colours are weighted by alpha (the 4th
 * plane), so that what lies under transparent pixels does not bleed in.
 */
export function downscale(
  { planes, width, height }: Planes,
  factor: number,
  reduction: Reduction = 'lanczos',
): Planes {
  const size = (side: number) => Math.max(1, Math.floor(side / factor + 1e-9));
  const cols = reductionTable(reduction, width, size(width), factor);
  const rows = reductionTable(reduction, height, size(height), factor);
  const shrink = (plane: Float32Array) => applyTables(plane, 1, rows, cols);
  const result = { width: cols.outputs, height: rows.outputs };
  if (planes.length !== 4) return { planes: planes.map((plane) => shrink(plane).map(clamp)), ...result };
  const alpha = shrink(planes[3]);
  const colours = planes.slice(0, 3).map((plane) => {
    const weighted = shrink(plane.map((value, i) => value * planes[3][i]));
    return weighted.map((value, i) => (alpha[i] > 0 ? clamp(value / alpha[i]) : 0));
  });
  return { planes: [...colours, alpha.map(clamp)], ...result };
}
