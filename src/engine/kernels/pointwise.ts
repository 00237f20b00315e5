/** Element by element: copies with norm and activation applied, the activation's derivative, the input noise. */
import type { ActivationBackwardCall, NoiseCall, PointwiseCall } from '../plan/calls.ts';
import { STATE } from '../plan/plan.ts';
import { normal, streamKey } from '../random.ts';
import { activationSlope, type Memory, put } from './memory.ts';

export function pointwise(call: PointwiseCall, memory: Memory): void {
  const out = memory.slice(call.out);
  memory.view(call.x).forEach((value, i) => {
    put(out, i, value, call.accumulate);
  });
}

export function activationBackward(call: ActivationBackwardCall, memory: Memory): void {
  const dy = memory.slice(call.dy);
  const x = memory.slice(call.x);
  const dx = memory.slice(call.dx);
  for (let i = 0; i < x.length; i++)
    put(dx, i, dy[i] * activationSlope(call.x.activation, x[i]), call.accumulate);
}

/** Each step draws from its own stream, so a run can be split anywhere and still sees the same noise. */
export function noise(call: NoiseCall, memory: Memory): void {
  const key = streamKey(call.seed, memory.state[STATE.step]);
  const std = Math.fround(call.std * memory.state[STATE.noise]);
  const x = memory.slice(call.x);
  const out = memory.slice(call.out);
  for (let i = 0; i < x.length; i++) out[i] = x[i] + std * normal(key, i);
}
