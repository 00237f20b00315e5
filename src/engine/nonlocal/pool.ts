import { abortError } from '../errors.ts';
import type { AnsweringWorker, EngineHost } from '../executors/host.ts';
import type { RanOn } from '../run/run-report.ts';
import { throwIfAborted, unlessAborted } from '../stopping/abort.ts';
import { inTurns, type Pieces } from '../time-slicing.ts';
import { type Entry, type KernelTask, kernelBytes, localKernels, TASK_BASE } from './kernels.ts';

/**
 * The whole program of a worker: a task's memory in, the wanted part of it out, in the same buffer where it has room.
 * Workers have little else on their heaps, so that they would collect old buffers late.
 */
const WORKER = `let exports;
function answer({ bytes, base, entry, input, size, from, to }) {
  exports ??= new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  const { memory } = exports;
  const missing = size - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  new Uint8Array(memory.buffer).set(new Uint8Array(input), base);
  while (exports[entry](base, 1000));
  if (input.byteLength < to - from) return memory.buffer.slice(from, to);
  new Uint8Array(input).set(new Uint8Array(memory.buffer, from, to - from));
  return input;
}`;

/** Of a kernel's work, what takes about 2 ms: the page waits no longer than this beyond its turn. */
const PIECE = 8;

/** What tasks are computed by. */
export type Device = Pick<RanOn, 'executor' | 'adapter'>;

const processor = (threads: number): Device => ({
  executor: 'wasm',
  adapter: `${threads} ${threads === 1 ? 'thread' : 'threads'}, SIMD`,
});

/** Computes kernels' tasks: on the host's workers, or on the calling thread with turns for the page. */
export interface KernelPool {
  /** Tasks at once. */
  readonly count: number;
  /** What has computed so far; of several, the one that took over last. */
  readonly devices: readonly Device[];
  /**
   * The output of the task that `make` makes, which is called anew should a worker fail. Rejects with an AbortError after
   * `dispose`.
   */
  run(make: () => KernelTask): Promise<Float32Array>;
  dispose(): void;
}

export async function createPool(host: EngineHost | undefined): Promise<KernelPool> {
  const count = host?.workers?.count ?? 0;
  return host?.workers && count > 1
    ? new WorkerPool(host.workers, count, await kernelBytes())
    : LocalPool.create();
}

interface PoolContext {
  readonly signal?: AbortSignal;
  /** Told what has computed it, once it is done. */
  ran?(devices: readonly Device[]): void;
}

/** Works with a pool, which `signal` and the end of the work dispose of. Rejects with an AbortError after `signal`. */
export async function withPool<T>(
  making: Promise<KernelPool>,
  { signal, ran }: PoolContext,
  work: (pool: KernelPool) => Promise<T>,
): Promise<T> {
  const pool = await unlessAborted(making, signal, (late) => late.dispose());
  const abort = () => pool.dispose();
  signal?.addEventListener('abort', abort);
  try {
    throwIfAborted({ signal }); // while the kernels were loaded nobody listened
    const result = await work(pool);
    ran?.(pool.devices);
    return result;
  } finally {
    signal?.removeEventListener('abort', abort);
    pool.dispose();
  }
}

/** On the calling thread. */
class LocalPool implements KernelPool {
  readonly count = 1;
  readonly devices = [processor(1)];
  #disposed = false;
  /** The last task that was asked for: they share one memory. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(readonly exports: Record<string, unknown>) {}

  static async create(): Promise<LocalPool> {
    return new LocalPool(await localKernels());
  }

  run(make: () => KernelTask): Promise<Float32Array> {
    const now = this.#last.then(() => inTurns(this.#pieces(make())));
    this.#last = now.catch(() => undefined);
    return now;
  }

  *#pieces({ entry, input, size, from, to }: KernelTask): Pieces<Float32Array> {
    const memory = this.exports.memory as WebAssembly.Memory;
    const missing = size - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    new Uint8Array(memory.buffer).set(new Uint8Array(input), TASK_BASE);
    while ((this.exports[entry] as Entry)(TASK_BASE, PIECE)) {
      yield;
      if (this.#disposed) throw abortError();
    }
    return new Float32Array(memory.buffer.slice(from, to));
  }

  dispose(): void {
    this.#disposed = true;
  }
}

/** One message and one answer for each task; a task whose worker fails is computed here. */
class WorkerPool implements KernelPool {
  readonly #idle: AnsweringWorker[];
  readonly #workers: readonly AnsweringWorker[];
  #rescue: Promise<LocalPool> | undefined;
  readonly devices: readonly Device[];
  #disposed = false;
  /** What ends the waiting for each answer. */
  readonly #waiting = new Set<(reason: unknown) => void>();

  constructor(
    host: NonNullable<EngineHost['workers']>,
    readonly count: number,
    private readonly bytes: Uint8Array<ArrayBuffer>,
  ) {
    this.#workers = Array.from({ length: count }, () => host.start(WORKER));
    this.#idle = [...this.#workers];
    this.devices = [processor(count)];
  }

  async run(make: () => KernelTask): Promise<Float32Array> {
    if (this.#disposed) throw abortError(); // between two tasks: a worker that has ended never answers
    const worker = this.#idle.pop();
    if (!worker) return this.#runHere(make);
    try {
      const task = make();
      const answer = await this.#answerOf(
        worker.ask({ ...task, bytes: this.bytes, base: TASK_BASE }, [task.input]),
      );
      this.#idle.push(worker);
      return new Float32Array(answer, 0, (task.to - task.from) / 4);
    } catch {
      // The worker is not used again. Where none can start, as in some frames, all is computed here.
      return this.#runHere(make);
    }
  }

  /** Rejects when the pool is disposed, whether the worker answers or not. */
  #answerOf(asked: Promise<ArrayBuffer>): Promise<ArrayBuffer> {
    // No race with one promise for all of them: it would hold every answer for as long as the pool lives.
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      asked.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  async #runHere(make: () => KernelTask): Promise<Float32Array> {
    if (this.#disposed) throw abortError();
    this.#rescue ??= LocalPool.create();
    return (await this.#rescue).run(make);
  }

  dispose(): void {
    this.#disposed = true;
    for (const reject of this.#waiting) reject(abortError());
    for (const worker of this.#workers) worker.terminate();
    this.#rescue?.then(
      (local) => local.dispose(),
      () => {}, // whoever asked it knows
    );
  }
}
