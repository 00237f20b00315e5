// The encoder of results. Done here rather than by upng-js: the browser's own deflate is several times faster than a
// JavaScript one on a photograph, filters are chosen row by row, and the source's colour profile must travel along.
import { deflate, type PngChunk, writeChunks } from './png-file.ts';

/** 8-bit RGBA, straight alpha → PNG; RGB without alpha where all pixels are opaque. Lossless. */
export async function encodePng(
  rgba: Uint8ClampedArray | Uint8Array,
  width: number,
  height: number,
  colour: readonly PngChunk[] = [],
): Promise<Uint8Array> {
  const channels = isOpaque(rgba) ? 3 : 4;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  header[9] = channels === 3 ? 2 : 6;
  // sRGB is what Figma assumes of an untagged file too; said here so that other readers agree.
  const tags = colour.length > 0 ? colour : [{ type: 'sRGB', data: Uint8Array.of(0) }];
  return writeChunks([
    { type: 'IHDR', data: header },
    ...tags,
    { type: 'IDAT', data: await deflate(filterRows(rgba, width, height, channels)) },
    { type: 'IEND', data: new Uint8Array(0) },
  ]);
}

export function isOpaque(rgba: Uint8ClampedArray | Uint8Array): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false;
  return true;
}

type Filter = 'sub' | 'up' | 'paeth';
const FILTER_CODES: Readonly<Record<Filter, number>> = { sub: 1, up: 2, paeth: 4 };
/** A filter is chosen by every so many bytes of a row: prime, so that all channels get their say. */
const SAMPLE_EVERY = 7;

/** Each row with the filter of the least sum of absolute values: PNG's recommended heuristic, on samples of the row. */
function filterRows(
  rgba: Uint8ClampedArray | Uint8Array,
  width: number,
  height: number,
  channels: 3 | 4,
): Uint8Array {
  const stride = width * channels;
  const out = new Uint8Array(height * (stride + 1));
  let above = new Uint8Array(stride);
  let row = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    packRow(rgba, y * width * 4, row, channels);
    const filter = bestFilter(row, above, channels);
    const from = y * (stride + 1);
    out[from] = FILTER_CODES[filter];
    applyFilter(filter, row, above, channels, out.subarray(from + 1, from + 1 + stride));
    [above, row] = [row, above];
  }
  return out;
}

function bestFilter(row: Uint8Array, above: Uint8Array, channels: number): Filter {
  const size = (rest: number) => Math.min(rest & 255, 256 - (rest & 255));
  let [sub, up, corner] = [0, 0, 0];
  for (let i = channels; i < row.length; i += SAMPLE_EVERY) {
    const [value, left, top] = [row[i]!, row[i - channels]!, above[i]!];
    sub += size(value - left);
    up += size(value - top);
    corner += size(value - paeth(left, top, above[i - channels]!));
  }
  if (corner < sub && corner < up) return 'paeth';
  return up < sub ? 'up' : 'sub';
}

function applyFilter(
  filter: Filter,
  row: Uint8Array,
  above: Uint8Array,
  channels: number,
  out: Uint8Array,
): void {
  const { length } = row;
  if (filter === 'up') {
    for (let i = 0; i < length; i++) out[i] = row[i]! - above[i]!;
    return;
  }
  const paethed = filter === 'paeth';
  for (let i = 0; i < channels; i++) out[i] = row[i]! - (paethed ? above[i]! : 0);
  if (paethed)
    for (let i = channels; i < length; i++)
      out[i] = row[i]! - paeth(row[i - channels]!, above[i]!, above[i - channels]!);
  else for (let i = channels; i < length; i++) out[i] = row[i]! - row[i - channels]!;
}

function packRow(rgba: Uint8ClampedArray | Uint8Array, from: number, row: Uint8Array, channels: 3 | 4): void {
  if (channels === 4) {
    row.set(rgba.subarray(from, from + row.length));
    return;
  }
  for (let i = 0, at = from; i < row.length; i += 3, at += 4) {
    row[i] = rgba[at]!;
    row[i + 1] = rgba[at + 1]!;
    row[i + 2] = rgba[at + 2]!;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const p = left + up - corner;
  const a = Math.abs(p - left);
  const b = Math.abs(p - up);
  const c = Math.abs(p - corner);
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
