// Separable resampling by sparse tables: out (+)= rows · view(x) · colsᵀ, four output rows at a time. The four rows are
// combined from the input's rows and stored transposed, [width, 4], so that the columns' pass, whose reads no SIMD
// instruction could gather from one row, works on four rows at once.
import { F, fma, loadPart, storePart } from './vector';
import { View, viewRow } from './view';

@unmanaged
class Resample extends View {
  out: usize;
  outHeight: i32;
  outWidth: i32;
  accumulate: i32;
  rowTaps: i32;
  rowStart: usize;
  rowWeights: usize;
  colTaps: i32;
  colStart: usize;
  colWeights: usize;
  /** Bytes into the scratch: the combined rows come first, then a ring of viewed rows. */
  ring: usize;
  /** Rows of the ring: a power of 2, at least what four output rows reach. */
  ringRows: i32;
  batch: i32;
}

/** Task = batch of channels. Each input row is viewed once, and kept while output rows reach it. */
export function resample(args: usize, task: i32, scratch: usize): void {
  const t = changetype<Resample>(args);
  const end = min(t.channels, (task + 1) * t.batch);
  for (let c = task * t.batch; c < end; c++) {
    let from = 0;
    let to = 0;
    for (let i = 0; i < t.outHeight; i += 4) {
      const rows = min(4, t.outHeight - i);
      let low = load<i32>(t.rowStart + i * 4);
      let high = low;
      for (let r = 1; r < rows; r++) {
        const start = load<i32>(t.rowStart + (i + r) * 4);
        low = min(low, start);
        high = max(high, start);
      }
      high += t.rowTaps;
      if (low < from || low > to) from = to = low;
      for (; to < high; to++)
        viewRow(t, c, t.x + (c * t.height + to) * t.width * F, ringRow(t, scratch, to), t.width);
      from = max(from, to - t.ringRows);
      combineRows(t, scratch, i, rows);
      combineColumns(t, scratch, t.out + (c * t.outHeight + i) * t.outWidth * F, rows);
    }
  }
}

// @ts-ignore: decorator
@inline
function ringRow(t: Resample, scratch: usize, row: i32): usize {
  return scratch + t.ring + (row & (t.ringRows - 1)) * t.width * F;
}

/** scratch[j, r] = Σ_u weights[i + r, u] · x[start[i + r] + u, j]; rows beyond the last repeat it. */
function combineRows(t: Resample, scratch: usize, i: i32, rows: i32): void {
  for (let j = 0; j < t.width; j += 4) {
    const a = combined(t, scratch, i, j);
    const b = combined(t, scratch, i + min(1, rows - 1), j);
    const c = combined(t, scratch, i + min(2, rows - 1), j);
    const d = combined(t, scratch, i + min(3, rows - 1), j);
    transposeTo(scratch + 4 * j * F, 16, a, b, c, d, t.width - j);
  }
}

// @ts-ignore: decorator
@inline
function combined(t: Resample, scratch: usize, i: i32, j: i32): v128 {
  const start = load<i32>(t.rowStart + i * 4);
  const weights = t.rowWeights + i * t.rowTaps * F;
  let sum = f32x4.splat(0);
  // The row's last vector reads on into the next row of the ring, or the slack behind it; its lanes are dropped.
  for (let u = 0; u < t.rowTaps; u++)
    sum = fma(v128.load32_splat(weights + u * F), v128.load(ringRow(t, scratch, start + u) + j * F), sum);
  return sum;
}

/** Stores the columns of four rows a … d as up to `count` vectors, `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function transposeTo(to: usize, stride: usize, a: v128, b: v128, c: v128, d: v128, count: i32): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  if (count > 1) v128.store(to + stride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  if (count > 2) v128.store(to + 2 * stride, v128.shuffle<f32>(ef, gh, 0, 1, 4, 5));
  if (count > 3) v128.store(to + 3 * stride, v128.shuffle<f32>(ef, gh, 2, 3, 6, 7));
}

function combineColumns(t: Resample, scratch: usize, out: usize, rows: i32): void {
  for (let j = 0; j < t.outWidth; j += 4) {
    const last = t.outWidth - 1;
    const a = column(t, scratch, j);
    const b = column(t, scratch, min(j + 1, last));
    const c = column(t, scratch, min(j + 2, last));
    const d = column(t, scratch, min(j + 3, last));
    const left = t.outWidth - j;
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    const to = out + j * F;
    put(t, to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), left);
    if (rows > 1) put(t, to + t.outWidth * F, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), left);
    if (rows > 2) put(t, to + 2 * t.outWidth * F, v128.shuffle<f32>(ef, gh, 0, 1, 4, 5), left);
    if (rows > 3) put(t, to + 3 * t.outWidth * F, v128.shuffle<f32>(ef, gh, 2, 3, 6, 7), left);
  }
}

/** Output column j of the four rows. */
// @ts-ignore: decorator
@inline
function column(t: Resample, scratch: usize, j: i32): v128 {
  const from = scratch + 4 * load<i32>(t.colStart + j * 4) * F;
  const weights = t.colWeights + j * t.colTaps * F;
  let sum = f32x4.splat(0);
  for (let v = 0; v < t.colTaps; v++)
    sum = fma(v128.load32_splat(weights + v * F), v128.load(from + 16 * v), sum);
  return sum;
}

// @ts-ignore: decorator
@inline
function put(t: Resample, to: usize, value: v128, left: i32): void {
  if (t.accumulate) value = f32x4.add(value, loadPart(to, left));
  storePart(to, value, left);
}
