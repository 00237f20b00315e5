import { beforeAll, describe, expect, it } from 'vitest';
import { FIRST, SMALL } from '../../src/engine/nonlocal/denoise.ts';
import { type NoiseModel, whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { stepNoise } from '../../src/engine/nonlocal/noise-tables.ts';
import { createPool, type KernelPool } from '../../src/engine/nonlocal/pool.ts';
import { denoiseReference } from '../../src/engine/nonlocal/reference.ts';
import { type StepSettings, type StripPlanes, stripTask } from '../../src/engine/nonlocal/strip.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { nodeThreads } from '../../src/node/threads.ts';

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

const CASES: readonly [string, StripPlanes, NoiseModel, StepSettings][] = [
  ['first step, colour, white noise', strip(3, 19, 17), whiteNoise(3, 25), first],
  ['first step, grey, noise that grows', strip(1, 23, 14), whiteNoise(1, 25, 0.8), first],
  ['first step, grey, smeared noise', strip(1, 17, 15), smearedNoise(1, 25), first],
  ['first step, patches of 3', strip(3, 13, 11), whiteNoise(3, 25), { ...first, patch: 3 }],
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
    { ...second, patch: 8 },
  ],
  ['some of the rows', guided(strip(3, 14, 20, [6, 11])), whiteNoise(3, 25), second],
  [
    '8 × 8, fewer patches than a group takes',
    guided(strip(3, 8, 8)),
    whiteNoise(3, 25),
    { ...second, members: 60 },
  ],
];

/** Samples are in [0, 1]; the kernel solves in single precision, the reference in double. */
const TOLERANCE = 2e-4;

describe('the kernel of non-local Bayes', () => {
  let pool: KernelPool;
  beforeAll(async () => {
    nodeThreads(1); // relaxed SIMD where it needs a flag
    pool = await createPool(undefined);
  });

  it.each(CASES)('computes what the plain loops do: %s', async (_, planes, model, settings) => {
    const noise = stepNoise(model, settings.patch);
    const sums = await pool.run(() => stripTask(planes, noise, settings));
    const expected = denoiseReference(planes, noise, settings);
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
  });
});
