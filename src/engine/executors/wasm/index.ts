import type { Executor } from '../executor.ts';
import type { EngineHost } from '../host.ts';
import { OrderedRun } from '../ordered-run.ts';
import { LocalDriver, ThreadDriver } from './drivers.ts';
import { lower } from './lower.ts';
import { compileKernels } from './module.ts';
import { LoadedProgram, WasmDevice } from './run.ts';

interface WasmOptions {
  /** Use fused multiply-adds where the runtime has them (default true). Results differ in the last bits. */
  readonly relaxed?: boolean;
}

/**
 * The CPU executor: SIMD kernels in WebAssembly, on `host.threads.count` worker threads where the host can start
 * threads, else on the calling thread in slices of a few milliseconds. Results do not depend on the thread count.
 * Throws GpuUnavailableError where WebAssembly SIMD is missing.
 */
export async function createWasmExecutor(
  host: EngineHost | undefined,
  options: WasmOptions = {},
): Promise<Executor> {
  const threadHost = host?.threads;
  const threads = threadHost ? Math.max(1, threadHost.count) : 1;
  const kernels = await compileKernels(threadHost !== undefined, options.relaxed);
  const runs = new Set<OrderedRun>();
  return {
    name: 'wasm',
    adapter: `${threads} ${threads === 1 ? 'thread' : 'threads'}, ${kernels.fma ? 'SIMD with FMA' : 'SIMD'}`,
    compile: async (plan) => {
      const loaded = new LoadedProgram(plan, lower(plan, kernels.fma), threads, threadHost !== undefined);
      const driver = threadHost
        ? await ThreadDriver.start(loaded, kernels, threadHost)
        : new LocalDriver(loaded, kernels);
      return new OrderedRun(plan, new WasmDevice(loaded, driver), runs);
    },
    dispose: () => {
      for (const run of runs) run.dispose();
    },
  };
}
