// Small dense matrices, row-major. Rows come in fours and columns in eights, padded; a stride is given in bytes. Every
// cubic amount of work below is one register tile: 8 accumulators, 2 vectors and a splat.
import { F, fnma } from './vector';

/** out[4, 8] −= pᵀ q, with p [inner, 4…] and q [inner, 8…]. */
export function tile(
  p: usize, pStride: usize, q: usize, qStride: usize, inner: i32, out: usize, outStride: usize,
): void {
  let o = out;
  let a0 = v128.load(o), a1 = v128.load(o, 16); o += outStride;
  let b0 = v128.load(o), b1 = v128.load(o, 16); o += outStride;
  let c0 = v128.load(o), c1 = v128.load(o, 16); o += outStride;
  let d0 = v128.load(o), d1 = v128.load(o, 16);
  for (; inner > 0; inner--) {
    const x0 = v128.load(q), x1 = v128.load(q, 16);
    let s = v128.load32_splat(p);
    a0 = fnma(x0, s, a0); a1 = fnma(x1, s, a1);
    s = v128.load32_splat(p, 4);
    b0 = fnma(x0, s, b0); b1 = fnma(x1, s, b1);
    s = v128.load32_splat(p, 8);
    c0 = fnma(x0, s, c0); c1 = fnma(x1, s, c1);
    s = v128.load32_splat(p, 12);
    d0 = fnma(x0, s, d0); d1 = fnma(x1, s, d1);
    p += pStride;
    q += qStride;
  }
  v128.store(out, a0); v128.store(out, a1, 16); out += outStride;
  v128.store(out, b0); v128.store(out, b1, 16); out += outStride;
  v128.store(out, c0); v128.store(out, c1, 16); out += outStride;
  v128.store(out, d0); v128.store(out, d1, 16);
}

/** The column block of 8 that holds column i, in bytes. */
// @ts-ignore: decorator
@inline
function blockOf(i: i32): usize {
  return <usize>(i & ~7) * F;
}

/** a[rows, columns] −= pᵀ q where that is symmetric, on and above the diagonal; p, q [count, columns], all of one stride. */
export function subtractSymmetric(
  p: usize, q: usize, count: i32, a: usize, rows: i32, stride: usize,
): void {
  for (let i = 0; i < rows; i += 4)
    for (let j = blockOf(i); j < stride; j += 8 * F)
      tile(p + <usize>i * F, stride, q + j, stride, count, a + <usize>i * stride + j, stride);
}

/** The same of xᵀ x. */
export function subtractGram(x: usize, count: i32, a: usize, rows: i32, stride: usize): void {
  subtractSymmetric(x, x, count, a, rows, stride);
}

/** out[rows, width] −= pᵀ q, with p [inner, rows] and q [inner, width]; widths and strides in bytes. */
export function subtractProduct(
  p: usize, pStride: usize, q: usize, qStride: usize, inner: i32, out: usize, rows: i32, width: usize,
  outStride: usize,
): void {
  for (let i = 0; i < rows; i += 4)
    for (let j: usize = 0; j < width; j += 8 * F)
      tile(p + <usize>i * F, pStride, q + j, qStride, inner, out + <usize>i * outStride + j, outStride);
}

/** x *= factor, `length` bytes. */
export function scale(x: usize, length: usize, factor: f32): void {
  const s = f32x4.splat(factor);
  for (let j: usize = 0; j < length; j += 16) v128.store(x + j, f32x4.mul(v128.load(x + j), s));
}

/** row −= factor · from, `length` bytes. */
// @ts-ignore: decorator
@inline
export function subtractRow(row: usize, from: usize, factor: f32, length: usize): void {
  const s = f32x4.splat(factor);
  for (let j: usize = 0; j < length; j += 16)
    v128.store(row + j, fnma(v128.load(from + j), s, v128.load(row + j)));
}

/**
 * a = uᵀ u (Cholesky) in place, of the part on and above the diagonal. No pivot counts as less than `least`, so that
 * rounding cannot make the root of a negative number. The diagonal becomes 1 / that of u.
 */
export function cholesky(a: usize, rows: i32, stride: usize, least: f32): void {
  for (let i = 0; i < rows; i += 4) {
    const block = a + <usize>i * stride;
    const first = blockOf(i);
    for (let j = first; j < stride; j += 8 * F)
      tile(a + <usize>i * F, stride, a + j, stride, i, block + j, stride);
    for (let r = 0; r < 4; r++) {
      const row = block + <usize>r * stride;
      const diagonal = row + <usize>(i + r) * F;
      const inverse: f32 = 1 / sqrt(max(load<f32>(diagonal), least));
      scale(row + first, stride - first, inverse);
      for (let s = r + 1; s < 4; s++)
        subtractRow(block + <usize>s * stride + first, row + first, load<f32>(row + <usize>(i + s) * F), stride - first);
      store<f32>(diagonal, inverse);
    }
  }
}

/** The part above the diagonal, mirrored below it. */
export function mirror(a: usize, rows: i32, stride: usize): void {
  for (let i = 0; i < rows; i++)
    for (let j = i + 1; j < rows; j++)
      store<f32>(a + <usize>j * stride + <usize>i * F, load<f32>(a + <usize>i * stride + <usize>j * F));
}

/** b ← (uᵀ u)⁻¹ b, with u as `cholesky` and `mirror` left it; b [rows, columns], `width` and `stride` in bytes. */
export function solve(u: usize, rows: i32, stride: usize, b: usize, width: usize, bStride: usize): void {
  for (let i = 0; i < rows; i += 4) {
    const block = b + <usize>i * bStride;
    for (let j: usize = 0; j < width; j += 8 * F)
      tile(u + <usize>i * F, stride, b + j, bStride, i, block + j, bStride);
    for (let r = 0; r < 4; r++) {
      const factors = u + <usize>(i + r) * stride + <usize>i * F;
      scale(block + <usize>r * bStride, width, load<f32>(factors + <usize>r * F));
      for (let s = r + 1; s < 4; s++)
        subtractRow(
          block + <usize>s * bStride, block + <usize>r * bStride, load<f32>(factors + <usize>s * F), width);
    }
  }
  for (let i = rows - 4; i >= 0; i -= 4) {
    const block = b + <usize>i * bStride;
    const below = <usize>(i + 4);
    for (let j: usize = 0; j < width; j += 8 * F)
      tile(u + below * stride + <usize>i * F, stride, b + below * bStride + j, bStride, rows - i - 4, block + j, bStride);
    for (let r = 3; r >= 0; r--) {
      const factors = u + <usize>(i + r) * stride + <usize>i * F;
      scale(block + <usize>r * bStride, width, load<f32>(factors + <usize>r * F));
      for (let s = 0; s < r; s++)
        subtractRow(
          block + <usize>s * bStride, block + <usize>r * bStride, load<f32>(factors + <usize>s * F), width);
    }
  }
}
