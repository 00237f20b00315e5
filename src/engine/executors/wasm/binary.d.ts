// binary.js is made by scripts/build-wasm.mjs from assembly/.

/** One build of the kernels: base64 of the module, and the byte of its import section that says "shared memory". */
export interface Binary {
  readonly base64: string;
  readonly sharedFlagAt: number;
}
/** Needs SIMD and threads' atomics, which every browser since 2023 and Node 16 have. */
declare const binary: Binary;
export default binary;
