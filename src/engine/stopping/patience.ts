import type { StepRecord } from '../executors/executor.ts';

/**
 * The host's half of ES-EMV (Wang et al., TMLR 2023): the device keeps the average at the minimum of the variance,
 * this counts how long ago that was.
 */
export class Patience {
  bestStep = -1;
  private best = Number.POSITIVE_INFINITY;

  /** `from`: the first step that may be the best; `patience`: steps without a new minimum until `exhausted`. */
  constructor(
    private readonly from: number,
    private readonly patience: number,
  ) {}

  /** Takes finished steps in order; returns whether the patience has run out by the last of them. */
  exhausted(records: readonly StepRecord[]): boolean {
    for (const { step, variance } of records)
      if (step >= this.from && variance < this.best) {
        this.best = variance;
        this.bestStep = step;
      }
    const last = records.at(-1)?.step ?? 0;
    return this.bestStep >= 0 && last - this.bestStep >= this.patience;
  }
}
