import type { AxisTable } from '../image/axis-table.ts';
import type { BufferId, Slice, View } from '../plan/calls.ts';
import { namedBuffer, type Plan } from '../plan/plan.ts';

/**
 * The reference executor's memory: one array a slot, as the plan assigns them. The plain kernels of this folder are
 * written against it.
 */
export class Memory {
  private readonly slots: Float32Array[];

  /** `allocate` lets the gradient tests run the very same loops in double precision. */
  constructor(
    readonly plan: Plan,
    allocate: (samples: number) => Float32Array = (samples) => new Float32Array(samples),
  ) {
    this.slots = plan.slots.map(allocate);
  }

  buffer(id: BufferId): Float32Array {
    const { slot, floats } = this.plan.buffers[id];
    return this.slots[slot].subarray(0, floats);
  }

  named(name: string): Float32Array {
    return this.buffer(namedBuffer(this.plan, name));
  }

  /** The planes of a slice, [channels · height · width]. */
  slice({ buffer, offset, channels, height, width }: Slice): Float32Array {
    return this.buffer(buffer).subarray(offset, offset + channels * height * width);
  }

  /** A copy of what a consumer of the view sees: norm and activation applied. */
  view(view: View): Float32Array {
    const values = this.slice(view).slice();
    const n = view.height * view.width;
    const affine = view.affine === null ? null : this.buffer(view.affine);
    for (let c = 0; c < view.channels; c++) {
      const [scale, shift] = affine ? [affine[c], affine[view.channels + c]] : [1, 0];
      for (let i = c * n; i < (c + 1) * n; i++) {
        const x = scale * values[i] + shift;
        values[i] = view.activation ? activate(view.activation, x) : x;
      }
    }
    return values;
  }

  parameter(id: number): Float32Array {
    const { offset, size } = this.plan.parameters[id];
    return this.named('theta').subarray(offset, offset + size);
  }

  gradient(id: number): Float32Array {
    const { offset, size } = this.plan.parameters[id];
    return this.named('gradient').subarray(offset, offset + size);
  }

  table(index: number): AxisTable {
    return this.plan.tables[index];
  }

  get state(): Float32Array {
    return this.named('state');
  }
}

function activate(activation: NonNullable<View['activation']>, x: number): number {
  if (activation.kind === 'sigmoid') return 1 / (1 + Math.exp(-x));
  return x > 0 ? x : activation.slope * x;
}

/** activation'(x); at 0 the leaky ReLU takes its slope, as PyTorch does. */
export function activationSlope(activation: View['activation'], x: number): number {
  if (!activation) return 1;
  if (activation.kind === 'leakyRelu') return x > 0 ? 1 : activation.slope;
  const y = 1 / (1 + Math.exp(-x));
  return y * (1 - y);
}

/** Adds to or overwrites out[i], as a call's `accumulate` says. */
export function put(out: Float32Array, i: number, value: number, accumulate: boolean): void {
  out[i] = accumulate ? out[i] + value : value;
}
