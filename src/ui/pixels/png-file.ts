// PNG (ISO/IEC 15948) as chunks: what is asked of a file before it is decoded, and how one is put together.

import { crc32 } from '../../shared/crc32.ts';

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

/** As zlib has it, by the browser. */
export async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
