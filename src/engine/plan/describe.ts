import {
  type BufferId,
  type KernelCall,
  NAMED_ARENAS,
  type Plan,
  planBytes,
  type Slice,
  type View,
} from './plan.ts';
import { usesOf } from './uses.ts';

/** What one call costs, counted from its shapes: floating-point operations, and bytes read and written once each. */
interface CallCost {
  readonly flops: number;
  readonly bytes: number;
}

const floatsOf = (s: Slice) => s.channels * s.height * s.width;

/** Cost of call `index` of the plan. A multiply-add counts as 2 operations. */
export function costOf(plan: Plan, call: KernelCall): CallCost {
  const moved = (...slices: Slice[]) => 4 * slices.reduce((sum, s) => sum + floatsOf(s), 0);
  const weights = (id: number) => plan.parameters[id].size;
  switch (call.kind) {
    case 'conv':
      return {
        flops: 2 * weights(call.weight) * call.out.height * call.out.width,
        bytes: moved(call.x, call.out) + 4 * weights(call.weight),
      };
    case 'convBackwardInput':
      return {
        flops: 2 * weights(call.weight) * call.dy.height * call.dy.width,
        bytes: moved(call.dy, call.dx) + 4 * weights(call.weight),
      };
    case 'convBackwardWeight':
      return {
        flops: 2 * weights(call.weight) * call.dy.height * call.dy.width,
        bytes: moved(call.x, call.dy) + 4 * weights(call.weight),
      };
    case 'resample': {
      const taps = plan.tables[call.rows].taps * plan.tables[call.cols].taps;
      return { flops: 2 * taps * floatsOf(call.out), bytes: moved(call.x, call.out) };
    }
    case 'muon': {
      const sum = (of: (short: number, long: number) => number) =>
        call.matrices.reduce((s, { rows, cols }) => s + of(Math.min(rows, cols), Math.max(rows, cols)), 0);
      return {
        flops: sum((short, long) => 4 * short * short * long + 5 * 8 * short ** 3),
        bytes: sum((short, long) => 4 * 5 * short * long),
      };
    }
    case 'adam':
      return { flops: 12 * (call.to - call.from), bytes: 4 * 7 * (call.to - call.from) };
    case 'keepBest':
    case 'endStep':
      return { flops: 0, bytes: 0 };
    case 'moments':
      return { flops: 3 * floatsOf(call.x), bytes: moved(call.x) };
    case 'normGradients':
      return { flops: 6 * floatsOf(call.x), bytes: moved(call.x, call.dy) };
    case 'normBackwardInput':
    case 'activationBackward':
      return { flops: 8 * floatsOf(call.x), bytes: moved(call.x, call.dy, call.dx) };
    case 'dataTerm':
    case 'totalVariation':
      return { flops: 6 * floatsOf(call.x), bytes: 2 * moved(call.x, call.dx) };
    case 'average':
    case 'variance':
      return { flops: 4 * floatsOf(call.x), bytes: 3 * moved(call.x) };
    case 'noise':
    case 'pointwise':
      return { flops: 2 * floatsOf(call.out), bytes: moved(call.x, call.out) };
  }
}

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
    const { reads, writes } = usesOf(call);
    const names = (ids: readonly BufferId[]) => ids.map((id) => plan.buffers[id].name).join(', ');
    const into = names(writes) || NAMED_ARENAS[call.kind] || '';
    const cost = `${(flops / 1e6).toFixed(2).padStart(9)} MFLOP ${(bytes / 1024).toFixed(0).padStart(7)} kB`;
    return `${String(index).padStart(3)} ${call.kind.padEnd(18)} ${cost}  ${names(reads)} → ${into}  ${detail(plan, call)}`;
  });
  const { flops, bytes } = costOfStep(plan);
  return [
    ...lines,
    `${plan.calls.length} calls, ${(flops / 1e9).toFixed(3)} GFLOP and ${(bytes / 2 ** 20).toFixed(1)} MiB moved a step`,
    `${plan.parameters.reduce((sum, p) => sum + p.size, 0)} parameters; ${plan.buffers.length} buffers in ${plan.slots.length} slots, ${(planBytes(plan) / 2 ** 20).toFixed(1)} MiB`,
  ].join('\n');
}

function detail(plan: Plan, call: KernelCall): string {
  const shape = (s: Slice) => `${s.channels}×${s.height}×${s.width}`;
  const through = (v: View) =>
    (v.affine === null ? '' : '·norm') + (v.activation ? `·${v.activation.kind}` : '');
  switch (call.kind) {
    case 'conv':
    case 'convBackwardWeight': {
      const to = call.kind === 'conv' ? call.out : call.dy;
      return `${plan.parameters[call.weight].name} ${shape(call.x)}${through(call.x)} ${to.channels}×${to.height}×${to.width} k${call.kernel} s${call.stride}`;
    }
    case 'convBackwardInput':
      return `${plan.parameters[call.weight].name} ${shape(call.dy)} ${shape(call.dx)} k${call.kernel} s${call.stride}`;
    case 'pointwise':
    case 'resample':
      return `${shape(call.x)}${through(call.x)} ${shape(call.out)}${call.accumulate ? ' accumulate' : ''}`;
    case 'normGradients':
    case 'normBackwardInput':
    case 'activationBackward':
      return `${shape(call.x)}${through(call.x)}`;
    case 'muon':
      return call.matrices
        .map(({ parameter, rows, cols }) => `${plan.parameters[parameter].name} ${rows}×${cols}`)
        .join(', ');
    case 'adam':
      return `${call.to - call.from} floats`;
    default:
      return 'x' in call ? shape(call.x) : '';
  }
}
