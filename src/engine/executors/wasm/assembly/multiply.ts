// Register tiles of the matrix products behind every convolution: 6, 5 or 4 rows × 8 columns. Six rows need
// 12 accumulators, 2 vectors and a splat: all 15 registers V8 gives a wasm function on x64, if a product needs no
// register of its own (FMA). Without FMA six rows spill (25 instead of 34 GFLOP/s), so the host asks for 5 and 4 only.
import { F, fma, sumLanes } from './vector';

/** Which output channels a block of a register tile covers: `sixes` blocks of 6, then of 5, then of 4. */
// @ts-ignore: decorator
@inline
export function blockRows(b: i32, sixes: i32, fives: i32): i32 {
  return b < sixes ? 6 : b < sixes + fives ? 5 : 4;
}

// @ts-ignore: decorator
@inline
export function blockStart(b: i32, sixes: i32, fives: i32): i32 {
  if (b < sixes) return 6 * b;
  if (b < sixes + fives) return 5 * b + sixes;
  return 4 * b + 2 * sixes + fives;
}

export function tile6(x: usize, offsets: usize, w: usize, inner: i32, out: usize, stride: usize): void {
  const z = f32x4.splat(0);
  let a0 = z, a1 = z, b0 = z, b1 = z, c0 = z, c1 = z, d0 = z, d1 = z, e0 = z, e1 = z, f0 = z, f1 = z;
  const end = w + 24 * inner;
  while (w < end) {
    const p = x + load<u32>(offsets);
    const x0 = v128.load(p), x1 = v128.load(p, 16);
    let s = v128.load32_splat(w);
    a0 = fma(x0, s, a0); a1 = fma(x1, s, a1);
    s = v128.load32_splat(w, 4);
    b0 = fma(x0, s, b0); b1 = fma(x1, s, b1);
    s = v128.load32_splat(w, 8);
    c0 = fma(x0, s, c0); c1 = fma(x1, s, c1);
    s = v128.load32_splat(w, 12);
    d0 = fma(x0, s, d0); d1 = fma(x1, s, d1);
    s = v128.load32_splat(w, 16);
    e0 = fma(x0, s, e0); e1 = fma(x1, s, e1);
    s = v128.load32_splat(w, 20);
    f0 = fma(x0, s, f0); f1 = fma(x1, s, f1);
    w += 24;
    offsets += 4;
  }
  v128.store(out, a0); v128.store(out, a1, 16); out += stride;
  v128.store(out, b0); v128.store(out, b1, 16); out += stride;
  v128.store(out, c0); v128.store(out, c1, 16); out += stride;
  v128.store(out, d0); v128.store(out, d1, 16); out += stride;
  v128.store(out, e0); v128.store(out, e1, 16); out += stride;
  v128.store(out, f0); v128.store(out, f1, 16);
}

export function tile5(x: usize, offsets: usize, w: usize, inner: i32, out: usize, stride: usize): void {
  const z = f32x4.splat(0);
  let a0 = z, a1 = z, b0 = z, b1 = z, c0 = z, c1 = z, d0 = z, d1 = z, e0 = z, e1 = z;
  const end = w + 20 * inner;
  while (w < end) {
    const p = x + load<u32>(offsets);
    const x0 = v128.load(p), x1 = v128.load(p, 16);
    let s = v128.load32_splat(w);
    a0 = fma(x0, s, a0); a1 = fma(x1, s, a1);
    s = v128.load32_splat(w, 4);
    b0 = fma(x0, s, b0); b1 = fma(x1, s, b1);
    s = v128.load32_splat(w, 8);
    c0 = fma(x0, s, c0); c1 = fma(x1, s, c1);
    s = v128.load32_splat(w, 12);
    d0 = fma(x0, s, d0); d1 = fma(x1, s, d1);
    s = v128.load32_splat(w, 16);
    e0 = fma(x0, s, e0); e1 = fma(x1, s, e1);
    w += 20;
    offsets += 4;
  }
  v128.store(out, a0); v128.store(out, a1, 16); out += stride;
  v128.store(out, b0); v128.store(out, b1, 16); out += stride;
  v128.store(out, c0); v128.store(out, c1, 16); out += stride;
  v128.store(out, d0); v128.store(out, d1, 16); out += stride;
  v128.store(out, e0); v128.store(out, e1, 16);
}

