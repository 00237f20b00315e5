// The discrete Fourier transform of 32 × 32 complex samples, four columns at a time: Stockham's, by radix 4, 4 and 2, which
// leaves them in order. A wave is its real parts [32, 32], then its imaginary ones.
import { F, transposeFour } from './vector';

export const SIDE: usize = 32;
export const ROW: usize = SIDE * F;
export const PLANE: usize = SIDE * ROW;

const V: usize = 16; // bytes of four samples
const HALF: usize = SIDE * V; // real parts of four columns
const first = memory.data(2 * 32 * 16, 16);
const second = memory.data(2 * 32 * 16, 16);

/** Real part of a · w, w = c + i s. */
// @ts-ignore: decorator
@inline
function real(a: v128, b: v128, c: v128, s: v128): v128 {
  return f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s));
}

/** Imaginary part of it. */
// @ts-ignore: decorator
@inline
function imaginary(a: v128, b: v128, c: v128, s: v128): v128 {
  return f32x4.add(f32x4.mul(a, s), f32x4.mul(b, c));
}

/** Stores a · the k-th root of 1. */
// @ts-ignore: decorator
@inline
function turned(a: v128, b: v128, k: usize, roots: usize, to: usize): void {
  const c = v128.load32_splat(roots + 2 * k * F), s = v128.load32_splat(roots + 2 * k * F + F);
  v128.store(to, real(a, b, c, s));
  v128.store(to + HALF, imaginary(a, b, c, s));
}

/** Four samples `stride` apart, their imaginary parts `more` behind: sums, differences and turns, `gap` apart. */
// @ts-ignore: decorator
@inline
function four(from: usize, stride: usize, more: usize, to: usize, gap: usize, k: usize, roots: usize): void {
  const i = from + more;
  const a = v128.load(from), b = v128.load(from + stride), c = v128.load(from + 2 * stride), d = v128.load(from + 3 * stride);
  const e = v128.load(i), f = v128.load(i + stride), g = v128.load(i + 2 * stride), h = v128.load(i + 3 * stride);
  const ac = f32x4.add(a, c), eg = f32x4.add(e, g), bd = f32x4.add(b, d), fh = f32x4.add(f, h);
  v128.store(to, f32x4.add(ac, bd));
  v128.store(to + HALF, f32x4.add(eg, fh));
  turned(f32x4.sub(ac, bd), f32x4.sub(eg, fh), 2 * k, roots, to + 2 * gap);
  const ca = f32x4.sub(a, c), ge = f32x4.sub(e, g), db = f32x4.sub(b, d), hf = f32x4.sub(f, h);
  turned(f32x4.add(ca, hf), f32x4.sub(ge, db), k, roots, to + gap);
  turned(f32x4.sub(ca, hf), f32x4.add(ge, db), 3 * k, roots, to + 3 * gap);
}

/** Transforms columns in place. @param roots e^(−2πik/32), k = 0 … 31, real and imaginary parts in turn. */
function columns(wave: usize, roots: usize): void {
  for (let x = wave; x < wave + ROW; x += V) {
    for (let p: usize = 0; p < 8; p++) four(x + p * ROW, 8 * ROW, PLANE, first + 4 * p * V, V, p, roots);
    for (let q: usize = 0; q < 8; q++)
      four(first + q * V, 8 * V, HALF, second + ((q & 3) + 4 * (q & 4)) * V, 4 * V, q & 4, roots);
    for (let q: usize = 0; q < 16; q++) {
      const a = v128.load(second + q * V), b = v128.load(second + (q + 16) * V);
      const c = v128.load(second + HALF + q * V), d = v128.load(second + HALF + (q + 16) * V);
      v128.store(x + q * ROW, f32x4.add(a, b));
      v128.store(x + (q + 16) * ROW, f32x4.sub(a, b));
      v128.store(x + PLANE + q * ROW, f32x4.add(c, d));
      v128.store(x + PLANE + (q + 16) * ROW, f32x4.sub(c, d));
    }
  }
}

/** Two 4×4 blocks transposed into each other's place; they may be the same. */
function exchange(p: usize, q: usize): void {
  const a0 = v128.load(p), a1 = v128.load(p + ROW), a2 = v128.load(p + 2 * ROW), a3 = v128.load(p + 3 * ROW);
  const b0 = v128.load(q), b1 = v128.load(q + ROW), b2 = v128.load(q + 2 * ROW), b3 = v128.load(q + 3 * ROW);
  transposeFour(q, ROW, a0, a1, a2, a3);
  transposeFour(p, ROW, b0, b1, b2, b3);
}

/** Transforms a wave in both directions, and leaves it transposed. */
export function transform(wave: usize, roots: usize): void {
  columns(wave, roots);
  for (let plane = wave; plane <= wave + PLANE; plane += PLANE)
    for (let i: usize = 0; i < 8; i++)
      for (let j: usize = 0; j <= i; j++)
        exchange(plane + 4 * i * ROW + j * V, plane + 4 * j * ROW + i * V);
  columns(wave, roots);
}
