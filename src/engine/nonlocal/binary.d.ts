// binary.js is made by scripts/build-wasm.mjs from assembly/.

/** The module that needs SIMD, deflated, in base64. */
declare const packed: string;
export default packed;