export function tile4(x: usize, offsets: usize, w: usize, inner: i32, out: usize, stride: usize): void {
  const z = f32x4.splat(0);
  let a0 = z, a1 = z, b0 = z, b1 = z, c0 = z, c1 = z, d0 = z, d1 = z;
  const end = w + 16 * inner;
  while (w < end) {
    const p = x + load<u32>(offsets);
    const x0 = v128.load(p), x1 = v128.load(p, 16);
    let s = v128.load32_splat(w);
    a0 = fma(x0, s, a0); a1 = fma(x1, s, a1);
    s = v128.load32_splat(w, 4);
    b0 = fma(x0, s, b0); b1 = fma(x1, s, b1);
    s = v128.load32_splat(w, 8);
    c0 = fma(x0, s, c0); c1 = fma(x1, s, c1);
    s = v128.load32_splat(w, 12);
    d0 = fma(x0, s, d0); d1 = fma(x1, s, d1);
    w += 16;
    offsets += 4;
  }
  v128.store(out, a0); v128.store(out, a1, 16); out += stride;
  v128.store(out, b0); v128.store(out, b1, 16); out += stride;
  v128.store(out, c0); v128.store(out, c1, 16); out += stride;
  v128.store(out, d0); v128.store(out, d1, 16);
}

/**
 * out[r, p] = Σ_k w[k, r] · x[offsets[k] + p] for `rows` (4, 5, 6) rows and p < n rounded up to 8. Offsets in bytes,
 * out rows `stride` bytes apart. Both a convolution of a packed tile and a plain product (offsets[k] = row k).
 */
export function multiply(
  rows: i32, x: usize, offsets: usize, w: usize, inner: i32, out: usize, stride: usize, n: i32,
): void {
  const bytes: usize = n * F;
  if (rows == 6) for (let p: usize = 0; p < bytes; p += 32) tile6(x + p, offsets, w, inner, out + p, stride);
  else if (rows == 5) for (let p: usize = 0; p < bytes; p += 32) tile5(x + p, offsets, w, inner, out + p, stride);
  else for (let p: usize = 0; p < bytes; p += 32) tile4(x + p, offsets, w, inner, out + p, stride);
}

// @ts-ignore: decorator
@inline
function add(p: usize, v: v128): void {
  store<f32>(p, load<f32>(p) + sumLanes(v));
}

/**
 * sums[r, 0 … 1, lane] = Σ_p dy[r, p] · (x0[p], x1[p]), p in steps of 4; dy interleaved as [n / 4, rows, 4]. The lanes
 * are added by `dots`: shuffles here would cost the loop registers.
 */
export function dots6(x0: usize, x1: usize, dy: usize, end: usize, sums: usize): void {
  const z = f32x4.splat(0);
  let a0 = z, a1 = z, b0 = z, b1 = z, c0 = z, c1 = z, d0 = z, d1 = z, e0 = z, e1 = z, f0 = z, f1 = z;
  x1 -= x0;
  while (dy < end) {
    const u = v128.load(x0), v = v128.load(x0 + x1);
    let s = v128.load(dy);
    a0 = fma(u, s, a0); a1 = fma(v, s, a1);
    s = v128.load(dy, 16);
    b0 = fma(u, s, b0); b1 = fma(v, s, b1);
    s = v128.load(dy, 32);
    c0 = fma(u, s, c0); c1 = fma(v, s, c1);
    s = v128.load(dy, 48);
    d0 = fma(u, s, d0); d1 = fma(v, s, d1);
    s = v128.load(dy, 64);
    e0 = fma(u, s, e0); e1 = fma(v, s, e1);
    s = v128.load(dy, 80);
    f0 = fma(u, s, f0); f1 = fma(v, s, f1);
    dy += 96;
    x0 += 16;
  }
  v128.store(sums, a0); v128.store(sums, a1, 16);
  v128.store(sums, b0, 32); v128.store(sums, b1, 48);
  v128.store(sums, c0, 64); v128.store(sums, c1, 80);
  v128.store(sums, d0, 96); v128.store(sums, d1, 112);
  v128.store(sums, e0, 128); v128.store(sums, e1, 144);
  v128.store(sums, f0, 160); v128.store(sums, f1, 176);
}

