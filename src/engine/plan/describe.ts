import { type CallCost, costOf, wordsOf } from './calls.ts';
import { type Plan, planBytes } from './plan.ts';

/** One training step in total. */
export function costOfStep(plan: Plan): CallCost {
  const costs = plan.calls.map((call) => costOf(plan, call));
  return {
    flops: costs.reduce((sum, c) => sum + c.flops, 0),
    bytes: costs.reduce((sum, c) => sum + c.bytes, 0),
  };
}

/** The step as text, a line a call: what it reads → writes, shapes, MFLOP and kB; then the memory it needs. */
export function describePlan(plan: Plan): string {
  const lines = plan.calls.map((call, index) => {
    const { flops, bytes } = costOf(plan, call);
    const cost = `${(flops / 1e6).toFixed(2).padStart(9)} MFLOP ${(bytes / 1024).toFixed(0).padStart(7)} kB`;
    return `${String(index).padStart(3)} ${call.kind.padEnd(18)} ${cost}  ${wordsOf(plan, call)}`;
  });
  const { flops, bytes } = costOfStep(plan);
  return [
    ...lines,
    `${plan.calls.length} calls, ${(flops / 1e9).toFixed(3)} GFLOP and ${(bytes / 2 ** 20).toFixed(1)} MiB moved a step`,
    `${plan.parameters.reduce((sum, p) => sum + p.size, 0)} parameters; ${plan.buffers.length} buffers in ${plan.slots.length} slots, ${(planBytes(plan) / 2 ** 20).toFixed(1)} MiB`,
  ].join('\n');
}
