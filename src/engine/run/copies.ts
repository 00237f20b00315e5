import type { Journal } from '../checkpoints/journal.ts';
import { packHistory, unpackHistory } from '../checkpoints/outcomes.ts';
import { CheckpointError } from '../errors.ts';
import { CHECKPOINT_BUFFERS } from '../executors/checkpoint.ts';
import type { Run, StepRecord } from '../executors/executor.ts';

/** Work that may be lost with an executor, ms: little where copying takes little. */
const EVERY_MS = { least: 500, most: 4000 } as const;
/** Share of the time that copying may take, unless that would lose more than the most. */
const SHARE = 0.02;

/** All that makes a run what it is, besides what it was started with. */
const COPIED = [...CHECKPOINT_BUFFERS, 'best', 'state'] as const;

/** What the journal calls the copy of a run. */
export const RUN = 'run';

/** Where a run was when it was copied, and what its host knew then. */
interface Copied<State> {
  readonly history: readonly StepRecord[];
  /** As JSON can say it. */
  readonly state: State;
}

/** What is kept of a run on the host, so that another executor, or another process, can go on from there. */
export class Copies<State> {
  private last = performance.now();
  private every: number = EVERY_MS.least;

  /** `plan`: tells the run's plan from others. */
  constructor(
    private readonly journal: Journal,
    private readonly plan: string,
  ) {}

  /** Whether the last copy is old enough. */
  isDue(): boolean {
    return performance.now() - this.last >= this.every;
  }

  /** Copies a run that is well, where that is due. */
  async take(run: Run, history: readonly StepRecord[], state: State): Promise<void> {
    if (!this.isDue()) return;
    const began = performance.now();
    const reads = COPIED.map(async (name) => [name, await run.read(name)] as const);
    const buffers = Object.fromEntries(await Promise.all(reads));
    const planes = { ...buffers, history: packHistory(history) };
    this.journal.keep(RUN, { facts: { plan: this.plan, state }, planes });
    this.last = performance.now();
    this.every = Math.min(EVERY_MS.most, Math.max(EVERY_MS.least, (this.last - began) / SHARE));
  }

  /** Writes the last copy, where there is one, into a run that was just started. */
  restore(run: Run): Copied<State> | undefined {
    this.last = performance.now();
    const kept = this.journal.find(RUN);
    if (!kept) return undefined;
    const { plan, state } = kept.facts as { plan: string; state: State };
    if (plan !== this.plan)
      throw new CheckpointError('The checkpoint is of another network: begin anew without it.');
    for (const name of COPIED) run.write(name, kept.planes[name]);
    return { history: unpackHistory(kept.planes.history), state };
  }
}
