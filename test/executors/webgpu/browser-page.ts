import type { Executor } from '../../../src/engine/executors/executor.ts';
import { createReferenceExecutor } from '../../../src/engine/executors/reference.ts';
import { createWebGpuExecutor } from '../../../src/engine/executors/webgpu/executor.ts';
import { upsampleTable } from '../../../src/engine/network/tables.ts';
import { largestDifference, objective, prepare, type StepCase } from '../step-cases.ts';

/** One of each kind of node: software GPUs take seconds to compile a whole net. */
const SMALL: StepCase = {
  name: 'one of each node',
  build(g) {
    const z = g.noise(g.input('z', [3, 7, 6]), 0.1);
    const low = g.act(g.norm('norm', g.conv('down', z, 4, 3, { stride: 2, bias: false })), {
      kind: 'leakyRelu',
      slope: 0.2,
    });
    const up = g.resample('up', low, upsampleTable('bilinear', 4, 7), upsampleTable('bilinear', 3, 6));
    const image = g.act(g.conv('out', g.concat('both', [z, up]), 3, 3), { kind: 'sigmoid' });
    return objective(image);
  },
};

const BUFFERS = ['gradient', 'image', 'ema', 'best'];

/** The worst relative difference of each buffer from the reference after three steps, and what was left behind. */
export interface PageResult {
  readonly adapter: string;
  readonly buffersLeft: number;
  readonly worst: Record<string, number>;
  /** Whether a second run gave the same bits. */
  readonly repeats: boolean;
}

async function threeSteps(executor: Executor): Promise<Float32Array[]> {
  const { plan, inputs } = prepare(SMALL);
  const run = await executor.compile(plan);
  for (const [name, data] of inputs) run.write(name, data);
  await run.steps(3);
  const buffers = [];
  for (const name of BUFFERS) buffers.push(await run.read(name));
  run.dispose();
  return buffers;
}

async function compare(): Promise<PageResult> {
  const expected = await threeSteps(createReferenceExecutor());
  const executor = await createWebGpuExecutor(undefined);
  const actual = await threeSteps(executor);
  const again = await threeSteps(executor);
  const buffersLeft = executor.liveBuffers;
  executor.dispose();
  const relative = (i: number) =>
    largestDifference(actual[i], expected[i]) / Math.max(1e-3, ...expected[i].map(Math.abs));
  return {
    adapter: executor.adapter,
    buffersLeft,
    worst: Object.fromEntries(BUFFERS.map((name, i) => [name, relative(i)])),
    repeats: actual.every((data, i) => data.every((value, j) => value === again[i][j])),
  };
}

Object.assign(globalThis, { compare });
