import { expect } from 'vitest';
import { FIRST, SMALL } from '../../src/engine/nonlocal/denoise.ts';
import { type NoiseModel, whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import type { StepSettings, StripPlanes } from '../../src/engine/nonlocal/strip.ts';
import { normal, streamKey } from '../../src/engine/random.ts';

/** Noise of the mean of 2 × 2 independent pixels. */
function smearedNoise(planes: 1 | 3, sigma: number): NoiseModel {
  const tent = (lag: number) => Math.max(0, 1 - Math.abs(lag) / 2);
  const correlation = Float64Array.from(
    { length: 49 },
    (_, i) => tent(Math.floor(i / 7) - 3) * tent((i % 7) - 3),
  );
  return { planes: whiteNoise(planes, sigma).planes.map((plane) => ({ ...plane, correlation })) };
}

/** Stripes, a ramp and noise, each plane another. */
function planesOf(planes: 1 | 3, width: number, height: number, seed: number): Float32Array {
  const key = streamKey(seed, 5);
  return Float32Array.from({ length: planes * width * height }, (_, i) => {
    const [x, y, p] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    return 0.4 + 0.2 * Math.sin(x / 2 + p) + y / (4 * height) + 0.1 * normal(key, i);
  });
}

function strip(planes: 1 | 3, width: number, height: number, rows?: [number, number]): StripPlanes {
  return {
    ...{ planes, width, height },
    noisy: planesOf(planes, width, height, 1),
    firstRow: rows?.[0] ?? 0,
    endRow: rows?.[1] ?? height - 4,
  };
}

const guided = (planes: StripPlanes): StripPlanes => ({
  ...planes,
  guide: planesOf(planes.planes, planes.width, planes.height, 2).map((x) => x / 2),
});

const small = { radius: 5, members: 23 };
const first: StepSettings = { ...FIRST, ...small };
const second: StepSettings = { ...SMALL, ...small };

/** The table of every kernel that denoises strips. */
export const STRIP_CASES: readonly [string, StripPlanes, NoiseModel, StepSettings][] = [
  ['first step, colour, white noise', strip(3, 19, 17), whiteNoise(3, 25), first],
  ['first step, grey, noise that grows', strip(1, 23, 14), whiteNoise(1, 25, 0.8), first],
  ['first step, grey, smeared noise', strip(1, 17, 15), smearedNoise(1, 25), first],
  ['first step, patches of 3', strip(3, 13, 11), whiteNoise(3, 25), { ...first, patch: 3, stride: 1 }],
  [
    'first step, patches of 5, more samples than members',
    strip(1, 14, 13),
    whiteNoise(1, 15),
    { ...first, patch: 5 },
  ],
  ['second step, colour, white noise', guided(strip(3, 18, 15)), whiteNoise(3, 25), second],
  ['second step, grey, smeared noise', guided(strip(1, 21, 16)), smearedNoise(1, 25), second],
  ['second step, colour, smeared noise', guided(strip(3, 16, 13)), smearedNoise(3, 20), second],
  ['second step, colour, noise that grows', guided(strip(3, 15, 14)), whiteNoise(3, 25, 0.5), second],
  [
    'second step, colour, smeared noise, patches of 8',
    guided(strip(3, 17, 16, [0, 9])),
    smearedNoise(3, 25),
    { ...second, patch: 8, stride: 4 },
  ],
  ['some of the rows', guided(strip(3, 14, 20, [6, 11])), whiteNoise(3, 25), second],
  ['8 × 8, fewer patches than a group takes', guided(strip(3, 8, 8)), whiteNoise(3, 25), second],
];

/** Samples are in [0, 1]; kernels compute in single precision, the reference in double. */
const TOLERANCE = 2e-4;

/** Expects the same estimates of the same patches. */
export function expectSums(planes: StripPlanes, sums: Float32Array, expected: Float64Array): void {
  const n = planes.width * planes.height;
  const counts = expected.subarray(planes.planes * n);
  expect(sums.subarray(planes.planes * n)).toEqual(Float32Array.from(counts));
  let worst = 0;
  for (let i = 0; i < planes.planes * n; i++)
    worst = Math.max(worst, Math.abs(sums[i] - expected[i]) / Math.max(1, counts[i % n]));
  expect(worst).toBeLessThan(TOLERANCE);
  // The estimate is another than the noisy planes, else the comparison would say nothing.
  const moved = planes.noisy.findIndex(
    (x, i) => counts[i % n] > 0 && Math.abs(expected[i] / counts[i % n] - x) > 0.02,
  );
  expect(moved).toBeGreaterThanOrEqual(0);
}
