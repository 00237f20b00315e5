import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../../src/engine/executors/executor.ts';
import { OrderedRun, type RunDevice } from '../../src/engine/executors/ordered-run.ts';
import { createReferenceExecutor } from '../../src/engine/executors/reference.ts';
import { createTfjsExecutor } from '../../src/engine/executors/tfjs/executor.ts';
import { createWasmExecutor } from '../../src/engine/executors/wasm/index.ts';
import { nodeThreads } from '../../src/node/threads.ts';
import { RUN_CONTRACT } from './run-contract.ts';
import { prepare, STEP_CASES } from './step-cases.ts';

const EXECUTORS: Record<string, () => Promise<Executor>> = {
  reference: async () => createReferenceExecutor(),
  'wasm, the calling thread': () => createWasmExecutor({}),
  'wasm, two threads': () => createWasmExecutor({ threads: nodeThreads(2) }),
  'tfjs on wasm': () => createTfjsExecutor('wasm', undefined),
};

describe.each(Object.keys(EXECUTORS))('a run of %s', (name) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await EXECUTORS[name]();
  });
  afterAll(() => executor.dispose());

  it.each(RUN_CONTRACT)('$name', ({ check }) => check(executor));

  it('ends with its executor', async () => {
    const own = await EXECUTORS[name]();
    const run = await own.compile(prepare(STEP_CASES[5]).plan);
    const steps = run.steps(1000);
    own.dispose();
    await expect(steps).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a device that does not do what it is asked', () => {
  const { plan } = prepare(STEP_CASES[5]);
  const never = new Promise<never>(() => {});

  function device(more: Partial<RunDevice>): RunDevice & { freed: number } {
    const nothing = () => {};
    return {
      bytes: 0,
      freed: 0,
      ...{
        write: nothing,
        read: () => new Float32Array(1),
        control: nothing,
        save: nothing,
        restore: nothing,
      },
      steps: async (_, count) => new Float32Array(2 * count),
      free() {
        this.freed++;
      },
      ...more,
    };
  }

  it.each(['steps', 'read', 'write'] as const)('is left at once when %s never ends', async (what) => {
    const hung = device({ [what]: () => never });
    const run = new OrderedRun(plan, hung);
    if (what === 'write') run.write('log', new Float32Array(plan.buffers[plan.named.get('log')!].floats));
    const waiting = Promise.allSettled([run.read('theta'), run.steps(1)].slice(what === 'steps' ? 1 : 0));
    setTimeout(() => run.dispose(), 5);
    for (const one of await waiting) expect(one).toMatchObject({ reason: { name: 'AbortError' } });
    expect(hung.freed).toBe(1);
  });

  it.each(['write', 'control', 'save'] as const)('tells whoever waits next when %s fails', async (what) => {
    const broken = device({
      [what]: () => {
        throw new Error('bad luck');
      },
    });
    const run = new OrderedRun(plan, broken);
    if (what === 'write') run.write('log', new Float32Array(plan.buffers[plan.named.get('log')!].floats));
    else if (what === 'control') run.control(1, 1);
    else run.checkpoint();
    await expect(run.steps(1)).rejects.toThrow('bad luck');
    expect(() => run.checkpoint()).toThrow('bad luck');
    expect(broken.freed).toBe(1);
  });
});
