import type { StepRecord } from './executors/executor.ts';
import { toRaster } from './image/picture.ts';
import type { Preview, RestoreOptions } from './options.ts';
import type { Problem } from './tasks/task.ts';

/** Where a run stands among all runs of a restoration. */
export interface Position {
  /** Steps of the runs before this one. */
  readonly before: number;
  /** Steps of all runs, at most. */
  readonly total: number;
  /** Mixes this run's average into what the earlier runs found. */
  mix(average: Float32Array): Float32Array;
}

/** Turns finished steps into onProgress calls, with previews no more often than asked for. */
export class Reporter {
  private lastPreview = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly problem: Problem,
    private readonly options: RestoreOptions,
    private readonly started: number,
  ) {}

  async report(
    history: readonly StepRecord[],
    bestStep: number,
    average: () => Promise<Float32Array>,
    { before, total, mix }: Position,
  ): Promise<void> {
    const { onProgress, maxSeconds = Number.POSITIVE_INFINITY } = this.options;
    if (!onProgress) return;
    const { loss, variance } = history[history.length - 1];
    const step = before + history.length;
    const elapsed = performance.now() - this.started;
    const msPerStep = elapsed / step;
    onProgress({
      step,
      steps: total,
      loss,
      variance,
      bestStep,
      msPerStep,
      etaMs: Math.max(0, Math.min((total - step) * msPerStep, maxSeconds * 1000 - elapsed)),
      preview: await this.preview(async () => mix(await average())),
    });
  }

  private async preview(colour: () => Promise<Float32Array>): Promise<Preview | undefined> {
    const { previewEveryMs = 250 } = this.options;
    const now = performance.now();
    if (previewEveryMs === 0 || now - this.lastPreview < previewEveryMs) return undefined;
    this.lastPreview = now;
    return toRaster(this.problem.compose(await colour()));
  }
}
