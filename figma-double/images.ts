/** Image files as Figma keeps them: by a hash of their content, with the size read from their header. */
export interface StoredImage {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Figma knows the hash but cannot load the file. */
  readonly missing?: boolean;
}

/** Throws as createImage does: PNG, JPEG or GIF, at most 4096 px a side. */
export function readImage(bytes: Uint8Array): StoredImage {
  if (!(bytes instanceof Uint8Array))
    throw new Error('in createImage: Expected argument to have type Uint8Array');
  const size = pngSize(bytes) ?? jpegSize(bytes) ?? gifSize(bytes);
  if (!size) throw new Error('in createImage: Image type is unsupported');
  if (size.width > 4096 || size.height > 4096) throw new Error('in createImage: Image is too large');
  return { bytes: bytes.slice(), ...size };
}

type Size = { width: number; height: number };

function pngSize(b: Uint8Array): Size | undefined {
  if (b.length < 33 || b[0] !== 0x89 || b[1] !== 0x50 || b[2] !== 0x4e || b[3] !== 0x47) return undefined;
  const int = (i: number) => ((b[i]! << 24) | (b[i + 1]! << 16) | (b[i + 2]! << 8) | b[i + 3]!) >>> 0;
  return { width: int(16), height: int(20) };
}

function jpegSize(b: Uint8Array): Size | undefined {
  if (b[0] !== 0xff || b[1] !== 0xd8) return undefined;
  for (let i = 2; i + 9 < b.length; ) {
    const marker = b[i + 1]!;
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return { height: (b[i + 5]! << 8) | b[i + 6]!, width: (b[i + 7]! << 8) | b[i + 8]! };
    i += 2 + ((b[i + 2]! << 8) | b[i + 3]!);
  }
  return undefined;
}

function gifSize(b: Uint8Array): Size | undefined {
  if (b[0] !== 0x47 || b[1] !== 0x49 || b[2] !== 0x46) return undefined;
  return { width: b[6]! | (b[7]! << 8), height: b[8]! | (b[9]! << 8) };
}

/** 64 bits of FNV-1a as hexadecimal: only has to tell files apart. */
export function hashOf(bytes: Uint8Array): string {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < bytes.length; i++) {
    a = Math.imul(a ^ bytes[i]!, 0x01000193);
    b = Math.imul(b ^ a, 0x85ebca6b) ^ (b >>> 13);
  }
  const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0');
  return hex(a) + hex(b) + hex(bytes.length);
}
