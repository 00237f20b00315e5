import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor, Run } from '../../../src/engine/executors/executor.ts';
import { createReferenceExecutor } from '../../../src/engine/executors/reference.ts';
import { createTfjsExecutor } from '../../../src/engine/executors/tfjs/executor.ts';
import { lanczosTable } from '../../../src/engine/image/resize.ts';
import type { Graph, NodeId } from '../../../src/engine/network/graph.ts';
import { averageTable, upsampleTable } from '../../../src/engine/network/tables.ts';
import type { Objective } from '../../../src/engine/plan/plan.ts';
import { normal } from '../../../src/engine/random.ts';
import { largestDifference, objective, prepare, type StepCase } from '../step-cases.ts';

/** One operation on an image of parameters, so that both ∂L/∂x and ∂L/∂weights are in the gradient arena. */
const one = (
  name: string,
  size: readonly [number, number, number],
  op: (g: Graph, x: NodeId) => NodeId,
  more: Partial<Objective> = {},
): StepCase => ({
  name: `${name} on ${size.join('×')}`,
  build: (g) => objective(op(g, g.variable('x', size, 0)), more),
});

const conv = (size: readonly [number, number, number], out: number, kernel: number, stride: 1 | 2) =>
  one(`conv ${kernel}×${kernel}, stride ${stride}, to ${out}`, size, (g, x) =>
    g.conv('conv', x, out, kernel, { stride }),
  );

const same = (_: Graph, x: NodeId) => x;

const CASES: StepCase[] = [
  conv([1, 7, 5], 3, 1, 1),
  conv([4, 6, 5], 20, 1, 2),
  conv([3, 9, 7], 4, 3, 1),
  conv([33, 6, 7], 5, 3, 1),
  conv([4, 9, 7], 3, 3, 2),
  conv([3, 8, 7], 20, 3, 2),
  conv([2, 3, 3], 2, 5, 1),
  conv([3, 11, 8], 4, 5, 2),
  conv([1, 2, 2], 1, 3, 2),
  conv([3, 41, 39], 4, 3, 1), // enough pixels for several strips of the weight gradient
  one('norm', [5, 7, 3], (g, x) => g.norm('norm', x)),
  one('leaky ReLU', [3, 5, 7], (g, x) => g.act(x, { kind: 'leakyRelu', slope: 0.2 })),
  one('ReLU', [3, 5, 7], (g, x) => g.act(x, { kind: 'leakyRelu', slope: 0 })),
  one('sigmoid', [3, 5, 7], (g, x) => g.act(x, { kind: 'sigmoid' })),
  one('bilinear', [3, 5, 4], (g, x) =>
    g.resample('up', x, upsampleTable('bilinear', 5, 9), upsampleTable('bilinear', 4, 8)),
  ),
  one('bilinear in strips', [2, 40, 21], (g, x) =>
    g.resample('up', x, upsampleTable('bilinear', 40, 79), upsampleTable('bilinear', 21, 42)),
  ),
  one('nearest', [3, 5, 4], (g, x) =>
    g.resample('up', x, upsampleTable('nearest', 5, 10), upsampleTable('nearest', 4, 7)),
  ),
  one('mean of 2×2', [3, 5, 6], (g, x) => g.resample('down', x, averageTable(5), averageTable(6))),
  one('Lanczos', [3, 12, 9], (g, x) => g.resample('down', x, lanczosTable(12, 4, 2), lanczosTable(9, 3, 2))),
  one('concat of two branches', [3, 5, 4], (g, x) => g.concat('both', [x, g.act(x, { kind: 'sigmoid' })])),
  one('add of two branches', [3, 5, 4], (g, x) => g.add('sum', x, g.act(x, { kind: 'sigmoid' }))),
  one('noise', [3, 5, 4], (g, x) => g.noise(x, 0.1)),
  one('total variation', [3, 5, 7], same, { totalVariation: 0.3 }),
  one('Huber', [3, 5, 7], same, { huber: 0.05 }),
  one('weights', [3, 5, 7], same, { weighted: true }),
];

async function start(executor: Executor, stepCase: StepCase): Promise<{ run: Run; theta: Float32Array }> {
  const { plan, inputs } = prepare(stepCase);
  const run = await executor.compile(plan);
  for (const [name, data] of inputs) run.write(name, data);
  const theta = inputs.get('theta')!;
  for (const { role, offset, size } of plan.parameters)
    if (role === 'pixels') for (let i = 0; i < size; i++) theta[offset + i] = normal(11, i) * 0.5;
  run.write('theta', theta);
  return { run, theta };
}

async function lossAt(run: Run, theta: Float32Array): Promise<number> {
  const state = await run.read('state');
  state[0] = 0; // the same step, so the same noise
  run.write('state', state);
  run.write('theta', theta);
  const [{ loss }] = await run.steps(1);
  return loss;
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

/** (L(θ + hd) − L(θ − hd)) / 2h. */
async function slope(run: Run, theta: Float32Array, direction: Float32Array, h: number): Promise<number> {
  const moved = (by: number) => theta.map((x, i) => x + by * direction[i]);
  return ((await lossAt(run, moved(h))) - (await lossAt(run, moved(-h)))) / (2 * h);
}

describe.each(['cpu', 'wasm'] as const)('gradients of tfjs on %s', (backend) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createTfjsExecutor(backend, undefined);
  });
  afterAll(() => executor.dispose());

  it.each(CASES)('$name', async (stepCase) => {
    const { run, theta } = await start(executor, stepCase);
    const { run: reference } = await start(createReferenceExecutor(), stepCase);
    const loss = await lossAt(run, theta);
    const expectedLoss = await lossAt(reference, theta);
    expect(Math.abs(loss - expectedLoss)).toBeLessThan(1e-5 * expectedLoss);
    const gradient = await run.read('gradient');
    const expected = await reference.read('gradient');
    const scale = norm(expected);
    expect(scale).toBeGreaterThan(1e-4);
    expect(largestDifference(gradient, expected)).toBeLessThan(1e-5 * scale);
    // float32 losses: along the gradient itself the slope is largest, and a random direction sees the rest.
    const along = gradient.map((x) => x / scale);
    expect(Math.abs((await slope(run, theta, along, 0.01)) - scale)).toBeLessThan(0.02 * scale);
    const random = gradient.map((x, i) => Math.sign(x) * Math.abs(normal(23, i)));
    const unit = random.map((x) => x / norm(random));
    const predicted = unit.reduce((sum, x, i) => sum + x * gradient[i], 0);
    expect(Math.abs((await slope(run, theta, unit, 0.01)) - predicted)).toBeLessThan(0.02 * scale);
    run.dispose();
    reference.dispose();
  });
});
