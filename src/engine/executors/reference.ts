import { conv, convBackwardInput, convBackwardWeight } from '../kernels/conv.ts';
import { dataTerm, totalVariation } from '../kernels/loss.ts';
import { Memory } from '../kernels/memory.ts';
import { moments, normBackwardInput, normGradients } from '../kernels/norm.ts';
import { adam, muon } from '../kernels/optimiser.ts';
import { activationBackward, noise, pointwise } from '../kernels/pointwise.ts';
import { resample } from '../kernels/resample.ts';
import { average, endStep, keepBest, variance } from '../kernels/watchers.ts';
import type { CallOf, KernelCall, KernelKind } from '../plan/calls.ts';
import { LOG_COLUMNS, LOG_ROWS, type Plan, planBytes, STATE } from '../plan/plan.ts';
import { CHECKPOINT_BUFFERS } from './checkpoint.ts';
import type { Executor } from './executor.ts';
import { OrderedRun, type RunDevice } from './ordered-run.ts';

type Kernels = { [K in KernelKind]: (call: CallOf<K>, memory: Memory) => void };

/** One plain loop for each kind of call: slow, obviously right, and what every other executor is tested against. */
const REFERENCE_KERNELS: Kernels = {
  noise,
  conv,
  convBackwardInput,
  convBackwardWeight,
  moments,
  normGradients,
  normBackwardInput,
  activationBackward,
  pointwise,
  resample,
  dataTerm,
  totalVariation,
  adam,
  muon,
  average,
  variance,
  keepBest,
  endStep,
};

export function runCall(call: KernelCall, memory: Memory): void {
  (REFERENCE_KERNELS[call.kind] as (call: KernelCall, memory: Memory) => void)(call, memory);
}

export function createReferenceExecutor(): Executor {
  const runs = new Set<OrderedRun>();
  return {
    name: 'reference',
    adapter: 'plain loops, one thread',
    compile: async (plan) => new OrderedRun(plan, new ReferenceDevice(plan), runs),
    dispose: () => {
      for (const run of runs) run.dispose();
    },
  };
}

interface Checkpoint {
  readonly buffers: ReadonlyMap<string, Float32Array>;
  readonly variance: number;
}

class ReferenceDevice implements RunDevice {
  readonly bytes: number;
  private readonly memory: Memory;
  private readonly checkpoints: Checkpoint[] = [];

  constructor(private readonly plan: Plan) {
    this.memory = new Memory(plan);
    this.bytes = planBytes(plan);
    const { state } = this.memory;
    state[STATE.rate] = state[STATE.noise] = 1;
    state[STATE.bestVariance] = Number.POSITIVE_INFINITY;
  }

  write(name: string, data: Float32Array): void {
    this.memory.named(name).set(data);
  }

  read(name: string): Float32Array {
    return this.memory.named(name).slice();
  }

  control(rate: number, noiseMultiplier: number): void {
    this.memory.state[STATE.rate] = rate;
    this.memory.state[STATE.noise] = noiseMultiplier;
  }

  async steps(first: number, count: number): Promise<Float32Array> {
    const log = this.memory.named('log');
    const rows = new Float32Array(count * LOG_COLUMNS);
    for (let i = 0; i < count; i++) {
      for (const call of this.plan.calls) runCall(call, this.memory);
      const row = ((first + i) % LOG_ROWS) * LOG_COLUMNS;
      rows.set(log.subarray(row, row + LOG_COLUMNS), i * LOG_COLUMNS);
    }
    // Lets timers and abort listeners in, which a chain of resolved promises never would.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    return rows;
  }

  save(slot: 0 | 1): void {
    const buffers = new Map(CHECKPOINT_BUFFERS.map((name) => [name, this.read(name)]));
    this.checkpoints[slot] = { buffers, variance: this.memory.state[STATE.variance] };
  }

  restore(slot: 0 | 1): void {
    const { buffers, variance } = this.checkpoints[slot];
    for (const [name, data] of buffers) this.write(name, data);
    this.memory.state[STATE.variance] = variance;
  }

  free(): void {
    this.checkpoints.length = 0;
  }
}
