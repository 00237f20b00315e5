/** The part of a GIF's canvas that its first frame covers, px (GIF89a, sections 18 and 20); undefined if it cannot be told. */
export function firstFrame(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  try {
    let at = 13 + tableBytes(bytes[10]);
    for (; bytes[at] === EXTENSION; at++) for (at += 2; bytes[at] > 0; at += bytes[at] + 1);
    if (bytes[at] !== IMAGE) return undefined;
    const [left, top, width, height] = [1, 3, 5, 7].map((offset) => view.getUint16(at + offset, true));
    return { left, top, width, height };
  } catch {
    return undefined;
  }
}

const EXTENSION = 0x21;
const IMAGE = 0x2c;
