import { checkOptions } from './check-options.ts';
import type { RestorableImage } from './image/forms.ts';
import type { Progress, RestoreOptions } from './options.ts';
import { type RestoreResult, restore } from './restore.ts';
import { RunControl } from './run/run-control.ts';

/** What a RunControl offers its user. */
type Steering = Pick<RunControl, 'pause' | 'resume' | 'paused' | 'checkpoint'>;

/** A restoration under way: its progress, one report after the other, and what comes of it. */
export interface Restoration<R> extends AsyncIterable<Progress>, Steering {
  /** Settles as the promise of `restore` does. */
  readonly result: Promise<R>;
  /** Ends it early: `result` resolves with the best so far. */
  stop(): void;
}

/**
 * Begins a restoration whose progress is taken with `for await`: of several reports between two turns of the loop the
 * newest alone. Leaving the loop stops the restoration; an error ends the loop with it.
 *
 * @example
 * const run = restoration(image, { task: 'denoise' });
 * for await (const { preview, done } of run) if (preview) context.putImageData(new ImageData(preview.data, preview.width), 0, 0);
 * const { image: restored } = await run.result;
 */
export const restoration = <I extends RestorableImage>(
  image: I,
  options: RestoreOptions,
): Restoration<RestoreResult<I>> => watch((watched) => restore(image, watched), options);

/** The same of any function that takes RestoreOptions. */
export function watch<R>(
  run: (options: RestoreOptions) => Promise<R>,
  options: RestoreOptions,
): Restoration<R> {
  const wrong = problemOf(options);
  const {
    onProgress,
    stopSignal,
    control = new RunControl(),
  }: Partial<RestoreOptions> = wrong ? {} : options;
  const stopper = new AbortController();
  const stop = () => stopper.abort();
  if (stopSignal?.aborted) stop();
  else stopSignal?.addEventListener('abort', stop, { once: true });
  const reports = new Newest<Progress>();
  const report = (progress: Progress) => {
    onProgress?.(progress);
    reports.put(progress);
  };
  const watched = { ...options, control, onProgress: report, stopSignal: stopper.signal };
  const result = (wrong ? Promise.reject(wrong) : run(watched)).finally(() => {
    stopSignal?.removeEventListener('abort', stop);
    reports.end();
  });
  result.catch(() => {}); // told by the loop, or to whoever awaits the result
  async function* loop(): AsyncGenerator<Progress, void> {
    try {
      for (let next = await reports.take(); next; next = await reports.take()) yield next;
      await result;
    } finally {
      if (!reports.ended) stop();
    }
  }
  return {
    ...{ result, stop, [Symbol.asyncIterator]: loop },
    pause: () => control.pause(),
    resume: () => control.resume(),
    checkpoint: () => control.checkpoint(),
    get paused() {
      return control.paused;
    },
  };
}

/** Of what is put the newest alone is taken. */
class Newest<T> {
  ended = false;
  private newest: T | undefined;
  private wake = () => {};

  put(value: T): void {
    this.newest = value;
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  /** Waits for one; undefined once none is left and it has ended. */
  async take(): Promise<T | undefined> {
    while (this.newest === undefined && !this.ended)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    const value = this.newest;
    this.newest = undefined;
    return value;
  }
}

/** What is wrong with options: told as any error, by the loop and the result. */
function problemOf(options: RestoreOptions): unknown {
  try {
    checkOptions(options);
  } catch (error) {
    return error;
  }
}
