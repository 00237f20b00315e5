import sharp from 'sharp';

/** Bytes that stand for the missing ones: each decodes to other pixels, some to none at all. */
const FILLINGS = [0, 0x55, 0xaa, 0x24, 0x92];
/** Rows above the first that differs that are not sure either: filters reach up, and by chance pixels are alike. */
const UNSURE = 8;
/** A file that tells of more than so many times the bytes that are there is none. */
const MOST = 32;
/** Bytes that are told of beyond those: what the fillings stand for may take more than there were. */
const MORE = 4096;

/** A WebP that ends too soon, filled up, and the first row that what it lacks has an influence on; undefined: none. */
export interface FilledWebp {
  readonly bytes: Uint8Array;
  readonly firstMissing?: number;
}

/** Whether a WebP tells of more bytes than there are. */
export const isShortWebp = (bytes: Uint8Array): boolean =>
  bytes.length >= 12 && bytes.length < toldLength(bytes);

/** Whether a WebP's first picture is compressed as a key frame of VP8 is: its chunk is named so, VP8L where nothing is lost. */
export function isLossyWebp(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nameAt = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  // A frame of an animation, ANMF, holds 16 bytes of its own before its chunks.
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = nameAt(at);
    if (name === 'VP8 ' || name === 'VP8L') return name === 'VP8 ';
    at += 8 + (name === 'ANMF' ? 16 : view.getUint32(at + 4, true) + (view.getUint32(at + 4, true) % 2));
  }
  return false;
}

/**
 * What is left of a WebP that ends too soon: its decoder gives nothing of it, but of one that is filled up all rows, from top to bottom.
 * Those that are alike whatever it is filled with are the picture's. Undefined where there are none.
 */
export async function filledWebp(bytes: Uint8Array): Promise<FilledWebp | undefined> {
  if (toldLength(bytes) > MOST * bytes.length) return undefined;
  const start = lengthened(bytes);
  let first: { bytes: Uint8Array; pixels: Buffer } | undefined;
  let alike = 0;
  for (const filling of FILLINGS) {
    const filled = new Uint8Array(toldLength(start)).fill(filling);
    filled.set(start);
    const decoded = await decode(filled);
    if (!decoded) continue;
    const { data: pixels, info } = decoded;
    if (!first) {
      first = { bytes: filled, pixels };
      continue;
    }
    const { pixels: others } = first;
    const differs = pixels.findIndex((sample, i) => sample !== others[i]);
    const row = Math.floor(differs / (info.width * info.channels));
    if (differs >= 0) return row > UNSURE ? { bytes: first.bytes, firstMissing: row - UNSURE } : undefined;
    alike++;
  }
  return first && alike > 1 ? { bytes: first.bytes } : undefined;
}

/** A copy that tells of more bytes than the file did, where it ends within the data of its picture. */
function lengthened(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size + (size % 2);
    if (end > bytes.length && ['VP8 ', 'VP8L'].includes(String.fromCharCode(...bytes.subarray(at, at + 4)))) {
      view.setUint32(at + 4, size + (size % 2) + MORE, true);
      view.setUint32(4, end - 8 + MORE, true);
      return copy;
    }
    at = end;
  }
  return copy;
}

const toldLength = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true) + 8;

const decode = (bytes: Uint8Array) =>
  sharp(bytes, { failOn: 'none', limitInputPixels: false })
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(() => undefined);
