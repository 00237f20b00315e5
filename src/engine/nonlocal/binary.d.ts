// binary.js is made by scripts/build-wasm.mjs from assembly/.

/** One build of the kernels: base64 of the module. */
export interface Binary {
  readonly base64: string;
}
/** Needs SIMD. */
export const PLAIN: Binary;
/** The same with fused multiply-adds of relaxed SIMD. */
export const RELAXED: Binary;
