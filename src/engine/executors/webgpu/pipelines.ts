import type { Kernel } from './wgsl.ts';

/** Compiled pipelines of a device; kernels of the same structure share one, across layers and runs. */
export class PipelineCache {
  private readonly pipelines = new Map<string, Promise<GPUComputePipeline>>();
  private readonly layouts = new Map<string, GPUBindGroupLayout>();

  constructor(private readonly device: GPUDevice) {}

  get(kernel: Kernel): Promise<GPUComputePipeline> {
    const known = this.pipelines.get(kernel.code);
    if (known) return known;
    const pipeline = this.compile(kernel);
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
      throw new Error(`The kernel "${label}" does not compile: ${await explain(module, code, error)}`);
    } finally {
      await scope;
    }
  }
}

async function explain(module: GPUShaderModule, code: string, error: unknown): Promise<string> {
  const { messages } = await module.getCompilationInfo();
  const lines = code.split('\n');
  const errors = messages.filter(({ type }) => type === 'error');
  if (errors.length === 0) return (error as Error).message;
  return errors.map(({ lineNum, message }) => `${message} in "${lines[lineNum - 1]?.trim()}"`).join('; ');
}
