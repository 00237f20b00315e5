// A convolution's gradients of its weights and its bias: see tiling.ts.
import { blockRows, blockStart, dots } from './multiply';
import { firstBlock, packView, Tiling } from './tiling';
import { F } from './vector';
import { packZeroPadded } from './view';

@unmanaged
class ConvBackwardWeight extends Tiling {
  dy: usize;
  dyChannels: i32;
  dyHeight: i32;
  dyWidth: i32;
  /** [parts, padded channels, inner] sums, reduced by `reduceWeights`. */
  partial: usize;
  parts: i32;
  /** inner without the entry that makes it even. */
  used: i32;
  gradient: usize;
  biasGradient: usize;
}

/**
 * Task = (part, group of channel blocks): a part sums a fixed range of tiles, so that the sum's order, and with it
 * every bit of the result, is the same for any number of threads.
 */
export function convBackwardWeight(args: usize, task: i32, scratch: usize): void {
  const t = changetype<ConvBackwardWeight>(args);
  const part = task / t.groups;
  const group = task % t.groups;
  const first = firstBlock(t, group);
  const last = firstBlock(t, group + 1);
  const channels = 6 * t.sixes + 5 * t.fives + 4 * t.fours;
  const partial = t.partial + part * channels * t.inner * F;
  const from = blockStart(first, t.sixes, t.fives);
  const to = blockStart(last, t.sixes, t.fives);
  memory.fill(partial + from * t.inner * F, 0, (to - from) * t.inner * F);
  const tiles = t.tilesX * t.tilesY;
  const end = (tiles * (part + 1)) / t.parts;
  for (let tile = (tiles * part) / t.parts; tile < end; tile++) {
    const y = (tile / t.tilesX) * t.tileHeight;
    const x = (tile % t.tilesX) * t.tileWidth;
    const height = min(t.tileHeight, t.dyHeight - y);
    const width = min(t.tileWidth, t.dyWidth - x);
    packView(t, y, x, height, scratch);
    const n = ((height - 1) * t.pitch + width + 3) & ~3;
    for (let b = first; b < last; b++) {
      const rows = blockRows(b, t.sixes, t.fives);
      const o = blockStart(b, t.sixes, t.fives);
      packInterleaved(t, o, rows, y, x, height, width, n, scratch + t.second, scratch + t.line);
      dots(
        rows, scratch, t.offsets, t.inner, scratch + t.second, n, partial + o * t.inner * F, t.inner * F,
        scratch + t.line,
      );
    }
  }
}

/** dy of `rows` channels from o on, flattened with the tile's pitch, zero between its rows: [n / 4, rows, 4]. */
function packInterleaved(
  t: ConvBackwardWeight, o: i32, rows: i32, y: i32, x: i32, height: i32, width: i32, n: i32, to: usize, line: usize,
): void {
  for (let r = 0; r < rows; r++) {
    if (o + r >= t.dyChannels) {
      for (let j = 0; j < n; j += 4) v128.store(to + (j * rows + 4 * r) * F, f32x4.splat(0));
      continue;
    }
    packZeroPadded(
      t.dy + (o + r) * t.dyHeight * t.dyWidth * F, t.dyHeight, t.dyWidth, y, x, height, t.pitch, line,
    );
    if (width < t.pitch)
      for (let i = 0; i < height; i++) memory.fill(line + (i * t.pitch + width) * F, 0, (t.pitch - width) * F);
    for (let j = 0; j < n; j += 4) v128.store(to + (j * rows + 4 * r) * F, v128.load(line + j * F));
  }
}

/** Task = output channel: sums the parts of its weights, and its bias. */
export function reduceWeights(args: usize, task: i32, _scratch: usize): void {
  const t = changetype<ConvBackwardWeight>(args);
  const channels = 6 * t.sixes + 5 * t.fives + 4 * t.fours;
  const gradient = t.gradient + task * t.used * F;
  for (let k = 0; k < t.used; k++) {
    let p = t.partial + (task * t.inner + k) * F;
    let sum = load<f32>(p);
    for (let part = 1; part < t.parts; part++) {
      p += channels * t.inner * F;
      sum += load<f32>(p);
    }
    store<f32>(gradient + k * F, sum);
  }
  if (!t.biasGradient) return;
  const n = t.dyHeight * t.dyWidth;
  const dy = t.dy + task * n * F;
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += load<f32>(dy + i * F);
  store<f32>(t.biasGradient + task * F, <f32>sum);
}
