import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, sep } from 'node:path';
import type { ExecutorChoice } from '../engine/choices.ts';
import { GpuUnavailableError } from '../engine/errors.ts';
import type { EngineHost, TfjsExecutors } from '../engine/executors/host.ts';
import { affordableThreads } from './addresses.ts';
import { nodeGpu } from './gpu.ts';
import { nodeThreads } from './threads.ts';
import { nodeWorkers } from './workers.ts';

/** Node's side of the engine: worker threads, WebGPU through Dawn, tfjs' .wasm files. */
export async function nodeHost(choice: ExecutorChoice = 'auto'): Promise<EngineHost> {
  const gpu = choice === 'auto' || choice.endsWith('webgpu') ? await nodeGpu() : {};
  const count = affordableThreads();
  const alone = count < 2 && availableParallelism() > 1;
  const cpu = alone ? {} : { threads: nodeThreads(count), workers: nodeWorkers(count) };
  return { ...gpu, ...cpu, tfjs: loadTfjs, tfjsWasmPath: tfjsWasmPath() };
}

/** The executors over TensorFlow.js, where the user has installed it. */
async function loadTfjs(): Promise<TfjsExecutors> {
  try {
    return await import('../engine/tfjs.ts');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new GpuUnavailableError(
      'The tfjs executors need TensorFlow.js: npm install @tensorflow/tfjs, and for tfjs-webgpu and tfjs-wasm ' +
        '@tensorflow/tfjs-backend-webgpu and @tensorflow/tfjs-backend-wasm; or choose wasm.',
    );
  }
}

/** The folder of tfjs-backend-wasm's .wasm files, where the package is installed. */
function tfjsWasmPath(): string | undefined {
  try {
    const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    return dirname(main) + sep;
  } catch {
    return undefined; // the executor says so if it is asked for
  }
}
