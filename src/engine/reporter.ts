import type { StepRecord } from './executors/executor.ts';
import type { Preview, RestoreOptions } from './options.ts';

/** Where a restoration stands. */
export interface Position {
  /** Steps done and at most, since the last finished part. */
  readonly step: number;
  readonly steps: number;
  readonly bestStep: number;
  readonly record: StepRecord;
  readonly part: number;
  readonly parts: number;
}

/** A preview may take this share of the time: those of a huge result take longer than a step of one of its parts. */
const PREVIEW_SHARE = 0.2;

/** Turns finished steps into onProgress calls, with previews no more often than asked for. */
export class Reporter {
  private readonly started = performance.now();
  private finished = 0;
  private first: { readonly step: number; readonly elapsed: number } | undefined;
  private nextPreview = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: RestoreOptions) {}

  get elapsed(): number {
    return performance.now() - this.started;
  }

  /** Milliseconds left of `maxSeconds`. */
  get left(): number {
    return 1000 * (this.options.maxSeconds ?? Number.POSITIVE_INFINITY) - this.elapsed;
  }

  /** Counts the steps of a part that is done with. */
  finish(steps: number): void {
    this.finished += steps;
  }

  async report({ record, ...position }: Position, draw: () => Promise<Preview>): Promise<void> {
    const { onProgress } = this.options;
    if (!onProgress) return;
    const { loss, variance } = record;
    const step = this.finished + position.step;
    const steps = this.finished + position.steps;
    const bestStep = this.finished + position.bestStep;
    const msPerStep = this.pace(step);
    const etaMs = Math.max(0, Math.min((steps - step) * msPerStep, this.left));
    const preview = await this.preview(draw);
    onProgress({ ...position, step, steps, bestStep, loss, variance, msPerStep, etaMs, preview });
  }

  /** Mean of the steps after the first report: what came before it includes compiling and is not to come again. */
  private pace(step: number): number {
    const { elapsed } = this;
    this.first ??= { step, elapsed };
    const { first } = this;
    return step > first.step ? (elapsed - first.elapsed) / (step - first.step) : elapsed / step;
  }

  private async preview(draw: () => Promise<Preview>): Promise<Preview | undefined> {
    const { previewEveryMs = 250 } = this.options;
    const now = performance.now();
    if (previewEveryMs === 0 || now < this.nextPreview) return undefined;
    const preview = await draw();
    this.nextPreview = now + Math.max(previewEveryMs, (performance.now() - now) / PREVIEW_SHARE);
    return preview;
  }
}
