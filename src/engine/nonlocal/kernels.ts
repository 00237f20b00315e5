import { GpuUnavailableError, OutOfMemoryError } from '../errors.ts';
import { isShortOfAddresses, NO_ADDRESSES } from '../executors/wasm/addresses.ts';
import { inflate } from '../executors/wasm/inflate.ts';
import { hasRelaxedSimd } from '../executors/wasm/relaxed-simd.ts';

/** Where a task lies in the module's memory: behind what the compiler keeps for itself. */
export const TASK_BASE = 4096;

/** One call of a kernel, wholly described by the memory it works on. */
export interface KernelTask {
  readonly entry: 'cosines' | 'denoise' | 'fill' | 'windows';
  /** What the memory holds from TASK_BASE on: the kernel's header and its inputs. */
  readonly input: ArrayBuffer;
  /** Size of the memory, bytes, workspace included. */
  readonly size: number;
  /** First and last byte + 1 of what is wanted of it. */
  readonly from: number;
  readonly to: number;
}

/** What the module exports: works on about `amount` of a task and tells whether more is to be done. */
export type Entry = (task: number, amount: number) => number;

interface Kernels {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** While it is held, engines find what they have compiled of the same bytes again, optimised, in workers too. */
  readonly module: Promise<WebAssembly.Module>;
}

let known: Promise<Kernels> | undefined;

/** The build with fused multiply-adds where it runs, the only one that is loaded. Its results differ in the last bits. */
function kernels(): Promise<Kernels> {
  known ??= load().catch((error: unknown) => {
    known = undefined; // another time there may be room
    throw error;
  });
  return known;
}

async function load(): Promise<Kernels> {
  const { default: packed } = await (hasRelaxedSimd()
    ? import('./binary-relaxed.js')
    : import('./binary.js'));
  const bytes = await inflate(packed);
  const module = WebAssembly.compile(bytes);
  module.catch(() => {
    known = undefined;
  });
  return { bytes, module };
}

/** The module's bytes. */
export const kernelBytes = async (): Promise<Uint8Array<ArrayBuffer>> => (await kernels()).bytes;

/** What one instance exports, for the calling thread. Throws GpuUnavailableError where WebAssembly SIMD is missing, OutOfMemoryError. */
export async function localKernels(): Promise<Record<string, unknown>> {
  try {
    return new WebAssembly.Instance(await (await kernels()).module).exports;
  } catch (error) {
    if (isShortOfAddresses()) throw new OutOfMemoryError(NO_ADDRESSES);
    throw new GpuUnavailableError(
      `The non-local stage needs WebAssembly SIMD, which this JavaScript engine refused: ${error}.`,
    );
  }
}
