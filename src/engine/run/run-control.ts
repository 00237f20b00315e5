import type { Subject } from '../checkpoints/checkpoint.ts';
import type { Journal } from '../checkpoints/journal.ts';
import { abortError } from '../errors.ts';
import type { RestoreOptions } from '../options.ts';

/** A restoration under way, as far as checkpoints go. */
interface Recorded {
  readonly journal: Journal;
  readonly subject: Subject;
  elapsed(): number;
}

/** Somebody who waits for a checkpoint. */
interface Asker {
  resolve(bytes: Uint8Array<ArrayBuffer>): void;
  reject(reason: unknown): void;
}

/**
 * Pauses the restoration whose option it is, lets it go on, and takes checkpoints of it. What it is asked for happens
 * between two pieces of work: a strip, a tile, a step or some.
 */
export class RunControl {
  #pausedSince: number | undefined;
  #pausedMs = 0;
  #wake = () => {};
  #isWaiting = false;
  #isOver = false;
  #recorded: Recorded | undefined;
  readonly #askers: Asker[] = [];

  get paused(): boolean {
    return this.#pausedSince !== undefined;
  }

  /** It stands still, its clock too, and keeps its memory. */
  pause(): void {
    this.#pausedSince ??= performance.now();
  }

  resume(): void {
    this.#pausedMs = this.pausedMs;
    this.#pausedSince = undefined;
    this.#wake();
  }

  /**
   * What it takes to go on later, or elsewhere: the option `checkpoint` of another restoration. At most the last five
   * seconds of work, or the last steps, are done again. Rejects with an AbortError where the restoration ends before it
   * could be taken.
   */
  checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#isOver) return Promise.reject(abortError());
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject });
      if (this.#isWaiting) void this.#answer();
    });
  }

  /** Milliseconds that it has stood still. */
  get pausedMs(): number {
    const since = this.#pausedSince;
    return this.#pausedMs + (since === undefined ? 0 : performance.now() - since);
  }

  /** The engine says what is controlled. */
  begin(recorded: Recorded): void {
    this.#recorded = recorded;
  }

  /** The engine has nothing more to control. */
  end(): void {
    this.#isOver = true;
    for (const { reject } of this.#askers.splice(0)) reject(abortError());
  }

  /** The engine is between two pieces of work: returns when it may go on, or somebody has had enough. */
  async pass({ signal, stopSignal }: Pick<RestoreOptions, 'signal' | 'stopSignal'>): Promise<void> {
    await this.#answer();
    const ends = [signal, stopSignal].filter((one) => one !== undefined);
    while (this.paused && !ends.some(({ aborted }) => aborted)) {
      let wake = () => {};
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      this.#wake = wake;
      for (const end of ends) end.addEventListener('abort', wake);
      this.#isWaiting = true;
      await woken;
      this.#isWaiting = false;
      for (const end of ends) end.removeEventListener('abort', wake);
    }
  }

  async #answer(): Promise<void> {
    if (this.#askers.length === 0 || !this.#recorded) return;
    const { journal, subject, elapsed } = this.#recorded;
    const { encodeCheckpoint } = await import('../checkpoints/checkpoint.ts');
    const bytes = encodeCheckpoint({ journal, elapsed: elapsed() }, subject);
    for (const { resolve } of this.#askers.splice(0)) resolve(bytes);
  }
}
