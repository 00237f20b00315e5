import { DivergedError } from '../errors.ts';

/** What `Run.checkpoint` copies besides the state's variance, in every executor. */
export const CHECKPOINT_BUFFERS = ['theta', 'moment1', 'moment2', 'ema', 'varianceMean'] as const;

/**
 * Which of two slots `Run.checkpoint` saves into and `Run.rollback` restores from: the one before the last, since the
 * last may already hold the update that broke everything.
 */
export class CheckpointSlots {
  private newest = 1;
  private held = 0;

  /** The slot to save into: the older one. */
  save(): 0 | 1 {
    this.newest = 1 - this.newest;
    this.held = Math.min(2, this.held + 1);
    return this.newest as 0 | 1;
  }

  /** The slot to restore from, which then is the only one held. */
  rollback(): 0 | 1 {
    if (this.held === 0) throw new DivergedError('There is no checkpoint to roll back to.');
    if (this.held === 2) this.newest = 1 - this.newest;
    this.held = 1;
    return this.newest as 0 | 1;
  }
}
