import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type { EngineHost } from '../engine/executors/host.ts';
import type { ExecutorChoice } from '../engine/options.ts';
import { nodeGpu } from './gpu.ts';
import { nodeThreads } from './threads.ts';
import { nodeWorkers } from './workers.ts';

/** Node's side of the engine: worker threads, WebGPU through Dawn, tfjs' .wasm files. */
export async function nodeHost(choice: ExecutorChoice = 'auto'): Promise<EngineHost> {
  const gpu = choice === 'auto' || choice.endsWith('webgpu') ? await nodeGpu() : {};
  return { ...gpu, threads: nodeThreads(), workers: nodeWorkers(), tfjsWasmPath: tfjsWasmPath() };
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
