import { DeviceLostError, GpuUnavailableError, OutOfMemoryError, RestoreError } from '../../errors.ts';

/** What WebGPU threw, rejected with or reported, as one of our errors: `doing` says at what. */
export function faultOf(error: unknown, doing: string): Error {
  if (error instanceof RestoreError || isAbort(error)) return error;
  const message = (error as Error | null)?.message || String(error);
  if (isOutOfMemory(error, message))
    return new OutOfMemoryError(
      `The GPU ran out of memory ${doing} (${message}). Use a smaller image or network, or the executor "wasm".`,
    );
  if (/\blost\b|destroyed/i.test(message))
    return new DeviceLostError(`The GPU device was lost ${doing} (${message}). Start the restoration again.`);
  return new GpuUnavailableError(
    `WebGPU failed ${doing} (${message}). Update the graphics driver or the browser, or choose the executor "wasm".`,
  );
}

/** GPUOutOfMemoryError has no constructor outside of secure contexts; createBuffer throws RangeError. */
function isOutOfMemory(error: unknown, message: string): boolean {
  const { name } = Object(error).constructor as { name: string };
  return name === 'GPUOutOfMemoryError' || error instanceof RangeError || /out of memory/i.test(message);
}

function isAbort(error: unknown): error is Error {
  return error instanceof Error && error.name === 'AbortError';
}
