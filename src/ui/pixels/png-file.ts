// PNG (ISO/IEC 15948) as chunks: what is asked of a file before it is decoded, and the encoder of results.
// Encoding is done here rather than by upng-js: the browser's own deflate is several times faster than a
// JavaScript one on a photograph, filters are chosen row by row, and the source's colour profile must travel along.

export interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
}

export interface PngFacts {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** Colour type of IHDR: 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA. */
  readonly colourType: number;
  readonly interlaced: boolean;
  readonly hasAlpha: boolean;
  readonly animated: boolean;
  /** Chunks that say how the samples are to be seen (profile, gamma); they are carried over to the result. */
  readonly colour: readonly PngChunk[];
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;
const COLOUR_CHUNKS = new Set(['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM']);

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/** Reads the chunks up to the first IDAT; undefined if the file is cut off or no PNG. */
export function pngFacts(bytes: Uint8Array): PngFacts | undefined {
  if (!isPng(bytes) || bytes.length < 33) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width === 0 || height === 0) return undefined;
  const depth = view.getUint8(24);
  const colourType = view.getUint8(25);
  let hasAlpha = colourType >= 4;
  let animated = false;
  const colour: PngChunk[] = [];
  for (const { type, data } of chunksOf(bytes)) {
    if (type === 'IDAT') break;
    if (type === 'tRNS') hasAlpha = true;
    if (type === 'acTL') animated = true;
    if (COLOUR_CHUNKS.has(type)) colour.push({ type, data: data.slice() });
  }
  return {
    width,
    height,
    depth,
    colourType,
    interlaced: view.getUint8(28) !== 0,
    hasAlpha,
    animated,
    colour,
  };
}

/** The chunks of a file, as views of it, up to the first that it does not hold in full. */
export function chunksOf(bytes: Uint8Array): PngChunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunk[] = [];
  for (let at = SIGNATURE.length; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) break;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

/** An ICC profile as an iCCP chunk. */
export async function profileChunk(profile: Uint8Array): Promise<PngChunk> {
  const packed = await deflate(profile);
  const name = [...'ICC'].map((c) => c.charCodeAt(0));
  const data = new Uint8Array(name.length + 2 + packed.length);
  data.set(name);
  data.set(packed, name.length + 2);
  return { type: 'iCCP', data };
}

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

/** A whole file. */
export function writeChunks(chunks: readonly PngChunk[]): Uint8Array {
  const size = chunks.reduce((sum, { data }) => sum + 12 + data.length, 8);
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  out.set(SIGNATURE);
  let at = 8;
  for (const { type, data } of chunks) {
    view.setUint32(at, data.length);
    for (let i = 0; i < 4; i++) out[at + 4 + i] = type.charCodeAt(i);
    out.set(data, at + 8);
    view.setUint32(at + 8 + data.length, crc32(out.subarray(at + 4, at + 8 + data.length)));
    at += 12 + data.length;
  }
  return out;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
