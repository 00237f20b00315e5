/** What runs inside the browser, where one thread computes in a memory of its own: called by browser.test.ts. */
import type { Executor } from '../../../src/engine/executors/executor.ts';
import { createReferenceExecutor } from '../../../src/engine/executors/reference.ts';
import { createWasmExecutor } from '../../../src/engine/executors/wasm/index.ts';
import { hasRelaxedSimd } from '../../../src/engine/executors/wasm/relaxed-simd.ts';
import { expectCase, KERNEL_CASES } from '../kernel-cases.ts';
import { prepare, STEP_CASES } from '../step-cases.ts';

/** Runs every kernel case; what went wrong, and how many were run. */
async function kernels(relaxed: boolean): Promise<{ failures: string[]; cases: number }> {
  const executor = await createWasmExecutor(undefined, { relaxed });
  const failures: string[] = [];
  for (const kernelCase of KERNEL_CASES)
    await expectCase(executor, kernelCase).catch((error) => failures.push(`${kernelCase.name}: ${error}`));
  executor.dispose();
  return { failures, cases: KERNEL_CASES.length };
}

/** The losses of the first steps of a case, by wasm and by the reference. */
async function losses(name: string, count: number) {
  const { plan, inputs } = prepare(STEP_CASES.find((stepCase) => stepCase.name === name)!);
  const follow = async (executor: Executor) => {
    const run = await executor.compile(plan);
    for (const [input, data] of inputs) run.write(input, data);
    const records = await run.steps(count);
    run.dispose();
    executor.dispose();
    return { losses: records.map(({ loss }) => loss), adapter: executor.adapter };
  };
  return {
    actual: await follow(await createWasmExecutor(undefined)),
    expected: await follow(createReferenceExecutor()),
    shared: 'SharedArrayBuffer' in globalThis,
  };
}

Object.assign(globalThis, { kernels, losses, hasRelaxedSimd });
