import { OutOfMemoryError } from '../../errors.ts';
import { USAGE } from './device.ts';

const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MB`;

/** Makes, counts and destroys buffers. Each run has its own, so that nothing outlives it. */
export class BufferPool {
  bytes = 0;
  private readonly live = new Set<GPUBuffer>();
  /** Readback buffers that wait to be used again, by size. */
  private readonly idle = new Map<number, GPUBuffer[]>();

  constructor(
    private readonly device: GPUDevice,
    private readonly count: (change: number) => void,
  ) {}

  storage(label: string, floats: number): GPUBuffer {
    return this.create(label, floats * 4, USAGE.storage | USAGE.copySource | USAGE.copyTarget);
  }

  /** A buffer of fixed contents. */
  filled(label: string, data: ArrayBufferView<ArrayBuffer>, usage: number): GPUBuffer {
    const buffer = this.create(label, data.byteLength, usage | USAGE.copyTarget);
    this.device.queue.writeBuffer(buffer, 0, data.buffer, data.byteOffset, data.byteLength);
    return buffer;
  }

  /** A buffer to read `bytes` back with; hand it back to `release` when unmapped. */
  readback(bytes: number): GPUBuffer {
    return this.idle.get(bytes)?.pop() ?? this.create('readback', bytes, USAGE.mapRead | USAGE.copyTarget);
  }

  release(buffer: GPUBuffer): void {
    this.idle.set(buffer.size, [...(this.idle.get(buffer.size) ?? []), buffer]);
  }

  destroy(): void {
    for (const buffer of this.live) buffer.destroy();
    this.count(-this.live.size);
    this.live.clear();
    this.idle.clear();
    this.bytes = 0;
  }

  private create(label: string, bytes: number, usage: number): GPUBuffer {
    const size = Math.max(16, Math.ceil(bytes / 4) * 4);
    checkSize(this.device, label, size);
    const buffer = this.device.createBuffer({ label, size, usage });
    this.live.add(buffer);
    this.count(1);
    this.bytes += size;
    return buffer;
  }
}

/** Throws OutOfMemoryError where one buffer of this size is beyond the device. */
export function checkSize(device: GPUDevice, label: string, bytes: number): void {
  const most = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  if (bytes <= most) return;
  throw new OutOfMemoryError(
    `The buffer "${label}" needs ${megabytes(bytes)}, this GPU allows ${megabytes(most)} in one buffer. ` +
      'Use a smaller image or network, or the executor "wasm".',
  );
}
