import { describe, expect, it } from 'vitest';
import { runCall } from '../../src/engine/executors/reference.ts';
import { lanczosTable } from '../../src/engine/image/resize.ts';
import { Memory } from '../../src/engine/kernels/memory.ts';
import { decoder, decoderInput } from '../../src/engine/network/decoder.ts';
import { Graph, type NodeId } from '../../src/engine/network/graph.ts';
import { initialParameters, randomInput } from '../../src/engine/network/initialise.ts';
import { resnet } from '../../src/engine/network/resnet.ts';
import { skip } from '../../src/engine/network/skip.ts';
import { unet } from '../../src/engine/network/unet.ts';
import { compile } from '../../src/engine/plan/compile.ts';
import { type Objective, STATE } from '../../src/engine/plan/plan.ts';

const objective = (image: NodeId, observed: NodeId, more: Partial<Objective> = {}): Objective => ({
  image,
  observed,
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

interface Case {
  name: string;
  build(g: Graph): Objective;
}

const size = [13, 11] as const;
const cases: Case[] = [
  {
    name: 'skip net, odd size, bilinear, input noise, weighted',
    build(g) {
      const z = g.noise(g.input('z', [3, ...size]), 0.03);
      const image = skip(g, z, { channels: [5, 6], skips: [2, 0], imageChannels: 3 });
      return objective(image, image, { weighted: true });
    },
  },
  {
    name: 'skip net, nearest, 5×5, Huber and total variation',
    build(g) {
      const z = g.input('z', [2, ...size]);
      const options = {
        channels: [4, 4],
        skips: [3, 3],
        upsampling: 'nearest',
        downKernel: 5,
        imageChannels: 1,
      } as const;
      const image = skip(g, z, options);
      return objective(image, image, { huber: 0.1, totalVariation: 0.05 });
    },
  },
  {
    name: 'U-Net under a Lanczos down-sampling',
    build(g) {
      const image = unet(g, g.input('z', [2, 12, 9]), { channels: [4, 5, 6], imageChannels: 3 });
      const low = g.resample('observed', image, lanczosTable(12, 4, 2), lanczosTable(9, 3, 2));
      return objective(image, low, { totalVariation: 0.01 });
    },
  },
  {
    name: 'residual net',
    build(g) {
      const image = resnet(g, g.input('z', [2, 9, 7]), { channels: 4, blocks: 2, imageChannels: 3 });
      return objective(image, image);
    },
  },
  {
    name: 'deep decoder',
    build(g) {
      const options = { channels: 6, scales: 2, imageChannels: 3 };
      const image = decoder(g, g.input('z', [4, ...decoderInput(14, 11, options)]), 14, 11, options);
      return objective(image, image);
    },
  },
  {
    name: 'pixels as parameters',
    build(g) {
      const image = g.variable('pixels', [3, 8, 9], 0.5);
      return objective(image, image, { totalVariation: 0.1 });
    },
  },
];

/** Single precision cannot resolve a central difference next to the kinks of a leaky ReLU. */
const double = (samples: number) => new Float64Array(samples) as unknown as Float32Array;

/** Central difference of the loss in theta[i]. */
function slopeAt(theta: Float32Array, i: number, h: number, loss: () => number): number {
  const before = theta[i];
  theta[i] = before + h;
  const above = loss();
  theta[i] = before - h;
  const below = loss();
  theta[i] = before;
  return (above - below) / (2 * h);
}

describe.each(cases)('the gradient of a whole $name', ({ build }) => {
  const g = new Graph();
  const goal = build(g);
  const plan = compile(g, goal);
  const memory = new Memory(plan, double);
  memory.named('theta').set(initialParameters(plan, 5));
  const pixels = plan.parameters.find((p) => p.role === 'pixels');
  if (pixels) memory.parameter(pixels.id).set(randomInput(pixels.size, 9, 1));
  for (const node of g.nodes)
    if (node.op === 'input')
      memory.named(node.name).set(randomInput(node.shape[0] * node.shape[1] * node.shape[2], 7, 1));
  memory.named('target').set(randomInput(memory.named('target').length, 8, 1));
  if (goal.weighted) memory.named('weight').set(randomInput(memory.named('weight').length, 10, 1));
  memory.state[STATE.noise] = 1;
  const lossBy = (left: RegExp) => () => {
    for (const call of plan.calls) if (!left.test(call.kind)) runCall(call, memory);
    return memory.state[STATE.loss];
  };
  const step = lossBy(/^(adam|endStep|variance)$/);
  const forward = lossBy(/^(adam|endStep|variance)$|Backward|Gradients/);

  it('agrees with finite differences for every parameter', () => {
    const loss = step();
    expect(Number.isFinite(loss)).toBe(true);
    const gradient = memory.named('gradient').slice();
    const theta = memory.named('theta');
    const scale = Math.sqrt(gradient.reduce((sum, x) => sum + x * x, 0) / gradient.length);
    expect(scale).toBeGreaterThan(0);
    for (const { name, offset, size: count } of plan.parameters)
      for (let i = offset; i < offset + count; i += Math.max(1, Math.floor(count / 4))) {
        const tolerance = 1e-4 * Math.abs(gradient[i]) + 1e-4 * scale;
        const difference = slopeAt(theta, i, 1e-6, forward);
        expect(Math.abs(difference - gradient[i]), `${name}[${i - offset}] = ${gradient[i]}`).toBeLessThan(
          tolerance,
        );
      }
  });
});
