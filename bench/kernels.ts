import type { Executor } from '../src/engine/executors/executor.ts';
import { Graph } from '../src/engine/network/graph.ts';
import { initialParameters, randomInput } from '../src/engine/network/initialise.ts';
import type { KernelCall } from '../src/engine/plan/calls.ts';
import { costOf } from '../src/engine/plan/calls.ts';
import { compile } from '../src/engine/plan/compile.ts';
import type { Plan } from '../src/engine/plan/plan.ts';
import { fitting } from './workload.ts';

/** The three kernels of a convolution. */
export const CONV_KERNELS = ['conv', 'convBackwardInput', 'convBackwardWeight'] as const;
export type ConvKernel = (typeof CONV_KERNELS)[number];

export interface ConvShape {
  readonly channels: number;
  /** Side of the square input, px. */
  readonly size: number;
  readonly kernel: number;
  readonly stride: 1 | 2;
}

export interface KernelTime {
  readonly kernel: ConvKernel;
  readonly shape: ConvShape;
  readonly ms: number;
  readonly gflops: number;
  /** Operations for each byte that must be moved once: what the roofline is drawn over. */
  readonly flopsPerByte: number;
}

/** Calls in a row in one step: hides what a step costs by itself. */
const REPEATS = 20;

/**
 * The time of one kernel alone: a plan that repeats its call, run by the executor like any other plan, with the time
 * of the empty plan taken off.
 */
export async function timeConvKernel(
  executor: Executor,
  kernel: ConvKernel,
  shape: ConvShape,
  seconds: number,
): Promise<KernelTime> {
  const { plan, call } = convPlan(kernel, shape);
  const end = plan.calls[plan.calls.length - 1];
  const repeated = Array<KernelCall>(REPEATS).fill(call);
  const full = await timeStep(executor, { ...plan, calls: [...repeated, end] }, seconds);
  const empty = await timeStep(executor, { ...plan, calls: [end] }, seconds / 4);
  const ms = (full - empty) / REPEATS;
  const { flops, bytes } = costOf(plan, call);
  return { kernel, shape, ms, gflops: flops / ms / 1e6, flopsPerByte: flops / bytes };
}

/** Two convolutions in a row, so that the second one's input has a gradient; the call is the second one's. */
function convPlan(
  kind: ConvKernel,
  { channels, size, kernel, stride }: ConvShape,
): { plan: Plan; call: KernelCall } {
  const g = new Graph();
  const z = g.input('z', [channels, size, size]);
  const inner = g.conv('inner', z, channels, 1, { bias: false });
  const image = g.conv('timed', inner, channels, kernel, { stride, bias: false });
  const plan = compile(g, { ...fitting(image), emaDecay: 0 });
  const weight = plan.parameters.find((p) => p.name === 'timed.weight')!.id;
  const call = plan.calls.find((c) => c.kind === kind && c.weight === weight)!;
  return { plan, call };
}

async function timeStep(executor: Executor, plan: Plan, seconds: number): Promise<number> {
  const run = await executor.compile(plan);
  try {
    run.write('theta', initialParameters(plan, 1));
    run.write('z', randomInput(plan.buffers[plan.named.get('z')!].floats, 1, 1));
    await run.steps(2);
    const times: number[] = [];
    const end = performance.now() + seconds * 1000;
    let count = 1;
    while (performance.now() < end || times.length < 3) {
      const from = performance.now();
      await run.steps(count);
      const ms = performance.now() - from;
      times.push(ms / count);
      count = Math.max(1, Math.min(200, Math.round((200 * count) / ms))); // batches of about 200 ms
    }
    times.sort((a, b) => a - b);
    return times[times.length >> 1];
  } finally {
    run.dispose();
  }
}
