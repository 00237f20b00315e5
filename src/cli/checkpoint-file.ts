import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RunControl } from '../engine/run/run-control.ts';
import { writeWhole } from '../node/atomic-write.ts';
import { FileError, reasonOf } from '../node/file-error.ts';
import { isThere } from './paths.ts';
import { STREAM } from './sources.ts';
import type { Target } from './targets.ts';

/** Seconds between checkpoints unless the user says otherwise: shorter runs leave none. */
export const CHECKPOINT_EVERY = 30;

/** Whether an interrupted run of this result can be gone on with. */
export const hasCheckpoint = ({ path }: Target): Promise<boolean> =>
  path === STREAM ? Promise.resolve(false) : isThere(checkpointPath(path));

/** Beside the result, under a short name that is not seen, whatever the result's is. */
function checkpointPath(output: string): string {
  const name = createHash('sha256').update(basename(output)).digest('hex').slice(0, 12);
  return join(dirname(output), `.prior-art-checkpoint-${name}`);
}

/** What the last run of a result left, where it was interrupted. Throws FileError 'unreadable'. */
export async function readCheckpoint({ path }: Target): Promise<Uint8Array> {
  const from = checkpointPath(path);
  return readFile(from).catch((error) => {
    throw new FileError('unreadable', `Cannot read the checkpoint ${from}: ${reasonOf(error)}.`, {
      cause: error,
    });
  });
}

/** Keeps a checkpoint of a run in a file: every so often, and when the user stops it after that long. */
export class CheckpointKeeper {
  /** The engine's option. */
  readonly control = new RunControl();
  readonly #path: string;
  readonly #began = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param everyMs milliseconds between two checkpoints; 0 = there are none. */
  constructor(
    { path }: Target,
    private readonly everyMs: number,
    private readonly stopSignal: AbortSignal | undefined,
  ) {
    this.#path = checkpointPath(path);
    if (path === STREAM || everyMs === 0) return;
    this.#wait();
    stopSignal?.addEventListener('abort', this.#onStop, { once: true });
  }

  /** To be called once the run is over; resolves when nothing is written any more. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.stopSignal?.removeEventListener('abort', this.#onStop);
    this.control.end();
    await this.#writing;
  }

  /** The result is there: forgets what is no longer needed. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true }).catch(() => {});
  }

  readonly #onStop = () => {
    clearTimeout(this.#timer);
    if (performance.now() - this.#began >= this.everyMs) this.#take();
  };

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#take().then(
        () => this.#wait(),
        () => {}, // the disk is full, or the run over: it goes on, or ends, without
      );
    }, this.everyMs);
    this.#timer.unref();
  }

  #take(): Promise<void> {
    const taken = this.control.checkpoint().then((bytes) => writeWhole(this.#path, bytes));
    this.#writing = taken.catch(() => {});
    return taken;
  }
}
