/** The 8×8 cosine transform of JPEG (ITU-T T.81, A.3.3), orthonormal. */
export const SIDE = 8;

const BASIS = Array.from({ length: SIDE * SIDE }, (_, i) => {
  const [k, x] = [Math.floor(i / SIDE), i % SIDE];
  return Math.sqrt((k === 0 ? 1 : 2) / SIDE) * Math.cos(((2 * x + 1) * k * Math.PI) / (2 * SIDE));
});

/** Coefficients of a block, [vertical frequency, horizontal frequency]. */
export function dct(block: Float64Array): Float64Array {
  return transform(block, (k, x) => BASIS[k * SIDE + x]);
}

/** A block from its coefficients. */
export function inverseDct(coefficients: Float64Array): Float64Array {
  return transform(coefficients, (x, k) => BASIS[k * SIDE + x]);
}

function transform(block: Float64Array, basis: (to: number, from: number) => number): Float64Array {
  const half = new Float64Array(SIDE * SIDE);
  const out = new Float64Array(SIDE * SIDE);
  for (let i = 0; i < SIDE; i++)
    for (let to = 0; to < SIDE; to++)
      for (let from = 0; from < SIDE; from++) half[i * SIDE + to] += basis(to, from) * block[i * SIDE + from];
  for (let j = 0; j < SIDE; j++)
    for (let to = 0; to < SIDE; to++)
      for (let from = 0; from < SIDE; from++) out[to * SIDE + j] += basis(to, from) * half[from * SIDE + j];
  return out;
}

/** Calls `visit` with each whole 8×8 block of a plane and the index of its first sample. */
export function eachBlock(
  plane: Float32Array,
  width: number,
  height: number,
  visit: (block: Float64Array, at: number) => void,
): void {
  const block = new Float64Array(SIDE * SIDE);
  for (let top = 0; top + SIDE <= height; top += SIDE)
    for (let left = 0; left + SIDE <= width; left += SIDE) {
      const at = top * width + left;
      for (let i = 0; i < block.length; i++) block[i] = plane[at + (i >> 3) * width + (i & 7)];
      visit(block, at);
    }
}
