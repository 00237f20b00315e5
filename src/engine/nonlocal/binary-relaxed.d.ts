// binary-relaxed.js is made by scripts/build-wasm.mjs from assembly/.

/** As in binary.js, with fused multiply-adds of relaxed SIMD. */
export { default } from './binary.js';
