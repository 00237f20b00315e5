import { abortError, DeviceLostError, GpuUnavailableError } from '../../errors.ts';
import { breathe } from '../../time-slicing.ts';
import type { ThreadHost } from '../host.ts';
import { CONTROL } from './layout.ts';
import { type Exports, instantiate, type Kernels } from './module.ts';
import type { Driver, LoadedProgram } from './run.ts';

/** Milliseconds the calling thread computes before it lets events in. */
const SLICE = 12;

/** Computes on the calling thread, in slices. */
export class LocalDriver implements Driver {
  /** Null once stopped, so that the memory can go. */
  private running: { loaded: LoadedProgram; exports: Exports } | null;

  constructor(loaded: LoadedProgram, kernels: Kernels) {
    this.running = { loaded, exports: instantiate(kernels.module, loaded.memory) };
  }

  async steps(count: number): Promise<void> {
    await breathe();
    let from = performance.now();
    for (let step = 0; step < count; step++)
      for (let stage = 0; stage < this.open.loaded.tasks.length; stage++)
        for (let task = 0; task < this.open.loaded.tasks[stage]; task++) {
          const { loaded, exports } = this.open;
          exports.runOne(loaded.control, stage, task, loaded.scratch[0]);
          if (performance.now() - from < SLICE) continue;
          await breathe();
          from = performance.now();
        }
  }

  private get open() {
    if (!this.running) throw abortError();
    return this.running;
  }

  stop(): void {
    this.running = null;
  }
}

/** What a worker is told; see WORKER. */
interface WorkerMessage {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly scratch: number;
}

/** The whole program of a worker: it answers once it can compute, and then computes until it is terminated. */
const WORKER = `export function main({ module, memory, control, scratch }, answer) {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  answer('ready');
  exports.work(control, scratch);
}`;

/** The part of ES2024's Atomics that this needs; V8 has had it since 2020. */
type AtomicsWithWait = typeof Atomics & {
  waitAsync(
    words: Int32Array,
    index: number,
    value: number,
  ): { async: false; value: string } | { async: true; value: Promise<string> };
};

/** Workers compute; the calling thread only waits, asynchronously. */
export class ThreadDriver implements Driver {
  /** The control words; null once stopped, so that the memory can go. */
  private words: Int32Array | null;
  private workers: readonly { terminate(): void }[] = [];
  /** Why no further step can finish: the other workers would wait for the lost one for ever. */
  private lost: DeviceLostError | undefined;

  private constructor(loaded: LoadedProgram) {
    this.words = loaded.controlWords;
  }

  static async start(loaded: LoadedProgram, kernels: Kernels, host: ThreadHost): Promise<ThreadDriver> {
    const { memory, control } = loaded;
    const driver = new ThreadDriver(loaded);
    const started = await Promise.allSettled(
      loaded.scratch.map((scratch) => {
        const message: WorkerMessage = { module: kernels.module, memory, control, scratch };
        return host.spawn(WORKER, message, (cause) => driver.lose(cause));
      }),
    );
    driver.workers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failure = started.find((result) => result.status === 'rejected');
    if (failure || driver.lost) driver.stop();
    if (driver.lost) throw driver.lost;
    if (failure)
      throw new GpuUnavailableError(
        `The wasm executor could not start ${started.length} threads: ${(failure.reason as Error).message}`,
      );
    return driver;
  }

  async steps(count: number): Promise<void> {
    const { words } = this;
    if (!words) throw abortError();
    const target = Atomics.add(words, CONTROL.target, count) + count;
    Atomics.notify(words, CONTROL.target);
    for (;;) {
      const done = Atomics.load(words, CONTROL.done);
      if (!this.words) throw abortError();
      if (this.lost) throw this.lost;
      if (done - target >= 0) return;
      const wait = (Atomics as AtomicsWithWait).waitAsync(words, CONTROL.done, done);
      if (wait.async) await wait.value;
    }
  }

  private lose(cause: string): void {
    if (!this.words || this.lost) return;
    this.lost = new DeviceLostError(
      `A worker thread of the CPU engine ${cause} during the run. Start the restoration again.`,
    );
    this.end(this.words);
  }

  stop(): void {
    if (!this.words) return;
    this.end(this.words);
    this.words = null;
  }

  private end(words: Int32Array): void {
    for (const worker of this.workers) worker.terminate();
    this.workers = [];
    Atomics.notify(words, CONTROL.done);
  }
}
