import type { Executor } from '../src/engine/executors/executor.ts';
import type { Workload } from './workload.ts';

export interface Measurement {
  readonly adapter: string;
  readonly msPerStep: number;
  /** GPU dispatches (WebGL: draws) of one step; null where there is no GPU. */
  readonly dispatches: number | null;
  readonly bytes: number | null;
  /** The longest task on the page's main thread from the executor's creation to its end; null where there is no page. */
  readonly longestTaskMs: number | null;
}

/** Something that can be stepped and timed. */
export interface Stepper {
  readonly adapter: string;
  /** Resolves when `count` steps are done, on the device too. */
  steps(count: number): Promise<void>;
  /** Where there is such a thing: a checkpoint and a look at the result. */
  look?(): Promise<void>;
  bytes(): number | null;
  dispose(): void;
}

/** A run of the workload on one of our executors; the executor stays the caller's. */
export async function executorStepper(executor: Executor, { plan, inputs }: Workload): Promise<Stepper> {
  const run = await executor.compile(plan);
  for (const [name, data] of inputs) run.write(name, data);
  return {
    adapter: executor.adapter,
    steps: async (count) => {
      const records = await run.steps(count);
      const loss = records[records.length - 1].loss;
      if (!Number.isFinite(loss)) throw new Error(`the loss became ${loss}`);
    },
    look: async () => {
      run.checkpoint();
      await run.read('ema');
    },
    bytes: () => run.bytes,
    dispose: () => run.dispose(),
  };
}

/** The median time of a step, in batches of about a third of the budget, after warming up. */
export async function measure(stepper: Stepper, seconds: number): Promise<Measurement> {
  try {
    await stepper.steps(1); // compiles
    const dispatches = await countDispatches(() => stepper.steps(1));
    const once = await timed(() => stepper.steps(1));
    const batch = Math.max(1, Math.min(100, Math.floor((seconds * 1000) / 5 / once)));
    const times: number[] = [];
    const end = performance.now() + seconds * 1000;
    do times.push((await timed(() => stepper.steps(batch))) / batch);
    while (performance.now() < end || (times.length < 3 && performance.now() < end + 2000 * seconds));
    await stepper.look?.();
    times.sort((a, b) => a - b);
    const msPerStep = times[times.length >> 1];
    return { adapter: stepper.adapter, msPerStep, dispatches, bytes: stepper.bytes(), longestTaskMs: null };
  } finally {
    stepper.dispose();
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Prototype = Record<string, Method>;

/** Every dispatch or draw of whatever library runs inside `work`, counted at the browser's own interface. */
async function countDispatches(work: () => Promise<void>): Promise<number | null> {
  const scope = globalThis as unknown as Record<string, { prototype: Prototype } | undefined>;
  const methods: [string, string][] = [
    ['GPUComputePassEncoder', 'dispatchWorkgroups'],
    ['GPUComputePassEncoder', 'dispatchWorkgroupsIndirect'],
    ['WebGL2RenderingContext', 'drawElements'],
    ['WebGL2RenderingContext', 'drawArrays'],
  ];
  let count = 0;
  const restore = methods.flatMap(([type, name]) => {
    const prototype = scope[type]?.prototype;
    const original = prototype?.[name];
    if (!prototype || !original) return [];
    prototype[name] = function (...args) {
      count++;
      return original.apply(this, args);
    };
    return [
      () => {
        prototype[name] = original;
      },
    ];
  });
  try {
    await work();
  } finally {
    for (const undo of restore) undo();
  }
  return count > 0 ? count : null;
}
