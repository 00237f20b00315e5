// binary.js is made by scripts/build-wasm.mjs from assembly/.

/** One build of the kernels: base64 of the deflated module, and the byte of its import section that says "shared memory". */
export interface Binary {
  readonly packed: string;
  readonly sharedFlagAt: number;
}
/** Needs SIMD, threads' atomics and DecompressionStream, which every browser since 2023 and Node 18 have. */
declare const binary: Binary;
export default binary;
