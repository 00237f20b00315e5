import { DivergedError } from '../errors.ts';
import type { Run, StepRecord } from '../executors/executor.ts';

/** A loss this many times the running one is a collapse, not the jitter of input noise and high rates. */
const COLLAPSE = 4;
const MAX_CONSECUTIVE = 12;
/** A rate that collapsed once is not tried again in full. */
const CEILING = 0.7;
const SMOOTHING = 0.9;

/** What a guard knows once a stretch was accepted; all of it finite. */
export interface GuardState {
  /** The learning rate's multiplier, and what it may recover to. */
  readonly rate: number;
  readonly ceiling: number;
  readonly running: number;
  readonly rollbacks: number;
}

/**
 * Keeps the optimisation from falling apart: healthy stretches are checkpointed on the device; after a collapse
 * parameters, moments and averages go back to the last checkpoint and the learning rate halves, to recover slowly to
 * below what it was.
 */
export class DivergenceGuard {
  rollbacks = 0;
  private rate = 1;
  private ceiling = 1;
  private running = Number.POSITIVE_INFINITY;
  private consecutive = 0;

  /** `earlier`: of the guard of the run that this one goes on from. */
  constructor(
    private readonly run: Run,
    earlier?: GuardState,
  ) {
    Object.assign(this, earlier);
    run.checkpoint();
  }

  /** To go on from; after a stretch that was accepted. */
  get state(): GuardState {
    const { rate, ceiling, running, rollbacks } = this;
    return { rate, ceiling, running, rollbacks };
  }

  /** Takes a finished stretch of steps; returns false when it was undone. Throws DivergedError when that never ends. */
  accept(records: readonly StepRecord[]): boolean {
    for (const { loss, step } of records) {
      if (!Number.isFinite(loss) || loss > COLLAPSE * this.running) return this.undo(loss, step);
      this.running = Number.isFinite(this.running) ? SMOOTHING * this.running + (1 - SMOOTHING) * loss : loss;
    }
    this.run.checkpoint();
    this.consecutive = 0;
    if (this.rate < this.ceiling) this.setRate(Math.min(this.ceiling, this.rate * 1.1));
    return true;
  }

  private undo(loss: number, step: number): false {
    this.rollbacks++;
    if (++this.consecutive > MAX_CONSECUTIVE)
      throw new DivergedError(
        `The optimisation diverged ${this.consecutive} times in a row (loss ${loss} at step ${step}). Try a smaller learning rate, another seed or another executor.`,
      );
    this.run.rollback();
    this.ceiling = CEILING * this.rate;
    this.setRate(this.rate / 2);
    return false;
  }

  private setRate(rate: number): void {
    this.rate = rate;
    this.run.control(rate, 1);
  }
}
