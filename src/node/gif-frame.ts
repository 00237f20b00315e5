/** The part of a GIF's canvas that a frame covers, px, and whether one of its colours is transparent. */
interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly transparent: boolean;
}

/** Its first frame (GIF89a, sections 18, 20 and 23); undefined if it cannot be told. */
export function firstFrame(bytes: Uint8Array): Frame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  try {
    let at = 13 + tableBytes(bytes[10]);
    let transparent = false;
    for (; bytes[at] === EXTENSION; at++) {
      if (bytes[at + 1] === GRAPHIC_CONTROL) transparent = (bytes[at + 3] & 1) === 1;
      for (at += 2; bytes[at] > 0; at += bytes[at] + 1);
    }
    if (bytes[at] !== IMAGE) return undefined;
    const [left, top, width, height] = [1, 3, 5, 7].map((offset) => view.getUint16(at + offset, true));
    return { left, top, width, height, transparent };
  } catch {
    return undefined;
  }
}

/** Whether the i-th pixel of a canvas of that width, px, lies in a frame. */
export function isInFrame({ left, top, width, height }: Frame, i: number, across: number): boolean {
  const [x, y] = [(i % across) - left, Math.floor(i / across) - top];
  return x >= 0 && y >= 0 && x < width && y < height;
}

const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const IMAGE = 0x2c;
