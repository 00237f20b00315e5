import { GpuUnavailableError } from '../../errors.ts';
import { answered } from '../answer.ts';
import { faultOf } from './faults.ts';
import type { Kernel } from './wgsl.ts';

/** Compiled pipelines of a device; kernels of the same structure share one, across layers and runs. */
export class PipelineCache {
  private readonly pipelines = new Map<string, Promise<GPUComputePipeline>>();
  private readonly layouts = new Map<string, GPUBindGroupLayout>();

  constructor(private readonly device: GPUDevice) {}

  /** Rejects with GpuUnavailableError where the device refuses the kernel, DeviceLostError after `patience`, ms. */
  get(kernel: Kernel, patience: number): Promise<GPUComputePipeline> {
    const known = this.pipelines.get(kernel.code);
    if (known) return known;
    const what = `compiling "${kernel.label}"`;
    const pipeline = answered(this.compile(kernel), patience, what).catch((error) => {
      throw faultOf(error, what);
    });
    this.pipelines.set(kernel.code, pipeline);
    pipeline.catch(() => this.pipelines.delete(kernel.code));
    return pipeline;
  }

  /** Layouts are explicit: the automatic ones leave out what a kernel happens not to read. */
  layout(kernel: Kernel): GPUBindGroupLayout {
    const key = kernel.bindings.map(({ access }) => access).join();
    const known = this.layouts.get(key);
    if (known) return known;
    const storage = kernel.bindings.map(({ access }, i) => ({
      binding: i + 1,
      visibility: 4,
      buffer: { type: access === 'read' ? ('read-only-storage' as const) : ('storage' as const) },
    }));
    const uniform = { binding: 0, visibility: 4, buffer: { type: 'uniform' as const } };
    const layout = this.device.createBindGroupLayout({ label: key, entries: [uniform, ...storage] });
    this.layouts.set(key, layout);
    return layout;
  }

  private async compile(kernel: Kernel): Promise<GPUComputePipeline> {
    const { device } = this;
    const { label, code } = kernel;
    // The scope keeps the errors below from being reported once more as uncaptured.
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label, code });
    const layout = device.createPipelineLayout({ label, bindGroupLayouts: [this.layout(kernel)] });
    const made = device.createComputePipelineAsync({
      label,
      layout,
      compute: { module, entryPoint: 'main' },
    });
    const scope = device.popErrorScope();
    try {
      return await made;
    } catch (error) {
      throw new GpuUnavailableError(
        `WebGPU refused the kernel "${label}": ${await explain(module, code, error)}. Choose the executor "wasm".`,
      );
    } finally {
      await scope.catch(() => null); // a lost device has no scopes
    }
  }
}

async function explain(module: GPUShaderModule, code: string, error: unknown): Promise<string> {
  const { messages } = await module.getCompilationInfo().catch(() => ({ messages: [] }));
  const lines = code.split('\n');
  const errors = messages.filter(({ type }) => type === 'error');
  if (errors.length === 0) return (error as Error).message;
  return errors.map(({ lineNum, message }) => `${message} in "${lines[lineNum - 1]?.trim()}"`).join('; ');
}
