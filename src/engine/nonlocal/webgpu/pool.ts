import { abortError } from '../../errors.ts';
import { answered, PATIENCE } from '../../executors/answer.ts';
import { BufferPool } from '../../executors/webgpu/buffers.ts';
import { MAP_READ, USAGE } from '../../executors/webgpu/device.ts';
import { faultOf } from '../../executors/webgpu/faults.ts';
import { PipelineCache } from '../../executors/webgpu/pipelines.ts';
import type { Kernel } from '../../executors/webgpu/wgsl.ts';
import { unlessAborted } from '../../stopping/abort.ts';
import type { KernelTask } from '../kernels.ts';
import type { Device, KernelPool } from '../pool.ts';
import { headerOf } from '../strip.ts';
import { answerOf, denoiseKernels } from './kernel.ts';

/** Bytes between constants of dispatches: WebGPU's largest alignment of an offset. */
const CONSTANTS = 256;
/** Dispatches of a submission: screens wait for a long one, and systems kill it. */
const DISPATCHES = 4;

/**
 * Computes denoising tasks on a device, which it takes over. Once it has failed the pool that `otherwise` makes computes that
 * task and all that follow.
 */
export class GpuPool implements KernelPool {
  readonly #pipelines: PipelineCache;
  /** Ends the waiting for answers when the pool is disposed, whether the device gives them or not. */
  readonly #end = new AbortController();
  #rescue: KernelPool | undefined;

  constructor(
    readonly device: GPUDevice,
    /** The card, in words. */
    readonly adapter: string,
    private readonly otherwise: () => Promise<KernelPool>,
    /** How long the device may leave a question unanswered, ms. */
    private readonly patience = PATIENCE,
  ) {
    this.#pipelines = new PipelineCache(device);
  }

  /** One is copied while another is computed. */
  get count(): number {
    return this.#rescue?.count ?? 2;
  }

  get devices(): readonly Device[] {
    return [{ executor: 'webgpu', adapter: this.adapter }, ...(this.#rescue?.devices ?? [])];
  }

  async run(make: () => KernelTask): Promise<Float32Array> {
    if (!this.#rescue)
      try {
        return await this.compute(make());
      } catch (error) {
        if (this.#end.signal.aborted) throw error;
        await this.#replace();
      }
    return this.#rescue!.run(make);
  }

  /** The task's answer by the device. Throws DeviceLostError, GpuUnavailableError, OutOfMemoryError. */
  async compute(task: KernelTask): Promise<Float32Array> {
    if (this.#end.signal.aborted) throw abortError();
    const buffers = new BufferPool(this.device, () => {});
    const answer = this.#submit(task, buffers).catch((error) => {
      throw faultOf(error, 'denoising');
    });
    answer.finally(() => buffers.destroy()).catch(() => {}); // whoever asked knows
    return unlessAborted(answered(answer, this.patience, 'denoising'), this.#end.signal);
  }

  async #submit(task: KernelTask, buffers: BufferPool): Promise<Float32Array> {
    const { device } = this;
    const { width, height } = headerOf(task);
    const kernels = denoiseKernels(task);
    const pipeline = await this.#pipelines.get(kernels[0], this.patience);
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    const bytes = task.to - task.from;
    const sums = buffers.storage('sums', bytes / 4);
    const used = buffers.storage('used', width * height);
    const input = buffers.filled('task', new Uint8Array(task.input), USAGE.storage);
    const bind = this.#binding(kernels, [input, sums, used], buffers);
    for (let from = 0; from < kernels.length; from += DISPATCHES) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      for (let i = from; i < Math.min(kernels.length, from + DISPATCHES); i++) {
        pass.setBindGroup(0, bind(i));
        pass.dispatchWorkgroups(...kernels[i].workgroups);
      }
      pass.end();
      device.queue.submit([encoder.finish()]);
    }
    const target = buffers.readback(bytes);
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(sums, 0, target, 0, bytes);
    device.queue.submit([encoder.finish()]);
    const mapped = target.mapAsync(MAP_READ);
    mapped.catch(() => {}); // the scopes say why
    const errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
    for (const error of errors) if (error) throw error;
    await mapped;
    return answerOf(task, new Int32Array(target.getMappedRange(0, bytes)));
  }

  /** The bind group of each kernel. */
  #binding(kernels: readonly Kernel[], storage: readonly GPUBuffer[], buffers: BufferPool) {
    const block = new Uint8Array(CONSTANTS * kernels.length);
    kernels.forEach(({ constants }, i) => {
      block.set(new Uint8Array(constants.buffer), CONSTANTS * i);
    });
    const constants = buffers.filled('constants', block, USAGE.uniform);
    const layout = this.#pipelines.layout(kernels[0]);
    const size = kernels[0].constants.byteLength;
    return (i: number) => {
      const uniform = { buffer: constants, offset: CONSTANTS * i, size };
      const resources = [uniform, ...storage.map((buffer) => ({ buffer }))];
      const entries = resources.map((resource, binding) => ({ binding, resource }));
      return this.device.createBindGroup({ layout, entries });
    };
  }

  async #replace(): Promise<void> {
    this.device.destroy();
    const rescue = await this.otherwise();
    if (this.#end.signal.aborted) rescue.dispose();
    this.#rescue ??= rescue;
    if (this.#rescue !== rescue) rescue.dispose();
  }

  dispose(): void {
    this.#end.abort();
    this.#rescue?.dispose();
    this.device.destroy();
  }
}
