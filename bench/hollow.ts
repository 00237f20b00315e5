import type { Executor, Run, StepRecord } from '../src/engine/executors/executor.ts';
import type { AnsweringWorker, EngineHost } from '../src/engine/executors/host.ts';
import { createWasmExecutor } from '../src/engine/executors/wasm/index.ts';

/**
 * A host that computes the first pieces of each kind, and any that takes more memory; to all others it answers nothing but
 * ones. What a restoration holds does not depend on its numbers, so it goes through the same stages, takes the same memory,
 * and next to no time in kernels.
 */
export function hollow(host: EngineHost): { readonly host: EngineHost; readonly executor: 'tfjs-cpu' } {
  const { workers } = host;
  const tfjs = async () => ({
    createTfjsExecutor: async () => hollowExecutor(await createWasmExecutor(host)),
  });
  return {
    host: {
      ...{ threads: host.threads, tfjs },
      ...(workers
        ? { workers: { ...workers, start: (source: string) => hollowWorker(workers.start(source)) } }
        : {}),
    },
    executor: 'tfjs-cpu', // an executor that hosts hand in
  };
}

/** What the non-local stage asks its workers. */
interface Piece {
  readonly entry: string;
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** Pieces of each kind that a worker computes in any case. */
const PIECES = 2;

function hollowWorker(worker: AnsweringWorker): AnsweringWorker {
  const done = new Map<string, number>();
  let largest = 0;
  return {
    ask: async (message, transfer) => {
      const { entry, size, from, to } = message as Piece;
      const count = done.get(entry) ?? 0;
      if (count < PIECES || size > largest) {
        done.set(entry, count + 1);
        largest = Math.max(largest, size);
        return worker.ask(message, transfer);
      }
      // A worker answers in what it was sent, where that has room.
      const [sent] = transfer;
      const answer = sent?.byteLength >= to - from ? sent : new ArrayBuffer(to - from);
      new Float32Array(answer, 0, (to - from) / 4).fill(1);
      return answer;
    },
    terminate: () => worker.terminate(),
  };
}

/** Seconds that a run is given, most of which pass at once. */
export const GIVEN = 86_400;
/** How much slower time goes until then: what takes long is not to be kept time for. */
const SLOWER = 20;

/**
 * From now on performance.now() counts CPU time, slowly; once what is returned is called, so many seconds are left of those that
 * were given.
 */
export function slowClock(left: number): () => void {
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const start = cpu();
  let jumped: number | undefined;
  performance.now = () =>
    jumped === undefined ? (cpu() - start) / SLOWER : 1000 * (GIVEN - left) + cpu() - jumped;
  return () => {
    jumped ??= cpu();
  };
}

/** Steps of each run that are done: buffers are touched, records are told. */
const IN_EARNEST = 3;

function hollowExecutor(executor: Executor): Executor {
  return {
    name: executor.name,
    adapter: executor.adapter,
    compile: async (plan) => hollowRun(await executor.compile(plan)),
    dispose: () => executor.dispose(),
  };
}

function hollowRun(run: Run): Run {
  let done = 0;
  return {
    get bytes() {
      return run.bytes;
    },
    write: (name, data) => run.write(name, data),
    read: (name) => run.read(name),
    control: (rate, noise) => run.control(rate, noise),
    checkpoint: () => run.checkpoint(),
    rollback: () => run.rollback(),
    dispose: () => run.dispose(),
    steps: async (count) => {
      const real = done < IN_EARNEST ? await run.steps(Math.min(count, IN_EARNEST)) : [];
      const records: StepRecord[] = [...real];
      // No loss: something is learnt.
      while (records.length < count)
        records.push({ step: done + records.length, loss: 0, variance: real.at(-1)?.variance ?? 0 });
      done += count;
      return records;
    },
  };
}
