// Convolution, its input gradient and its weight gradient, tile by tile. A tile is packed, padded, into the thread's
// scratch (small enough for L2), where each tap of each channel is one contiguous run of `n` floats at a fixed offset:
// the tile's rows are flattened with the padded pitch and the few columns between rows are computed for nothing. So
// all kernels sizes and strides, and deep layers of 4 × 4 pixels too, are the same dense products of multiply.ts.
import { blockRows, blockStart, dots, multiply } from './multiply';
import { F } from './vector';
import { packTile, packZeroPadded, View } from './view';

/** Channel blocks of register tiles, and tiles of the image: common to the three kernels. */
@unmanaged
export class Tiling extends View {
  kernel: i32;
  stride: i32;
  sixes: i32;
  fives: i32;
  fours: i32;
  tileHeight: i32;
  tileWidth: i32;
  tilesX: i32;
  tilesY: i32;
  /** The channel blocks are divided among this many tasks. */
  groups: i32;
  /** Floats from row to row and from plane to plane of a packed tile. */
  pitch: i32;
  plane: i32;
  /** Byte offset of each (channel, tap) in a packed tile. */
  offsets: usize;
  /** Entries of offsets. */
  inner: i32;
  /** Where in the thread's scratch the second packed operand or the result starts, bytes. */
  second: usize;
  /** A row of scratch, bytes from its start. */
  line: usize;
}

@unmanaged
class Conv extends Tiling {
  weights: usize;
  bias: usize;
  out: usize;
  outChannels: i32;
  outHeight: i32;
  outWidth: i32;
}

// @ts-ignore: decorator
@inline
function firstBlock(t: Tiling, group: i32): i32 {
  return ((t.sixes + t.fives + t.fours) * group) / t.groups;
}

function packView(t: Tiling, y: i32, x: i32, height: i32, scratch: usize): void {
  const pad = (t.kernel - 1) >> 1;
  const rows = height + (t.kernel - 1) / t.stride;
  const planes = t.stride * t.stride;
  for (let c = 0; c < t.channels; c++)
    packTile(
      t, c, y * t.stride - pad, x * t.stride - pad, rows, t.pitch, t.stride,
      scratch + c * planes * t.plane * F, t.plane, scratch + t.line,
    );
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
  for (let b = firstBlock(t, group); b < last; b++) {
    const rows = blockRows(b, t.sixes, t.fives);
    const o = blockStart(b, t.sixes, t.fives);
    multiply(rows, scratch, t.offsets, t.weights + o * t.inner * F, t.inner, result, n * F, n);
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
  const channels = (6 * t.sixes + 5 * t.fives + 4 * t.fours);
  for (let b = firstBlock(t, group); b < last; b++) {
    const rows = blockRows(b, t.sixes, t.fives);
    const first = blockStart(b, t.sixes, t.fives);
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

/** Where a convolution's weights are, and where its packed forms go. */
@unmanaged
class PackWeights {
  weights: usize;
  /** [block, inner, rows] or 0 where the kernel does not need it. */
  packed: usize;
  outputs: i32;
  inputs: i32;
  kernel: i32;
  /** Of dx: 0 packs for the forward convolution. */
  backwardStride: i32;
  sixes: i32;
  fives: i32;
  fours: i32;
}

/** Once a step: weights in the order in which `multiply` reads them. */
export function packWeights(args: usize, _task: i32, _scratch: usize): void {
  const t = changetype<PackWeights>(args);
  if (t.backwardStride) packBackward(t);
  else packForward(t);
}

function packForward(t: PackWeights): void {
  const inner = t.inputs * t.kernel * t.kernel;
  let to = t.packed;
  for (let b = 0; b < t.sixes + t.fives + t.fours; b++) {
    const rows = blockRows(b, t.sixes, t.fives);
    const o = blockStart(b, t.sixes, t.fives);
    for (let r = 0; r < rows; r++) {
      const from = t.weights + (o + r) * inner * F;
      const inside = o + r < t.outputs;
      for (let k = 0; k < inner; k++) store<f32>(to + (k * rows + r) * F, inside ? load<f32>(from + k * F) : 0);
    }
    to += rows * inner * F;
  }
}

function packBackward(t: PackWeights): void {
  const s = t.backwardStride;
  const k = t.kernel;
  let to = t.packed;
  for (let phase = 0; phase < s * s; phase++) {
    const row = phase / s;
    const column = phase % s;
    for (let b = 0; b < t.sixes + t.fives + t.fours; b++) {
      const rows = blockRows(b, t.sixes, t.fives);
      const first = blockStart(b, t.sixes, t.fives);
      for (let o = 0; o < t.outputs; o++)
        for (let u = row; u < k; u += s)
          for (let v = column; v < k; v += s)
            for (let r = 0; r < rows; r++) {
              const from = t.weights + (((o * t.inputs + first + r) * k + u) * k + v) * F;
              store<f32>(to, first + r < t.inputs ? load<f32>(from) : 0);
              to += F;
            }
    }
  }
}
