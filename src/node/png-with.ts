import { deflateSync } from 'node:zlib';
import { pngChunk } from './png-chunks.ts';

/** The signature and the IHDR chunk, which comes first. */
const HEAD_BYTES = 33;

/** A PNG file with an ICC profile and an EXIF block (PNG specification, third edition, 11.3.2.3 and 11.3.3.2). */
export function pngWith(
  png: Uint8Array,
  { profile, exif }: { readonly profile?: Uint8Array; readonly exif?: Uint8Array },
): Uint8Array {
  const named = profile && Buffer.concat([Buffer.from('profile\0\0', 'latin1'), deflateSync(profile)]);
  const chunks = [...(named ? [pngChunk('iCCP', named)] : []), ...(exif ? [pngChunk('eXIf', exif)] : [])];
  return Buffer.concat([png.subarray(0, HEAD_BYTES), ...chunks, png.subarray(HEAD_BYTES)]);
}
