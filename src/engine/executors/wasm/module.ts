import { GpuUnavailableError } from '../../errors.ts';
import type { Binary } from './binary.js';
import { inflate } from './inflate.ts';
import { hasRelaxedSimd } from './relaxed-simd.ts';

/** The kernels, compiled for shared memory (worker threads) or for the calling thread alone. */
export interface Kernels {
  readonly module: WebAssembly.Module;
  /** Whether products and sums are fused; the two builds round differently. */
  readonly fma: boolean;
}

/** What the module exports; addresses in bytes. */
export interface Exports {
  runOne(control: number, stage: number, task: number, scratch: number): void;
  work(control: number, scratch: number): void;
}

/**
 * The module wants a shared memory; with the flag cleared the same code runs on a plain one, for pages that have no
 * SharedArrayBuffer.
 */
async function bytesOf({ packed, sharedFlagAt }: Binary, shared: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await inflate(packed);
  if (!shared) bytes[sharedFlagAt] &= ~2;
  return bytes;
}

/** One build is enough: the other is not loaded. */
const load = async (relaxed: boolean): Promise<Binary> =>
  relaxed ? (await import('./binary-relaxed.js')).default : (await import('./binary.js')).default;

/** Compiles the kernels; the build with fused multiply-adds where it runs, unless `relaxed` is false. */
export async function compileKernels(shared: boolean, relaxed = hasRelaxedSimd()): Promise<Kernels> {
  try {
    return {
      module: await WebAssembly.compile(await bytesOf(await load(relaxed), shared)),
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
