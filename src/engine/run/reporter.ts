import type { StepRecord } from '../executors/executor.ts';
import type { Preview, RestoreOptions } from '../options.ts';
import { Pace } from '../stopping/pace.ts';

/** Where a restoration stands. */
interface Position {
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

/** Share of the time that may be kept free: some work is to be done too. */
const MOST_RESERVED = 0.7;

/** Share of the time that the first answer may take, besides what is reserved. */
const IN_PIECES = 0.95;

/** The network before its first step. */
const NO_STEPS = { step: 0, steps: 0, part: 1, parts: 1, loss: 0, variance: 0, bestStep: 0, msPerStep: 0 };

/** Turns finished steps into onProgress calls, with previews no more often than asked for. */
export class Reporter {
  private readonly started = performance.now();
  private readonly pausedBefore: number;
  private reserved = 0;
  /** Milliseconds of work after which it ends. */
  private deadline: number;
  private finished = 0;
  private first: { readonly step: number; readonly elapsed: number } | undefined;
  private nextPreview = Number.NEGATIVE_INFINITY;

  /** `earlier`: milliseconds of work that a checkpoint has behind it. */
  constructor(
    private readonly options: RestoreOptions,
    private readonly earlier = 0,
  ) {
    this.pausedBefore = options.control?.pausedMs ?? 0;
    this.deadline = 1000 * (options.maxSeconds ?? Number.POSITIVE_INFINITY);
  }

  /** Milliseconds of work so far, pauses aside. */
  get elapsed(): number {
    const paused = (this.options.control?.pausedMs ?? 0) - this.pausedBefore;
    return this.earlier + performance.now() - this.started - paused;
  }

  /** Milliseconds left of `maxSeconds`, without what is reserved. */
  get left(): number {
    return this.deadline - this.elapsed - this.reserved;
  }

  /** Whether nothing is left of it, not even of what was reserved. */
  get isOver(): boolean {
    return this.elapsed >= this.deadline;
  }

  /** Keeps milliseconds free for what should not be left out at the end. */
  reserve(ms: number): void {
    this.reserved = Math.min(ms, MOST_RESERVED * this.deadline);
  }

  /** What ended late does not take from what is reserved: a step of a network may, and without a last word it would have been for nothing. */
  extend(): void {
    this.deadline = Math.max(this.deadline, this.elapsed + this.reserved);
  }

  /** Work that may take a share of the time that is left. */
  async within<T>(share: number, work: () => Promise<T>): Promise<T> {
    const { deadline, reserved } = this;
    if (deadline < Number.POSITIVE_INFINITY) this.deadline = this.elapsed + share * Math.max(0, this.left);
    try {
      return await work();
    } finally {
      Object.assign(this, { deadline, reserved });
    }
  }

  /** Of what comes in pieces before the network: most of the time. What was not touched needs no last word. */
  pace(): Pace {
    const { maxSeconds = 0, stopSignal } = this.options;
    return new Pace(
      (share) =>
        stopSignal?.aborted
          ? Number.NEGATIVE_INFINITY
          : this.left + (1 - share) * this.reserved - (1 - IN_PIECES) * 1000 * maxSeconds,
      () => this.elapsed,
    );
  }

  /** Where the first answer stands. */
  async begin(done: number, draw: (() => Promise<Preview>) | undefined): Promise<void> {
    const { onProgress, control } = this.options;
    await control?.pass(this.options);
    if (!onProgress) return;
    const { elapsed } = this;
    const preview = draw && (await this.preview(draw));
    const etaMs = done > 0 ? (elapsed * (1 - done)) / done : 0;
    onProgress({ ...NO_STEPS, stage: 'nonlocal', done, etaMs, preview });
  }

  /** Counts the steps of a part that is done with. */
  finish(steps: number): void {
    this.finished += steps;
  }

  async report({ record, ...position }: Position, draw: () => Promise<Preview>): Promise<void> {
    const { onProgress, control } = this.options;
    await control?.pass(this.options);
    if (!onProgress) return;
    const { loss, variance } = record;
    const step = this.finished + position.step;
    const steps = this.finished + position.steps;
    const bestStep = this.finished + position.bestStep;
    const msPerStep = this.stepTime(step);
    const etaMs = Math.max(0, Math.min((steps - step) * msPerStep, this.left));
    const preview = await this.preview(draw);
    const standing = { step, steps, bestStep, loss, variance, msPerStep, etaMs, preview };
    onProgress({ ...position, ...standing, stage: 'network', done: step / steps });
  }

  /** Mean of the steps after the first report: what came before it includes compiling and is not to come again. */
  private stepTime(step: number): number {
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
