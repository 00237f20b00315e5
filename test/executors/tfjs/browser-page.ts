import type { Executor } from '../../../src/engine/executors/executor.ts';
import type { TfjsBackendName } from '../../../src/engine/executors/host.ts';
import { createReferenceExecutor } from '../../../src/engine/executors/reference.ts';
import { createTfjsExecutor } from '../../../src/engine/executors/tfjs/executor.ts';
import { upsampleTable } from '../../../src/engine/network/tables.ts';
import { largestDifference, objective, prepare, type StepCase } from '../step-cases.ts';

/** One of each kind of node that has a gradient of its own: software GPUs take seconds to compile a whole net. */
const TINY: StepCase = {
  name: 'one of each node',
  build(g) {
    const z = g.input('z', [3, 7, 6]);
    const low = g.act(g.norm('norm', g.conv('down', z, 4, 3, { stride: 2, bias: false })), {
      kind: 'leakyRelu',
      slope: 0.2,
    });
    const deep = g.conv('deep', low, 4, 3);
    const up = g.resample('up', deep, upsampleTable('bilinear', 4, 7), upsampleTable('bilinear', 3, 6));
    const image = g.act(g.conv('out', g.concat('both', [z, up]), 3, 1), { kind: 'sigmoid' });
    return objective(image);
  },
};

/** Runs in the browser: the worst relative difference of each buffer from the reference after one step. */
export type PageResult = { adapter: string; tensorsLeft: number; worst: Record<string, number> };

const BUFFERS = ['gradient', 'moment1', 'image', 'ema', 'best'];

async function compare(backend: TfjsBackendName): Promise<PageResult> {
  const tf = await import('@tensorflow/tfjs');
  const executor = await createTfjsExecutor(backend, undefined);
  const expected = await oneStep(createReferenceExecutor());
  const before = tf.memory().numTensors;
  const actual = await oneStep(executor);
  const tensorsLeft = tf.memory().numTensors - before;
  executor.dispose();
  const worst: Record<string, number> = {};
  for (const name of BUFFERS) {
    const scale = Math.max(1e-3, ...expected[name].map(Math.abs));
    worst[name] = largestDifference(actual[name], expected[name]) / scale;
  }
  return { adapter: executor.adapter, tensorsLeft, worst };
}

async function oneStep(executor: Executor): Promise<Record<string, Float32Array>> {
  const { plan, inputs } = prepare(TINY);
  const run = await executor.compile(plan);
  for (const [name, data] of inputs) run.write(name, data);
  await run.steps(1);
  const buffers: Record<string, Float32Array> = {};
  for (const name of BUFFERS) buffers[name] = await run.read(name);
  run.dispose();
  return buffers;
}

Object.assign(globalThis, { compare });
