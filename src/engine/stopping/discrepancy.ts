import type { StepRecord } from '../executors/executor.ts';

/** Weight of the past in the running loss: input noise makes single steps jitter. */
const SMOOTHING = 0.8;

/**
 * Morozov's discrepancy principle (1966): an estimate nearer to the noisy image than the noise itself is has begun to
 * fit the noise. Needs the noise's variance, so it is for noise that was measured.
 */
export class Discrepancy {
  private running = Number.NaN;

  /** `reached` once the running loss is at or below `loss`; 0 = never. */
  constructor(private readonly loss: number) {}

  /** Takes finished steps in order; returns whether the estimate is as near as the noise allows. */
  reached(records: readonly StepRecord[]): boolean {
    for (const { loss } of records)
      this.running = Number.isNaN(this.running) ? loss : SMOOTHING * this.running + (1 - SMOOTHING) * loss;
    return this.running <= this.loss;
  }
}
