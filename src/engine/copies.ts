import { CHECKPOINT_BUFFERS } from './executors/checkpoint.ts';
import type { Run, StepRecord } from './executors/executor.ts';

/** Work that may be lost with an executor, ms: a copy takes some hundredths of a second. */
const EVERY_MS = 4000;

/** All that makes a run what it is, besides what it was started with. */
const COPIED = [...CHECKPOINT_BUFFERS, 'best', 'state'] as const;

/** What is kept of a run on the host, so that another executor can go on from there. */
export class Copies {
  /** The learning rate's multiplier then. */
  rate = 1;
  private buffers: ReadonlyMap<string, Float32Array> = new Map();
  private history: readonly StepRecord[] = [];
  private last = performance.now();

  /** Copies a run that is well, where the last copy is old enough. */
  async take(run: Run, history: readonly StepRecord[], rate: number): Promise<void> {
    if (performance.now() - this.last < EVERY_MS) return;
    const reads = COPIED.map(async (name) => [name, await run.read(name)] as const);
    this.buffers = new Map(await Promise.all(reads));
    this.history = history.slice();
    this.rate = rate;
    this.last = performance.now();
  }

  /** Writes the last copy, where there is one, into a run that was just started; returns the steps it has behind it. */
  restore(run: Run): StepRecord[] {
    for (const [name, data] of this.buffers) run.write(name, data);
    this.last = performance.now();
    return this.history.slice();
  }
}
