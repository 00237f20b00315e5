import { conv, convBackwardInput, convBackwardWeight } from '../kernels/conv.ts';
import { dataTerm, totalVariation } from '../kernels/loss.ts';
import { Memory } from '../kernels/memory.ts';
import { moments, normBackwardInput, normGradients } from '../kernels/norm.ts';
import { adam, muon } from '../kernels/optimiser.ts';
import { activationBackward, noise, pointwise } from '../kernels/pointwise.ts';
import { resample } from '../kernels/resample.ts';
import { average, endStep, keepBest, variance } from '../kernels/watchers.ts';
import {
  type CallOf,
  type KernelCall,
  type KernelKind,
  LOG_COLUMNS,
  LOG_ROWS,
  type Plan,
  planBytes,
  STATE,
} from '../plan/plan.ts';
import { CHECKPOINT_BUFFERS } from './checkpoint.ts';
import type { Executor, Run, StepRecord } from './executor.ts';

type Kernels = { [K in KernelKind]: (call: CallOf<K>, memory: Memory) => void };

/** One plain loop for each kind of call: slow, obviously right, and what every other executor is tested against. */
export const REFERENCE_KERNELS: Kernels = {
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
  return {
    name: 'reference',
    adapter: 'plain loops, one thread',
    compile: async (plan) => new ReferenceRun(plan),
    dispose: () => {},
  };
}

interface Checkpoint {
  readonly buffers: ReadonlyMap<string, Float32Array>;
  readonly variance: number;
}

class ReferenceRun implements Run {
  readonly bytes: number;
  private readonly memory: Memory;
  /** The last checkpoint and the one before. */
  private checkpoints: Checkpoint[] = [];

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

  async read(name: string): Promise<Float32Array> {
    return this.memory.named(name).slice();
  }

  control(rate: number, noiseMultiplier: number): void {
    this.memory.state[STATE.rate] = rate;
    this.memory.state[STATE.noise] = noiseMultiplier;
  }

  async steps(count: number): Promise<StepRecord[]> {
    const log = this.memory.named('log');
    const records: StepRecord[] = [];
    for (let i = 0; i < count; i++) {
      const step = this.memory.state[STATE.step];
      for (const call of this.plan.calls) runCall(call, this.memory);
      const row = (step % LOG_ROWS) * LOG_COLUMNS;
      records.push({ step, loss: log[row], variance: log[row + 1] });
    }
    // Lets timers and abort listeners in, which a chain of resolved promises never would.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    return records;
  }

  checkpoint(): void {
    const buffers = new Map(CHECKPOINT_BUFFERS.map((name) => [name, this.memory.named(name).slice()]));
    const last = { buffers, variance: this.memory.state[STATE.variance] };
    this.checkpoints = [last, this.checkpoints[0] ?? last];
  }

  rollback(): void {
    const [, before] = this.checkpoints;
    for (const [name, data] of before.buffers) this.memory.named(name).set(data);
    this.memory.state[STATE.variance] = before.variance;
    this.checkpoints = [before, before];
  }

  dispose(): void {
    this.checkpoints = [];
  }
}
