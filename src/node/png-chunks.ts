import { crc32 } from '../shared/crc32.ts';

/** The chunks of a PNG before its pixels, by name. */
export function chunksOf(bytes: Uint8Array): Map<string, DataView> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = new Map<string, DataView>();
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (name === 'IDAT' || at + 12 + length > bytes.length) break;
    chunks.set(name, new DataView(bytes.buffer, bytes.byteOffset + at + 8, length));
    at += 12 + length;
  }
  return chunks;
}

/** Whether a PNG ends as it should: some programs stop before. */
export function hasEnd(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 8;
  while (at + 12 <= bytes.length) {
    if (view.getUint32(at + 4) === IEND) return true;
    at += 12 + view.getUint32(at);
  }
  return false;
}

const IEND = 0x49454e44;

/** How many pictures an animated PNG has (PNG specification, third edition, 11.3.3.1); others have one. */
export const framesOf = (bytes: Uint8Array): number => chunksOf(bytes).get('acTL')?.getUint32(0) ?? 1;

/** A chunk as a file holds it. */
export function pngChunk(name: string, body: Uint8Array = new Uint8Array()): Uint8Array {
  const chunk = new Uint8Array(12 + body.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.length);
  chunk.set(Buffer.from(name, 'latin1'), 4);
  chunk.set(body, 8);
  view.setUint32(8 + body.length, crc32(chunk.subarray(4, 8 + body.length)));
  return chunk;
}
