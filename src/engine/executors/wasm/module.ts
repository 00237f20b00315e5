import { GpuUnavailableError } from '../../errors.ts';
import { type Binary, PLAIN, RELAXED } from './binary.js';

/** The kernels, compiled for shared memory (worker threads) or for the calling thread alone. */
export interface Kernels {
  readonly module: WebAssembly.Module;
  /** Whether products and sums are fused; the two builds round differently. */
  readonly fma: boolean;
}

/** What the module exports; addresses in bytes. */
export interface Exports {
  runStage(control: number, index: number, scratch: number): void;
  work(control: number, scratch: number): void;
}

/** A module of one function f32x4.relaxed_madd(0, 0, 0): valid where relaxed SIMD is. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0],
  ...[65, 0, 253, 17, 65, 0, 253, 17, 65, 0, 253, 17, 253, 133, 2, 11],
);

export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(RELAXED_PROBE);
}

/**
 * The module wants a shared memory; with the flag cleared the same code runs on a plain one, for pages that have no
 * SharedArrayBuffer.
 */
function bytesOf({ base64, sharedFlagAt }: Binary, shared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  if (!shared) bytes[sharedFlagAt] &= ~2;
  return bytes;
}

/** Compiles the kernels; the build with fused multiply-adds where it runs, unless `relaxed` is false. */
export async function compileKernels(shared: boolean, relaxed = hasRelaxedSimd()): Promise<Kernels> {
  try {
    return {
      module: await WebAssembly.compile(bytesOf(relaxed ? RELAXED : PLAIN, shared)),
      fma: relaxed,
    };
  } catch (error) {
    throw new GpuUnavailableError(
      `The wasm executor needs WebAssembly SIMD, which this JavaScript engine refused: ${error}.`,
    );
  }
}

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Exports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
}
