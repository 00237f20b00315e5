// A convolution's gradient of its input, tile by tile: see tiling.ts.
import { blockRows, blockStart, multiply } from './multiply';
import { firstBlock, Tiling } from './tiling';
import { F } from './vector';
import { packZeroPadded } from './view';

/** In the inherited view, x is dy and channels its channels; affine and activation are unused. */
@unmanaged
class ConvBackwardInput extends Tiling {
  weights: usize;
  dx: usize;
  dxChannels: i32;
  dxHeight: i32;
  dxWidth: i32;
  accumulate: i32;
  /** Entries of offsets for each phase (row parity, column parity) of dx. */
  inner0: i32;
  inner1: i32;
  inner2: i32;
  inner3: i32;
}

/**
 * dx on the padded domain, Y = y + pad: dx[Y] = Σ dy[(Y − u)/stride] · W[u]. Each parity of Y and X is a dense
 * correlation of its own taps. A tile at the image's border owns the padding beyond it and folds it back.
 */
export function convBackwardInput(args: usize, task: i32, scratch: usize): void {
  const t = changetype<ConvBackwardInput>(args);
  const tile = task / t.groups;
  const group = task % t.groups;
  const pad = (t.kernel - 1) >> 1;
  const row = tile / t.tilesX;
  const column = tile % t.tilesX;
  const y0 = row * t.tileHeight;
  const x0 = column * t.tileWidth;
  const y1 = row == t.tilesY - 1 ? t.dxHeight : y0 + t.tileHeight;
  const x1 = column == t.tilesX - 1 ? t.dxWidth : x0 + t.tileWidth;
  const s = t.stride;
  const u0 = (y0 == 0 ? 0 : y0 + pad) / s;
  const v0 = (x0 == 0 ? 0 : x0 + pad) / s;
  const u1 = ((y1 == t.dxHeight ? y1 + 2 * pad : y1 + pad) + s - 1) / s;
  const v1 = ((x1 == t.dxWidth ? x1 + 2 * pad : x1 + pad) + s - 1) / s;
  const reach = (t.kernel - 1) / s;
  for (let c = 0; c < t.channels; c++)
    packZeroPadded(
      t.x + c * t.height * t.width * F, t.height, t.width, u0 - reach, v0 - reach,
      u1 - u0 + reach, t.pitch, scratch + c * t.plane * F,
    );
  const n = ((u1 - u0 - 1) * t.pitch + (v1 - v0) + 7) & ~7;
  const last = firstBlock(t, group + 1);
  const plane = t.dxHeight * t.dxWidth * F;
  const straight = t.kernel == 1 && s == 1 && n == x1 - x0 && !t.accumulate;
  const channels = (6 * t.sixes + 5 * t.fives + 4 * t.fours);
  for (let b = firstBlock(t, group); b < last; b++) {
    const rows = blockRows(b, t.sixes, t.fives);
    const first = blockStart(b, t.sixes, t.fives);
    if (straight && first + rows <= t.dxChannels) {
      const weights = t.weights + first * t.inner0 * F;
      multiply(rows, scratch, t.offsets, weights, t.inner0, t.dx + first * plane + (y0 * t.dxWidth + x0) * F, plane, n);
      continue;
    }
    let offsets = t.offsets;
    let weights = t.weights;
    for (let phase = 0; phase < s * s; phase++) {
      const inner = phase == 0 ? t.inner0 : phase == 1 ? t.inner1 : phase == 2 ? t.inner2 : t.inner3;
      const result = scratch + t.second + phase * 6 * n * F;
      multiply(rows, scratch, offsets, weights + first * inner * F, inner, result, n * F, n);
      offsets += inner * F;
      weights += inner * channels * F;
    }
    for (let r = 0; r < min(rows, t.dxChannels - first); r++)
      for (let y = y0; y < y1; y++)
        foldRow(t, scratch, first + r, r, n, y, u0 * s, x0, x1, v0 * s, v1 * s);
  }
}

/** Writes one row of dx: the padded rows that y stands for, added, then its columns folded likewise. */
function foldRow(
  t: ConvBackwardInput, scratch: usize, c: i32, r: i32, n: i32, y: i32, top: i32,
  x0: i32, x1: i32, left: i32, right: i32,
): void {
  const pad = (t.kernel - 1) >> 1;
  const line = scratch + t.line;
  addRow(t, scratch, r, n, y + pad - top, right - left, line, false);
  if (y >= 1 && y <= pad) addRow(t, scratch, r, n, pad - y - top, right - left, line, true);
  if (y >= t.dxHeight - 1 - pad && y <= t.dxHeight - 2)
    addRow(t, scratch, r, n, 2 * (t.dxHeight - 1) - y + pad - top, right - left, line, true);
  if (x0 == 0) for (let j = 1; j <= pad; j++) addTo(line + (j + pad) * F, line + (pad - j) * F);
  if (x1 == t.dxWidth)
    for (let j = t.dxWidth - 1 - pad; j <= t.dxWidth - 2; j++)
      addTo(line + (j + pad - left) * F, line + (2 * (t.dxWidth - 1) - j + pad - left) * F);
  const from = line + (x0 + pad - left) * F;
  const to = t.dx + ((c * t.dxHeight + y) * t.dxWidth + x0) * F;
  const width = x1 - x0;
  if (t.accumulate) accumulateRow(from, to, width);
  else memory.copy(to, from, width * F);
}

// @ts-ignore: decorator
@inline
function addTo(to: usize, from: usize): void {
  store<f32>(to, load<f32>(to) + load<f32>(from));
}

function accumulateRow(from: usize, to: usize, n: i32): void {
  let j = 0;
  for (; j + 4 <= n; j += 4) v128.store(to + j * F, f32x4.add(v128.load(to + j * F), v128.load(from + j * F)));
  for (; j < n; j++) addTo(to + j * F, from + j * F);
}

/** Row `row` of the padded result of block row r, its phases interleaved, into (or onto) `line`. */
function addRow(
  t: ConvBackwardInput, scratch: usize, r: i32, n: i32, row: i32, width: i32, line: usize, onto: bool,
): void {
  const s = t.stride;
  const result = scratch + t.second;
  if (s == 1) {
    const from = result + (r * n + row * t.pitch) * F;
    if (onto) accumulateRow(from, line, width);
    else memory.copy(line, from, width * F);
    return;
  }
  const even = result + ((row & 1) * 12 * n + r * n + (row >> 1) * t.pitch) * F;
  const odd = even + 6 * n * F;
  const half = width >> 1;
  let j = 0;
  for (; j + 4 <= half; j += 4) {
    const a = v128.load(even + j * F);
    const b = v128.load(odd + j * F);
    const to = line + 2 * j * F;
    let low = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    let high = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    if (onto) {
      low = f32x4.add(low, v128.load(to));
      high = f32x4.add(high, v128.load(to, 16));
    }
    v128.store(to, low);
    v128.store(to, high, 16);
  }
  for (; j < half; j++) {
    const to = line + 2 * j * F;
    store<f32>(to, load<f32>(even + j * F) + (onto ? load<f32>(to) : 0));
    store<f32>(to, load<f32>(odd + j * F) + (onto ? load<f32>(to, 4) : 0), 4);
  }
}