export function dots5(x0: usize, x1: usize, dy: usize, end: usize, sums: usize): void {
  const z = f32x4.splat(0);
  let a0 = z, a1 = z, b0 = z, b1 = z, c0 = z, c1 = z, d0 = z, d1 = z, e0 = z, e1 = z;
  x1 -= x0;
  while (dy < end) {
    const u = v128.load(x0), v = v128.load(x0 + x1);
    let s = v128.load(dy);
    a0 = fma(u, s, a0); a1 = fma(v, s, a1);
    s = v128.load(dy, 16);
    b0 = fma(u, s, b0); b1 = fma(v, s, b1);
    s = v128.load(dy, 32);
    c0 = fma(u, s, c0); c1 = fma(v, s, c1);
    s = v128.load(dy, 48);
    d0 = fma(u, s, d0); d1 = fma(v, s, d1);
    s = v128.load(dy, 64);
    e0 = fma(u, s, e0); e1 = fma(v, s, e1);
    dy += 80;
    x0 += 16;
  }
  v128.store(sums, a0); v128.store(sums, a1, 16);
  v128.store(sums, b0, 32); v128.store(sums, b1, 48);
  v128.store(sums, c0, 64); v128.store(sums, c1, 80);
  v128.store(sums, d0, 96); v128.store(sums, d1, 112);
  v128.store(sums, e0, 128); v128.store(sums, e1, 144);
}

export function dots4(x0: usize, x1: usize, dy: usize, end: usize, sums: usize): void {
  const z = f32x4.splat(0);
  let a0 = z, a1 = z, b0 = z, b1 = z, c0 = z, c1 = z, d0 = z, d1 = z;
  x1 -= x0;
  while (dy < end) {
    const u = v128.load(x0), v = v128.load(x0 + x1);
    let s = v128.load(dy);
    a0 = fma(u, s, a0); a1 = fma(v, s, a1);
    s = v128.load(dy, 16);
    b0 = fma(u, s, b0); b1 = fma(v, s, b1);
    s = v128.load(dy, 32);
    c0 = fma(u, s, c0); c1 = fma(v, s, c1);
    s = v128.load(dy, 48);
    d0 = fma(u, s, d0); d1 = fma(v, s, d1);
    dy += 64;
    x0 += 16;
  }
  v128.store(sums, a0); v128.store(sums, a1, 16);
  v128.store(sums, b0, 32); v128.store(sums, b1, 48);
  v128.store(sums, c0, 64); v128.store(sums, c1, 80);
  v128.store(sums, d0, 96); v128.store(sums, d1, 112);
}

/**
 * out[r, k] += Σ_p dy[r, p] · x[offsets[k] + p] for `rows` rows and every k < inner (even), p < n (a multiple of 4).
 * dy interleaved as [n / 4, rows, 4]; offsets in bytes; out rows `stride` bytes apart; `sums` holds 48 floats.
 */
export function dots(
  rows: i32, x: usize, offsets: usize, inner: i32, dy: usize, n: i32, out: usize, stride: usize, sums: usize,
): void {
  const end = dy + n * rows * F;
  for (let k = 0; k < inner; k += 2) {
    const x0 = x + load<u32>(offsets + k * F);
    const x1 = x + load<u32>(offsets + k * F, 4);
    if (rows == 6) dots6(x0, x1, dy, end, sums);
    else if (rows == 5) dots5(x0, x1, dy, end, sums);
    else dots4(x0, x1, dy, end, sums);
    let to = out + k * F;
    for (let r = 0; r < rows; r++) {
      add(to, v128.load(sums + 32 * r));
      add(to + F, v128.load(sums + 32 * r, 16));
      to += stride;
    }
  }
}
