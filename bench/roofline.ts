import type { KernelKind } from '../src/engine/plan/calls.ts';
import { costOf } from '../src/engine/plan/calls.ts';
import type { Plan } from '../src/engine/plan/plan.ts';

interface Bound {
  calls: number;
  flops: number;
  bytes: number;
  /** What no program can beat, ms: the longer of calculating and of moving each byte once. */
  ms: number;
}

/**
 * A step's lower bound on a device of so many TFLOP/s and GB/s, by kind of kernel: where the time must go, and whether
 * arithmetic or memory sets it (Williams et al., Roofline, CACM 52(4), 2009).
 */
export function rooflineTable(plan: Plan, teraflops: number, gigabytes: number): string {
  const bounds = new Map<KernelKind, Bound>();
  for (const call of plan.calls) {
    const { flops, bytes } = costOf(plan, call);
    const bound = bounds.get(call.kind) ?? { calls: 0, flops: 0, bytes: 0, ms: 0 };
    bounds.set(call.kind, bound);
    bound.calls++;
    bound.flops += flops;
    bound.bytes += bytes;
    bound.ms += Math.max(flops / (teraflops * 1e9), bytes / (gigabytes * 1e6));
  }
  const ridge = (teraflops * 1000) / gigabytes;
  const lines = [...bounds]
    .sort(([, a], [, b]) => b.ms - a.ms)
    .map(([kind, { calls, flops, bytes, ms }]) => {
      const intensity = bytes > 0 ? flops / bytes : 0;
      const limit = intensity > ridge ? 'arithmetic' : 'memory';
      return row([
        kind,
        calls,
        (flops / 1e9).toFixed(1),
        (bytes / 1e9).toFixed(2),
        intensity.toFixed(1),
        ms.toFixed(2),
        limit,
      ]);
    });
  const total = [...bounds.values()].reduce((sum, { ms }) => sum + ms, 0);
  return [
    row(['kernel', 'calls', 'GFLOP', 'GB', 'FLOP/B', 'ms', 'bound by']),
    ...lines,
    `${teraflops} TFLOP/s, ${gigabytes} GB/s (ridge ${ridge.toFixed(1)} FLOP/B): a step takes at least ${total.toFixed(2)} ms`,
  ].join('\n');
}

const row = ([kind, ...cells]: (string | number)[]) =>
  [String(kind).padEnd(19), ...cells.map((cell) => String(cell).padStart(12))].join('');
