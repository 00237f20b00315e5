// Reading a slice through its norm and activation, and packing pieces of it, padded, into a thread's scratch.
import { exp4, F, fma, loadPart, sigmoid4, storePart } from './vector';

export const LINEAR: i32 = 0;
export const LEAKY: i32 = 1;
export const SIGMOID: i32 = 2;

/** Mirrors the words written by `view` in layout.ts. */
@unmanaged
export class View {
  x: usize;
  channels: i32;
  height: i32;
  width: i32;
  /** [4, channels] or 0. */
  affine: usize;
  activation: i32;
  /** 0 ≤ slope ≤ 1. */
  slope: f32;
}

// @ts-ignore: decorator
@inline
export function scaleOf(v: View, c: i32): f32 {
  return v.affine ? load<f32>(v.affine + c * F) : 1;
}

// @ts-ignore: decorator
@inline
export function shiftOf(v: View, c: i32): f32 {
  return v.affine ? load<f32>(v.affine + (v.channels + c) * F) : 0;
}

// @ts-ignore: decorator
@inline
export function activate(v: v128, activation: i32, slope: v128): v128 {
  if (activation == LEAKY) return f32x4.pmax(v, f32x4.mul(v, slope));
  if (activation == SIGMOID) return sigmoid4(v);
  return v;
}

/** activation'(x); at 0 the leaky ReLU takes its slope. */
// @ts-ignore: decorator
@inline
export function activationSlope(v: v128, activation: i32, slope: v128): v128 {
  if (activation == LEAKY) return v128.bitselect(f32x4.splat(1), slope, f32x4.gt(v, f32x4.splat(0)));
  if (activation == SIGMOID) {
    const y = sigmoid4(v);
    return f32x4.mul(y, f32x4.sub(f32x4.splat(1), y));
  }
  return f32x4.splat(1);
}

/** n samples of one channel from src to dst, through the view. */
export function viewRow(v: View, c: i32, src: usize, dst: usize, n: i32): void {
  if (!v.affine && v.activation == LINEAR) {
    memory.copy(dst, src, n * F);
    return;
  }
  const scale = f32x4.splat(scaleOf(v, c));
  const shift = f32x4.splat(shiftOf(v, c));
  const slope = f32x4.splat(v.slope);
  const activation = v.activation;
  let i = 0;
  if (activation == LEAKY) {
    for (; i + 4 <= n; i += 4) {
      const x = fma(scale, v128.load(src + i * F), shift);
      v128.store(dst + i * F, f32x4.pmax(x, f32x4.mul(x, slope)));
    }
  }
  for (; i < n; i += 4) {
    const left = n - i;
    const x = fma(scale, loadPart(src + i * F, left), shift);
    storePart(dst + i * F, activate(x, activation, slope), left);
  }
}

/** i reflected at the borders of [0, n), or −1 where even that is outside. */
// @ts-ignore: decorator
@inline
function reflect(i: i32, n: i32): i32 {
  if (i < 0) i = -i;
  if (i >= n) i = 2 * (n - 1) - i;
  return i;
}

/** dst[j] = view(x[c, reflect(y), reflect(x0 + j)]), 0 ≤ j < n; zero where even the reflection is outside the tile. */
function packRow(v: View, c: i32, y: i32, x0: i32, n: i32, dst: usize): void {
  y = reflect(y, v.height);
  if (y < 0) {
    memory.fill(dst, 0, n * F);
    return;
  }
  const from = max(0, -x0);
  const to = min(n, v.width - x0);
  viewRow(v, c, v.x + ((c * v.height + y) * v.width + x0 + from) * F, dst + from * F, to - from);
  for (let j = 0; j < from; j++) {
    const source = -2 * x0 - j;
    store<f32>(dst + j * F, source < to ? load<f32>(dst + source * F) : 0);
  }
  for (let j = to; j < n; j++) {
    const source = 2 * (v.width - 1 - x0) - j;
    store<f32>(dst + j * F, source >= from ? load<f32>(dst + source * F) : 0);
  }
}

/** Floats after each packed plane that a tile's last vector may read: kept finite, since dW multiplies them by zero. */
export const SLACK: i32 = 8;

/**
 * Packs rows × pitch samples of channel c from (y0, x0) of the padded image. With stride 2 as four planes, one for
 * each parity of row and column, `plane` floats apart, so that every tap of a strided convolution is contiguous too.
 */
export function packTile(
  v: View, c: i32, y0: i32, x0: i32, rows: i32, pitch: i32, stride: i32, dst: usize, plane: i32, line: usize,
): void {
  if (stride == 1) {
    for (let r = 0; r < rows; r++) packRow(v, c, y0 + r, x0, pitch, dst + r * pitch * F);
    memory.fill(dst + rows * pitch * F, 0, SLACK * F);
    return;
  }
  for (let parity = 0; parity < 2; parity++) {
    const even = dst + 2 * parity * plane * F;
    const odd = even + plane * F;
    for (let r = 0; r < rows; r++) {
      packRow(v, c, y0 + 2 * r + parity, x0, 2 * pitch, line);
      const to = r * pitch * F;
      let j = 0;
      for (; j + 4 <= pitch; j += 4) {
        const a = v128.load(line + 2 * j * F);
        const b = v128.load(line + 2 * j * F, 16);
        v128.store(even + to + j * F, v128.shuffle<f32>(a, b, 0, 2, 4, 6));
        v128.store(odd + to + j * F, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
      }
      for (; j < pitch; j++) {
        store<f32>(even + to + j * F, load<f32>(line + 2 * j * F));
        store<f32>(odd + to + j * F, load<f32>(line + 2 * j * F, 4));
      }
    }
    memory.fill(even + rows * pitch * F, 0, SLACK * F);
    memory.fill(odd + rows * pitch * F, 0, SLACK * F);
  }
}

/** Packs rows × pitch samples of a plane from (y0, x0), zero outside it. */
export function packZeroPadded(
  x: usize, height: i32, width: i32, y0: i32, x0: i32, rows: i32, pitch: i32, dst: usize,
): void {
  const from = min(pitch, max(0, -x0));
  const to = max(from, min(pitch, width - x0));
  for (let r = 0; r < rows; r++) {
    const y = y0 + r;
    const row = dst + r * pitch * F;
    if (y < 0 || y >= height) {
      memory.fill(row, 0, pitch * F);
      continue;
    }
    if (from > 0) memory.fill(row, 0, from * F);
    memory.copy(row + from * F, x + (y * width + x0 + from) * F, (to - from) * F);
    if (to < pitch) memory.fill(row + to * F, 0, (pitch - to) * F);
  }
  memory.fill(dst + rows * pitch * F, 0, SLACK * F);
}
