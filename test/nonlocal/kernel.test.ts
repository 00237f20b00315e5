import { beforeAll, describe, it } from 'vitest';
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
});
