// The forward convolution, tile by tile: see tiling.ts.
import { blockRows, blockStart, multiply } from './multiply';
import { firstBlock, packView, Tiling } from './tiling';
import { F } from './vector';

@unmanaged
class Conv extends Tiling {
  weights: usize;
  bias: usize;
  out: usize;
  outChannels: i32;
  outHeight: i32;
  outWidth: i32;
}

/** Task = (tile, group of output channel blocks). */
export function conv(args: usize, task: i32, scratch: usize): void {
  const t = changetype<Conv>(args);
  const tile = task / t.groups;
  const group = task % t.groups;
  const y = (tile / t.tilesX) * t.tileHeight;
  const x = (tile % t.tilesX) * t.tileWidth;
  const height = min(t.tileHeight, t.outHeight - y);
  const width = min(t.tileWidth, t.outWidth - x);
  packView(t, y, x, height, scratch);
  const n = ((height - 1) * t.pitch + width + 7) & ~7;
  const result = scratch + t.second;
  const last = firstBlock(t, group + 1);
  // Whole vectors of one row need no detour, unless there is a bias to add or the block's last rows are padding.
  const straight = height == 1 && (width & 7) == 0 && !t.bias;
  const plane = t.outHeight * t.outWidth * F;
  for (let b = firstBlock(t, group); b < last; b++) {
    const rows = blockRows(b, t.sixes, t.fives);
    const o = blockStart(b, t.sixes, t.fives);
    const weights = t.weights + o * t.inner * F;
    if (straight && o + rows <= t.outChannels) {
      multiply(rows, scratch, t.offsets, weights, t.inner, t.out + o * plane + (y * t.outWidth + x) * F, plane, n);
      continue;
    }
    multiply(rows, scratch, t.offsets, weights, t.inner, result, n * F, n);
    for (let r = 0; r < min(rows, t.outChannels - o); r++) {
      const to = t.out + (((o + r) * t.outHeight + y) * t.outWidth + x) * F;
      const bias: f32 = t.bias ? load<f32>(t.bias + (o + r) * F) : 0;
      for (let i = 0; i < height; i++)
        copyRow(result + (r * n + i * t.pitch) * F, to + i * t.outWidth * F, width, bias);
    }
  }
}

function copyRow(from: usize, to: usize, n: i32, bias: f32): void {
  const b = f32x4.splat(bias);
  let j = 0;
  for (; j + 4 <= n; j += 4) v128.store(to + j * F, f32x4.add(v128.load(from + j * F), b));
  for (; j < n; j++) store<f32>(to + j * F, load<f32>(from + j * F) + bias);
}
