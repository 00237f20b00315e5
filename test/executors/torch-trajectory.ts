import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Executor, Run } from '../../src/engine/executors/executor.ts';
import { Graph } from '../../src/engine/network/graph.ts';
import { skip } from '../../src/engine/network/skip.ts';
import { compile } from '../../src/engine/plan/compile.ts';
import type { Plan } from '../../src/engine/plan/plan.ts';
import { objective } from './step-cases.ts';

/** What make_torch_fixture.py wrote. Tensors are base64 of little-endian float32. */
interface Fixture {
  readonly channels: number[];
  readonly skips: number[];
  readonly depth: number;
  readonly height: number;
  readonly width: number;
  readonly learningRate: number;
  readonly z: string;
  readonly target: string;
  /** Parameters by our names, PyTorch layout. */
  readonly start: Record<string, string>;
  /** After the steps; without those that nothing but rounding moves. */
  readonly end: Record<string, string>;
  readonly losses: number[];
  /** The last step's output. */
  readonly image: string;
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../fixtures/torch-trajectory.json', import.meta.url), 'utf8'),
);

const floats = (text: string) => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);

/** Ten training steps on `executor` from PyTorch's weights must give PyTorch's losses, image and weights. */
export async function expectTorchTrajectory(executor: Executor, tolerance = 1e-4): Promise<void> {
  const plan = trajectoryPlan();
  const run = await executor.compile(plan);
  try {
    run.write('theta', arena(plan, fixture.start));
    run.write('z', floats(fixture.z));
    run.write('target', floats(fixture.target));
    const records = await run.steps(fixture.losses.length);
    records.forEach(({ loss }, i) => {
      expect(Math.abs(loss - fixture.losses[i]), `loss of step ${i}`).toBeLessThan(tolerance);
    });
    expectClose(await run.read('image'), floats(fixture.image), tolerance, 'image');
    await expectWeights(run, plan, tolerance);
  } finally {
    run.dispose();
  }
}

function trajectoryPlan(): Plan {
  const { channels, skips, depth, height, width, learningRate } = fixture;
  const g = new Graph();
  const image = skip(g, g.input('z', [depth, height, width]), { channels, skips, imageChannels: 3 });
  return compile(g, objective(image, { optimiser: { kind: 'adam', learningRate } }));
}

function arena(plan: Plan, named: Record<string, string>): Float32Array {
  const theta = new Float32Array(plan.arenaFloats);
  expect(plan.parameters.map((p) => p.name).sort()).toEqual(Object.keys(named).sort());
  for (const { name, offset } of plan.parameters) theta.set(floats(named[name]), offset);
  return theta;
}

async function expectWeights(run: Run, plan: Plan, tolerance: number): Promise<void> {
  const theta = await run.read('theta');
  for (const { name, offset, size } of plan.parameters)
    if (fixture.end[name])
      expectClose(theta.subarray(offset, offset + size), floats(fixture.end[name]), tolerance, name);
}

function expectClose(actual: Float32Array, expected: Float32Array, tolerance: number, name: string): void {
  expect(actual.length, `length of ${name}`).toBe(expected.length);
  let worst = 0;
  for (const [i, value] of expected.entries()) {
    const difference = Math.abs(actual[i] - value);
    if (!(difference <= worst)) worst = difference; // NaN counts as worst
  }
  expect(worst, `largest difference of ${name}`).toBeLessThan(tolerance);
}
