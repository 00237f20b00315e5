import { beforeAll, describe, expect, it } from 'vitest';
import { FIRST, LARGE, SMALL } from '../../src/engine/nonlocal/denoise.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { stepNoise } from '../../src/engine/nonlocal/noise-tables.ts';
import { createPool, type KernelPool } from '../../src/engine/nonlocal/pool.ts';
import { denoiseReference } from '../../src/engine/nonlocal/reference.ts';
import { stripTask } from '../../src/engine/nonlocal/strip.ts';
import { nodeThreads } from '../../src/node/threads.ts';
import { expectSums, STRIP_CASES } from './strip-cases.ts';

describe('the kernel of non-local Bayes', () => {
  let pool: KernelPool;
  beforeAll(async () => {
    nodeThreads(1); // relaxed SIMD where it needs a flag
    pool = await createPool(undefined);
  });

  it.each(STRIP_CASES)('computes what the plain loops do: %s', async (_, planes, model, settings) => {
    const noise = stepNoise(model, settings.patch);
    const sums = await pool.run(() => stripTask(planes, noise, settings));
    expectSums(planes, sums, denoiseReference(planes, noise, settings));
  });

  it.each([FIRST, LARGE, SMALL])(
    'estimates every sample, to the last row and column: %o',
    async (settings) => {
      const [width, height] = [23, 21];
      const samples = Float32Array.from({ length: width * height }, (_, i) => Math.sin(i * i));
      const guide = settings === FIRST ? {} : { guide: samples };
      const rows = { firstRow: 0, endRow: height - settings.patch + 1 };
      const strip = { width, height, planes: 1, noisy: samples, ...guide, ...rows } as const;
      const few = { ...settings, members: 2 };
      const sums = await pool.run(() => stripTask(strip, stepNoise(whiteNoise(1, 25), settings.patch), few));
      expect(Math.min(...sums.subarray(width * height))).toBeGreaterThan(0);
    },
  );
});
