import { lanczosTable } from '../../src/engine/image/resize.ts';
import { decoder, decoderInput } from '../../src/engine/network/decoder.ts';
import { Graph, type NodeId } from '../../src/engine/network/graph.ts';
import { initialParameters, randomInput } from '../../src/engine/network/initialise.ts';
import { resnet } from '../../src/engine/network/resnet.ts';
import { skip } from '../../src/engine/network/skip.ts';
import { unet } from '../../src/engine/network/unet.ts';
import { compile } from '../../src/engine/plan/compile.ts';
import type { Objective, Plan } from '../../src/engine/plan/plan.ts';

/** Small plans that together use every kind of node, term and optimiser, on odd sizes. */
export interface StepCase {
  readonly name: string;
  build(g: Graph): Objective;
}

export const objective = (image: NodeId, more: Partial<Objective> = {}): Objective => ({
  image,
  observed: image,
  weighted: false,
  huber: 0,
  totalVariation: 0,
  optimiser: { kind: 'adam', learningRate: 0.01 },
  emaDecay: 0.99,
  varianceAlpha: 0.1,
  bestFrom: 0,
  seed: 3,
  ...more,
});

const muon = { kind: 'muon', learningRate: 0.02, momentum: 0.95, adamLearningRate: 0.01 } as const;

export const STEP_CASES: readonly StepCase[] = [
  {
    name: 'skip net, 13×11, bilinear, input noise, weighted',
    build(g) {
      const z = g.noise(g.input('z', [3, 13, 11]), 0.03);
      const image = skip(g, z, { channels: [5, 6], skips: [2, 0], imageChannels: 3 });
      return objective(image, { weighted: true, bestFrom: 1 });
    },
  },
  {
    name: 'skip net, 15×12, nearest, 5×5, Huber, total variation, Muon',
    build(g) {
      const options = {
        channels: [9, 8],
        skips: [3, 3],
        upsampling: 'nearest',
        downKernel: 5,
        imageChannels: 1,
      } as const;
      const image = skip(g, g.input('z', [2, 15, 12]), options);
      return objective(image, { huber: 0.1, totalVariation: 0.05, optimiser: muon });
    },
  },
  {
    name: 'U-Net under a Lanczos down-sampling',
    build(g) {
      const image = unet(g, g.input('z', [2, 12, 9]), { channels: [4, 5, 6], imageChannels: 3 });
      const low = g.resample('observed', image, lanczosTable(12, 4, 2), lanczosTable(9, 3, 2));
      return objective(image, { observed: low, totalVariation: 0.01 });
    },
  },
  {
    name: 'residual net, four planes',
    build(g) {
      const image = resnet(g, g.input('z', [2, 9, 7]), { channels: 4, blocks: 2, imageChannels: 4 });
      return objective(image);
    },
  },
  {
    name: 'deep decoder, two planes',
    build(g) {
      const options = { channels: 6, scales: 2, imageChannels: 2 };
      const image = decoder(g, g.input('z', [4, ...decoderInput(14, 11, options)]), 14, 11, options);
      return objective(image);
    },
  },
  {
    name: 'pixels as parameters, 1 pixel high',
    build(g) {
      return objective(g.variable('pixels', [3, 1, 9], 0.5), { totalVariation: 0.1 });
    },
  },
];

/** The compiled case, and what to write into a run of it before its first step. */
export function prepare({ build }: StepCase): { plan: Plan; inputs: ReadonlyMap<string, Float32Array> } {
  const g = new Graph();
  const goal = build(g);
  const plan = compile(g, goal);
  const floats = (name: string) => plan.buffers[plan.named.get(name)!].floats;
  const inputs = new Map<string, Float32Array>([['theta', initialParameters(plan, 5)]]);
  for (const parameter of plan.parameters)
    if (parameter.role === 'pixels')
      inputs.get('theta')!.set(randomInput(parameter.size, 9, 1), parameter.offset);
  for (const node of g.nodes)
    if (node.op === 'input') inputs.set(node.name, randomInput(floats(node.name), 7, 1));
  inputs.set('target', randomInput(floats('target'), 8, 1));
  if (goal.weighted) inputs.set('weight', randomInput(floats('weight'), 10, 1));
  return { plan, inputs };
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new Error(`lengths differ: ${a.length} and ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (Number.isNaN(difference)) return Number.NaN;
    largest = Math.max(largest, difference);
  }
  return largest;
}
