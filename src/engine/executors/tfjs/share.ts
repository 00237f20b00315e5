import type { Tensor } from '@tensorflow/tfjs';
import type { WebGpuExecutor } from '../webgpu/executor.ts';
import type { WebGpuRun } from '../webgpu/run.ts';
import { loadBackend } from './backend.ts';

type Tf = typeof import('@tensorflow/tfjs');

/**
 * TensorFlow.js with its webgpu backend on the executor's own device, so that tensors go into and out of runs without
 * leaving the GPU. `release` unregisters the backend; call it before disposing the executor.
 */
export async function shareWithTfjs(executor: WebGpuExecutor): Promise<{ tf: Tf; release(): void }> {
  const { tf, dispose } = await loadBackend('webgpu', undefined, executor.device);
  return { tf, release: dispose };
}

/** A named buffer as a float tensor of `shape`, copied on the device, after all steps asked for so far. */
export function readTensor(run: WebGpuRun, tf: Tf, name: string, shape: number[]): Promise<Tensor> {
  return run.withBuffer(name, (buffer) => tf.tensor({ buffer }, shape, 'float32'));
}

/** Fills a named buffer from a float tensor of the shared backend, before all steps asked for later. */
export async function writeTensor(
  executor: WebGpuExecutor,
  run: WebGpuRun,
  name: string,
  tensor: Tensor,
): Promise<void> {
  const held = onGpu(tensor);
  if (!held) {
    run.write(name, Float32Array.from(await tensor.data()));
    return;
  }
  await run.withBuffer(name, (target) => {
    const encoder = executor.device.createCommandEncoder();
    encoder.copyBufferToBuffer(held.buffer, 0, target, 0, tensor.size * 4);
    executor.device.queue.submit([encoder.finish()]);
  });
  held.tensorRef.dispose();
}

/** TensorFlow.js keeps what was not computed with yet, and results of small sums, on the CPU, and then refuses. */
function onGpu(tensor: Tensor): { buffer: GPUBuffer; tensorRef: Tensor } | null {
  try {
    return tensor.dataToGPU() as { buffer: GPUBuffer; tensorRef: Tensor };
  } catch (error) {
    if (/not on GPU/.test((error as Error).message)) return null;
    throw error;
  }
}
