import { expect, it } from 'vitest';
import { restore } from '../../src/engine/index.ts';

/** As the first version computes them with a scale's skip made after what it skips, as here: parameters have their numbers by order. */
const LOSSES = [0.05380703, 0.05389468, 0.04878755, 0.04747736, 0.04374134];

it('the network alone learns as in the first version, step by step', async () => {
  const [width, height] = [24, 16];
  const sample = (c: number) => (_: unknown, i: number) =>
    0.5 + 0.4 * Math.sin(0.3 * i + c) * Math.cos((i % width) / (3 + c));
  const planes = [0, 1, 2].map((c) => Float32Array.from({ length: width * height }, sample(c)));
  const expert = { net: '4x2', optimiser: 'adam', steps: LOSSES.length, earlyStop: false } as const;
  const { losses } = await restore(
    { planes, width, height },
    { task: 'denoise', prior: 'network', executor: 'reference', expert },
  );
  expect(losses).toHaveLength(LOSSES.length);
  for (const [step, loss] of losses.entries()) expect(loss).toBeCloseTo(LOSSES[step], 6);
});
