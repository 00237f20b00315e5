export const NO_ADDRESSES =
  'WebAssembly found no room among the addresses of this process, of which each memory reserves about 10 GB: raise the ' +
  'limit (ulimit -v, or that of the container), or start Node with --disable-wasm-trap-handler.';

/** Whether not even the smallest memory can be made. */
export function isShortOfAddresses(): boolean {
  try {
    return !new WebAssembly.Memory({ initial: 1, maximum: 1 });
  } catch {
    return true;
  }
}
