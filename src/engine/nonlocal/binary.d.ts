// binary.js is made by scripts/build-wasm.mjs from assembly/.

/** The module that needs SIMD, in base64. */
declare const base64: string;
export default base64;
