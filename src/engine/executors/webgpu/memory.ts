import { namedBuffer, type Plan, STATE_FLOATS } from '../../plan/plan.ts';
import { CHECKPOINT_BUFFERS } from '../checkpoint.ts';
import { type BufferPool, checkSize } from './buffers.ts';
import { USAGE } from './device.ts';
import type { BufferRef, Kernel } from './wgsl.ts';

/** One of the two slots that checkpoints alternate between; of the state only the variance is used. */
interface Checkpoint {
  readonly buffers: ReadonlyMap<string, GPUBuffer>;
  readonly state: GPUBuffer;
}

/** Throws OutOfMemoryError where a buffer that a run would make is beyond the device. */
export function checkBuffers(device: GPUDevice, plan: Plan, kernels: readonly Kernel[]): void {
  for (const [slot, floats] of plan.slots.entries()) checkSize(device, slotLabel(plan, slot), floats * 4);
  for (const [name, floats] of scratchOf(kernels)) checkSize(device, name, floats * 4);
}

/** The floats of every scratch buffer, by name: kernels share them. */
function scratchOf(kernels: readonly Kernel[]): Map<string, number> {
  const scratch = new Map<string, number>();
  for (const { bindings } of kernels)
    for (const { buffer } of bindings)
      if (buffer.kind === 'scratch')
        scratch.set(buffer.name, Math.max(buffer.floats, scratch.get(buffer.name) ?? 0));
  return scratch;
}

const slotLabel = (plan: Plan, slot: number) =>
  plan.buffers
    .filter((buffer) => buffer.slot === slot)
    .map(({ name }) => name)
    .slice(0, 3)
    .join(', ');

/** The buffers of a run: the plan's slots, scratch, constant tables, and the kernels' constants in one block. */
export class RunMemory {
  readonly slots: GPUBuffer[];
  readonly checkpoints: readonly Checkpoint[];
  private readonly scratch = new Map<string, GPUBuffer>();
  private readonly tables = new Map<ArrayBufferView, GPUBuffer>();
  private readonly constants: GPUBuffer;
  private readonly constantsAt: number[] = [];

  constructor(
    private readonly plan: Plan,
    kernels: readonly Kernel[],
    private readonly pool: BufferPool,
  ) {
    this.slots = plan.slots.map((floats, slot) => pool.storage(slotLabel(plan, slot), floats));
    for (const [name, floats] of scratchOf(kernels)) this.scratch.set(name, pool.storage(name, floats));
    this.constants = this.placeConstants(kernels);
    this.checkpoints = [0, 1].map((slot) => ({
      buffers: new Map(
        CHECKPOINT_BUFFERS.map((name) => [
          name,
          pool.storage(`checkpoint ${slot} ${name}`, plan.buffers[namedBuffer(plan, name)].floats),
        ]),
      ),
      state: pool.storage(`checkpoint ${slot} state`, STATE_FLOATS),
    }));
  }

  named(name: string): GPUBuffer {
    return this.slots[this.plan.buffers[namedBuffer(this.plan, name)].slot];
  }

  bind(device: GPUDevice, layout: GPUBindGroupLayout, kernel: Kernel, index: number): GPUBindGroup {
    const { byteLength } = kernel.constants;
    const uniform = { buffer: this.constants, offset: this.constantsAt[index], size: byteLength };
    return device.createBindGroup({
      label: kernel.label,
      layout,
      entries: [uniform, ...kernel.bindings.map(({ buffer }) => ({ buffer: this.resolve(buffer) }))].map(
        (resource, binding) => ({ binding, resource }),
      ),
    });
  }

  private resolve(ref: BufferRef): GPUBuffer {
    switch (ref.kind) {
      case 'plan':
        return this.slots[this.plan.buffers[ref.id].slot];
      case 'scratch':
        return this.scratch.get(ref.name)!;
      case 'constant': {
        const known = this.tables.get(ref.data);
        if (known) return known;
        const data = ref.data as ArrayBufferView<ArrayBuffer>;
        const table = this.pool.filled(ref.name, data, USAGE.storage);
        this.tables.set(ref.data, table);
        return table;
      }
    }
  }

  /** 256 is WebGPU's largest offset alignment. */
  private placeConstants(kernels: readonly Kernel[]): GPUBuffer {
    let bytes = 0;
    for (const { constants } of kernels) {
      this.constantsAt.push(bytes);
      bytes += Math.ceil(constants.byteLength / 256) * 256;
    }
    const block = new Uint8Array(bytes);
    kernels.forEach(({ constants }, i) => {
      block.set(new Uint8Array(constants.buffer), this.constantsAt[i]);
    });
    return this.pool.filled('kernel constants', block, USAGE.uniform);
  }
}
