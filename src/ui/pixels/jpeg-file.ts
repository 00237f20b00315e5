// What a JPEG file (ITU-T T.81) says about itself before it is decoded.
import { exifOrientation } from '../../engine/jpeg/orientation.ts';

interface JpegFacts {
  /** As stored, before EXIF orientation. */
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** EXIF orientation, 1 … 8. */
  readonly orientation: number;
  /** libjpeg's quality 1 … 100, from the luma quantisation table; undefined if the file has none. */
  readonly quality: number | undefined;
  /** Embedded ICC profile. */
  readonly profile: Uint8Array | undefined;
}

/** Sum of the luma table of T.81 Annex K, which libjpeg scales by quality. */
const LUMA_SUM = 3688;

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** Walks the markers up to the first scan; undefined if the file is cut off before its frame header. */
export function jpegFacts(bytes: Uint8Array): JpegFacts | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame: { width: number; height: number; components: number } | undefined;
  let orientation = 1;
  let quality: number | undefined;
  const profile = new Map<number, Uint8Array>();
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = view.getUint16(at + 2);
    const body = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xda || at + 2 + length > bytes.length) break;
    if (isFrameHeader(marker) && body.length >= 6)
      frame = { height: view.getUint16(at + 5), width: view.getUint16(at + 7), components: body[5]! };
    else if (marker === 0xe1) orientation = exifOrientation(body) ?? orientation;
    else if (marker === 0xe2 && startsWith(body, 'ICC_PROFILE\0')) profile.set(body[12]!, body.subarray(14));
    else if (marker === 0xdb) quality ??= lumaQuality(body);
    at += 2 + length;
  }
  return frame && { ...frame, orientation, quality, profile: joinParts(profile) };
}

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((c, i) => bytes[i] === c.charCodeAt(0));
}

/** Inverts libjpeg's scaling of the standard table: scale % = 5000/q below 50, 200 − 2q above. */
function lumaQuality(body: Uint8Array): number | undefined {
  const wide = body[0]! >> 4 === 1;
  if ((body[0]! & 15) !== 0 || body.length < (wide ? 129 : 65)) return undefined;
  let sum = 0;
  for (let i = 0; i < 64; i++) sum += wide ? body[1 + 2 * i]! * 256 + body[2 + 2 * i]! : body[1 + i]!;
  const scale = (100 * sum) / LUMA_SUM;
  const quality = scale > 100 ? 5000 / scale : (200 - scale) / 2;
  return Math.min(100, Math.max(1, Math.round(quality)));
}

function joinParts(parts: ReadonlyMap<number, Uint8Array>): Uint8Array | undefined {
  if (parts.size === 0) return undefined;
  const ordered = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part);
  const out = new Uint8Array(ordered.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of ordered) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
