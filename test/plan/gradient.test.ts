import { describe, expect, it } from 'vitest';
import { runCall } from '../../src/engine/executors/reference.ts';
import { Memory } from '../../src/engine/kernels/memory.ts';
import { STATE } from '../../src/engine/plan/plan.ts';
import { prepare, STEP_CASES } from '../executors/step-cases.ts';

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

describe.each(STEP_CASES)('the gradient of a whole $name', (stepCase) => {
  const { plan, inputs } = prepare(stepCase);
  const memory = new Memory(plan, double);
  for (const [name, samples] of inputs) memory.named(name).set(samples);
  memory.state[STATE.noise] = 1;
  const lossBy = (left: RegExp) => () => {
    for (const call of plan.calls) if (!left.test(call.kind)) runCall(call, memory);
    return memory.state[STATE.loss];
  };
  const step = lossBy(/^(adam|muon|endStep|variance)$/);
  const forward = lossBy(/^(adam|muon|endStep|variance)$|Backward|Gradients/);

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
