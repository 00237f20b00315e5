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

/** How many pictures an animated PNG has (PNG specification, third edition, 11.3.3.1); others have one. */
export const framesOf = (bytes: Uint8Array): number => chunksOf(bytes).get('acTL')?.getUint32(0) ?? 1;
