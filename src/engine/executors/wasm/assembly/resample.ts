// Separable resampling by sparse tables: out (+)= rows · view(x) · colsᵀ.
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
  /** Bytes into the scratch: one combined row, a ring of viewed rows. */
  ring: usize;
  batch: i32;
}

/** Task = batch of channels. Each input row is viewed once, kept while the taps of the output rows reach it. */
export function resample(args: usize, task: i32, scratch: usize): void {
  const t = changetype<Resample>(args);
  const end = min(t.channels, (task + 1) * t.batch);
  for (let c = task * t.batch; c < end; c++) {
    let viewed = 0;
    for (let i = 0; i < t.outHeight; i++) {
      const start = load<i32>(t.rowStart + i * 4);
      if (viewed > start + t.rowTaps || viewed < start) viewed = start;
      for (; viewed < start + t.rowTaps; viewed++)
        viewRow(t, c, t.x + (c * t.height + viewed) * t.width * F, ringRow(t, scratch, viewed), t.width);
      combineRows(t, scratch, start, t.rowWeights + i * t.rowTaps * F);
      combineColumns(t, scratch, t.out + (c * t.outHeight + i) * t.outWidth * F);
    }
  }
}

// @ts-ignore: decorator
@inline
function ringRow(t: Resample, scratch: usize, row: i32): usize {
  return scratch + t.ring + (row % t.rowTaps) * t.width * F;
}

function combineRows(t: Resample, scratch: usize, start: i32, weights: usize): void {
  for (let j = 0; j < t.width; j += 4) {
    const left = t.width - j;
    let sum = f32x4.splat(0);
    for (let u = 0; u < t.rowTaps; u++) {
      const row = ringRow(t, scratch, start + u) + j * F;
      sum = fma(v128.load32_splat(weights + u * F), loadPart(row, left), sum);
    }
    storePart(scratch + j * F, sum, left);
  }
}

function combineColumns(t: Resample, row: usize, out: usize): void {
  const taps = t.colTaps;
  let weights = t.colWeights;
  for (let j = 0; j < t.outWidth; j++) {
    const from = row + load<i32>(t.colStart + j * 4) * F;
    let sum: f32 = 0;
    for (let v = 0; v < taps; v++) sum += load<f32>(weights + v * F) * load<f32>(from + v * F);
    weights += taps * F;
    const to = out + j * F;
    store<f32>(to, t.accumulate ? load<f32>(to) + sum : sum);
  }
}
