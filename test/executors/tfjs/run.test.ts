import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Executor, Run } from '../../../src/engine/executors/executor.ts';
import { createTfjsExecutor } from '../../../src/engine/executors/tfjs/executor.ts';
import { Graph } from '../../../src/engine/network/graph.ts';
import { compile } from '../../../src/engine/plan/compile.ts';
import { normal, streamKey } from '../../../src/engine/random.ts';
import { objective, prepare, STEP_CASES } from '../step-cases.ts';

describe('a run of tfjs', () => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createTfjsExecutor('wasm', undefined);
  });
  afterAll(() => executor.dispose());

  async function started(stepCase = STEP_CASES[0]): Promise<Run> {
    const { plan, inputs } = prepare(stepCase);
    const run = await executor.compile(plan);
    for (const [name, data] of inputs) run.write(name, data);
    return run;
  }

  it.each(STEP_CASES)('leaves no tensors behind: $name', async (stepCase) => {
    const before = tf.memory().numTensors;
    const run = await started(stepCase);
    await run.steps(1);
    const held = tf.memory().numTensors;
    await run.steps(2);
    expect(tf.memory().numTensors).toBe(held);
    run.checkpoint();
    run.rollback();
    run.checkpoint();
    await run.read('best');
    run.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('frees everything and rejects when disposed with steps in flight', async () => {
    const before = tf.memory().numTensors;
    const run = await started();
    const steps = run.steps(1000);
    await new Promise((resume) => setTimeout(resume, 60));
    run.dispose();
    await expect(steps).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    await vi.waitFor(() => expect(tf.memory().numTensors).toBe(before), 30_000);
  });

  it('adds the noise of random.ts, bit for bit', async () => {
    const g = new Graph();
    const z = g.input('z', [2, 3, 5]);
    const image = g.add('sum', g.noise(z, 0.25), g.variable('still', [2, 3, 5], 0));
    const run = await executor.compile(compile(g, objective(image, { seed: 77 })));
    run.control(0, 2);
    await run.steps(3);
    const noise = await run.read('image');
    const key = streamKey(77, 2);
    expect(noise).toEqual(Float32Array.from(noise, (_, i) => 0.5 * normal(key, i)));
    run.dispose();
  });

  it('repeats itself bit for bit', async () => {
    const [a, b] = [await started(), await started()];
    await a.steps(3);
    await b.steps(3);
    expect(await a.read('theta')).toEqual(await b.read('theta'));
    a.dispose();
    b.dispose();
  });
});
