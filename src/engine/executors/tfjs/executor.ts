import { OutOfMemoryError } from '../../errors.ts';
import { type Plan, planBytes } from '../../plan/plan.ts';
import type { Executor, ExecutorName, Run } from '../executor.ts';
import type { EngineHost, TfjsBackendName } from '../host.ts';
import { OrderedRun } from '../ordered-run.ts';
import { type Backend, loadBackend } from './backend.ts';
import { TfjsDevice } from './run.ts';

/** 32-bit WebAssembly can address 4 GiB; tf's build stops growing at half of it. */
const WASM_BYTES = 2 ** 31;

/**
 * The plan's graph run by TensorFlow.js on one of its backends. Slower than the own executors, but it needs nothing
 * of a platform that tf does not bring: tensors stay where they are, and tests have a second opinion.
 * `device`: the WebGPU device to share with tf (only 'webgpu'; default: a device of its own, destroyed with it).
 * Throws GpuUnavailableError where the backend cannot start.
 */
export async function createTfjsExecutor(
  backend: TfjsBackendName,
  host: EngineHost | undefined,
  device?: GPUDevice,
): Promise<Executor> {
  return new TfjsExecutor(await loadBackend(backend, host, device));
}

class TfjsExecutor implements Executor {
  readonly name: ExecutorName;
  readonly adapter: string;
  private readonly runs = new Set<OrderedRun>();

  constructor(private readonly backend: Backend) {
    this.name = `tfjs-${backend.name}`;
    this.adapter = backend.adapter;
  }

  async compile(plan: Plan): Promise<Run> {
    this.checkMemory(plan);
    return new OrderedRun(plan, new TfjsDevice(this.backend, plan), this.runs);
  }

  dispose(): void {
    for (const run of this.runs) run.dispose();
    this.backend.dispose();
  }

  private checkMemory(plan: Plan): void {
    const { name, maxTensorFloats } = this.backend;
    const largest = Math.max(...plan.buffers.map(({ floats }) => floats));
    if (largest > maxTensorFloats)
      throw new OutOfMemoryError(
        `The largest image of this network takes ${mebibytes(largest * 4)}, tfjs-${name} allows ` +
          `${mebibytes(maxTensorFloats * 4)} here; choose a thinner network or a smaller image.`,
      );
    if (name === 'wasm' && planBytes(plan) > WASM_BYTES)
      throw new OutOfMemoryError(
        `The run needs at least ${mebibytes(planBytes(plan))}, tfjs-wasm has ${mebibytes(WASM_BYTES)}; ` +
          'choose a thinner network or a smaller image.',
      );
  }
}

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
