import { GpuUnavailableError } from '../../../src/engine/errors.ts';
import type { EngineHost } from '../../../src/engine/executors/host.ts';
import { createWebGpuExecutor, type WebGpuExecutor } from '../../../src/engine/executors/webgpu/executor.ts';
import { nodeGpu } from '../../../src/node/gpu.ts';

export const host: EngineHost = await nodeGpu();

/** Why these tests cannot run here, or null: no adapter. Any other failure is one of ours and is thrown. */
export const missing: string | null = await probe();

async function probe(): Promise<string | null> {
  try {
    (await createWebGpuExecutor(host)).dispose();
    return null;
  } catch (error) {
    if (error instanceof GpuUnavailableError) return error.message;
    throw error;
  }
}

export const open = (): Promise<WebGpuExecutor> => createWebGpuExecutor(host);

/** A software adapter takes up to a second a pipeline, and a net has dozens. */
export const COMPILES = { timeout: 300_000 };
