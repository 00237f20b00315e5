import { convertIndexedToRgb, type DecodedPng, decode } from 'fast-png';
import { draw } from './browser-decoder.ts';
import type { Raster } from './crop.ts';
import { chunksOf, type PngChunk, type PngFacts, writeChunks } from './png-file.ts';
import { ReadError } from './read-error.ts';

const DAMAGED = 'This PNG file is damaged and cannot be read. Export it again.';

/** What is left of a file before it is decoded: others hold packed data of any size. */
const CRITICAL = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

/**
 * A PNG's own samples as RGBA, straight alpha; 16 bits are rounded to 8. A canvas would multiply colours by their alpha and
 * lose them. Takes no more time and memory than the size in the header is worth. Throws ReadError.
 */
export async function readPng(bytes: Uint8Array, facts: PngFacts): Promise<Raster> {
  const { width, height, depth, colourType, interlaced } = facts;
  const chunks = chunksOf(bytes).filter(({ type }) => CRITICAL.has(type));
  const packed = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType] ?? 4;
  const bits = width * channels * depth;
  const [least, most] = [
    Math.floor((height * bits) / 8),
    (height + INTERLACED_ROWS) * (2 + Math.ceil(bits / 8)),
  ];
  try {
    const size = await unpackedSize(packed, most);
    if (size < least || size > most) throw new ReadError(DAMAGED);
    if (interlaced && depth < 8) return await readFewColours(chunks, facts);
    const png = decode(writeChunks(chunks));
    return { data: toRgba(png, colourType), width, height };
  } catch {
    throw new ReadError(DAMAGED);
  }
}

/**
 * Interlaced rows of less than a byte a sample, which fast-png does not read and the browser does: first as if all were
 * opaque, which loses nothing, then the transparency as colours of their own.
 */
async function readFewColours(chunks: readonly PngChunk[], { depth, colourType }: PngFacts): Promise<Raster> {
  const data = (wanted: string) => chunks.find(({ type }) => type === wanted)?.data;
  const opaque = chunks.filter(({ type }) => type !== 'tRNS');
  const raster = await draw(writeChunks(opaque), 'image/png');
  const transparency = data('tRNS');
  if (!transparency) return raster;
  if (colourType === 3) {
    const alphas = (data('PLTE') ?? new Uint8Array()).map((_, i) => transparency[Math.floor(i / 3)] ?? 255);
    const asColours = opaque.map((chunk) => (chunk.type === 'PLTE' ? { ...chunk, data: alphas } : chunk));
    const drawn = await draw(writeChunks(asColours), 'image/png');
    for (let i = 3; i < raster.data.length; i += 4) raster.data[i] = drawn.data[i - 1]!;
  } else {
    const most = 2 ** depth - 1;
    const key = Math.round((255 * (transparency[1]! & most)) / most);
    for (let i = 3; i < raster.data.length; i += 4) if (raster.data[i - 1] === key) raster.data[i] = 0;
  }
  return raster;
}

/** Rows that interlacing adds at most, in whole rows' bytes: each of 7 passes rounds its own up. */
const INTERLACED_ROWS = 16;

/** Bytes that compressed data hold, counted to just above `most`: a decoder would keep all of them. */
async function unpackedSize(parts: readonly Uint8Array[], most: number): Promise<number> {
  const packed = new Blob(parts as Uint8Array<ArrayBuffer>[]);
  const reader = packed.stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  let bytes = 0;
  try {
    while (bytes <= most) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.length;
    }
  } catch {
    // what is wrong with them the decoder says
  }
  reader.cancel().catch(() => undefined);
  return bytes;
}

function toRgba(png: DecodedPng, colourType: number): Uint8ClampedArray<ArrayBuffer> {
  const { width, height, depth, transparency } = png;
  const pixels = width * height;
  const indexed = colourType === 3;
  const samples = indexed ? convertIndexedToRgb(png) : depth < 8 ? unpackBits(png) : png.data;
  const channels = samples.length / pixels;
  if (!Number.isInteger(channels) || channels < 1 || channels > 4) throw new Error('short');
  const colours = channels < 3 ? 1 : 3;
  const scale = 255 / (2 ** (indexed ? 8 : depth) - 1);
  const out = new Uint8ClampedArray(4 * pixels);
  for (let p = 0; p < pixels; p++) {
    const from = p * channels;
    for (let c = 0; c < 3; c++) out[4 * p + c] = samples[from + (colours === 1 ? 0 : c)]! * scale;
    const keyed = transparency?.every((key, c) => samples[from + c] === key);
    out[4 * p + 3] = keyed ? 0 : channels > colours ? samples[from + colours]! * scale : 255;
  }
  return out;
}

/** Grey samples of 1, 2 or 4 bits, rows padded to whole bytes. */
function unpackBits({ data, width, height, depth }: DecodedPng): Uint8Array {
  const stride = Math.ceil((width * depth) / 8);
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = data[y * stride + (bit >> 3)]!;
      out[y * width + x] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  return out;
}
