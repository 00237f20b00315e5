import { Graph, type NodeId } from '../src/engine/network/graph.ts';
import { initialParameters, randomInput } from '../src/engine/network/initialise.ts';
import { skip } from '../src/engine/network/skip.ts';
import { compile } from '../src/engine/plan/compile.ts';
import { costOfStep } from '../src/engine/plan/describe.ts';
import type { Objective, Plan } from '../src/engine/plan/plan.ts';

/** Planes of z, as in the paper's recipes. */
const INPUT_DEPTH = 32;

export interface Workload {
  readonly plan: Plan;
  /** What to write into a run before its first step, by buffer name. */
  readonly inputs: ReadonlyMap<string, Float32Array>;
  readonly flops: number;
}

/** "32x5" → five scales of 32 channels; a list such as "16,32,64" as it stands. */
export function channelsOf(net: string): number[] {
  const uniform = /^(\d+)x(\d+)$/.exec(net);
  const channels = uniform
    ? Array<number>(Number(uniform[2])).fill(Number(uniform[1]))
    : net.split('+').map(Number);
  if (!channels.every((c) => Number.isInteger(c) && c > 0))
    throw new Error(`Expected a net such as 32x5 or 16+32+64 but received "${net}".`);
  return channels;
}

/** Fitting an image to its target and nothing else, by Adam. */
export const fitting = (image: NodeId): Objective => ({
  image,
  observed: image,
  weighted: false,
  huber: 0,
  totalVariation: 0,
  optimiser: { kind: 'adam', learningRate: 0.01 },
  emaDecay: 0.99,
  varianceAlpha: 0.1,
  bestFrom: 0,
  seed: 1,
});

/** Denoising of a size × size image by the hourglass with 4 skip channels a scale: one Adam step is what is timed. */
export function workload(net: string, size: number): Workload {
  const g = new Graph();
  const channels = channelsOf(net);
  const z = g.noise(g.input('z', [INPUT_DEPTH, size, size]), 1 / 30);
  const image = skip(g, z, { channels, skips: channels.map(() => 4), imageChannels: 3 });
  const plan = compile(g, fitting(image));
  const inputs = new Map([
    ['theta', initialParameters(plan, 1)],
    ['z', randomInput(INPUT_DEPTH * size * size, 1, 0.1)],
    ['target', randomInput(3 * size * size, 2, 1)],
  ]);
  return { plan, inputs, flops: costOfStep(plan).flops };
}
