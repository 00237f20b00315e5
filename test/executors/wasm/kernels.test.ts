import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Executor } from '../../../src/engine/executors/executor.ts';
import { createWasmExecutor } from '../../../src/engine/executors/wasm/index.ts';
import { hasRelaxedSimd } from '../../../src/engine/executors/wasm/relaxed-simd.ts';
import { nodeThreads } from '../../../src/node/threads.ts';
import { expectCase, KERNEL_CASES } from '../kernel-cases.ts';

nodeThreads(); // switches relaxed SIMD on where it needs a flag

describe.each([false, true])('kernels with relaxed SIMD: %s', (relaxed) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createWasmExecutor(undefined, { relaxed });
  });
  afterAll(() => executor?.dispose());

  test.skipIf(relaxed && !hasRelaxedSimd()).each(KERNEL_CASES)('$name', async (kernelCase) => {
    await expectCase(executor, kernelCase);
  });
});
