import { deflateSync } from 'node:zlib';
import { pngChunk } from './png-chunks.ts';

/** The signature and the IHDR chunk, which comes first. */
const HEAD_BYTES = 33;

/** A PNG file with an ICC profile (PNG specification, third edition, 11.3.2.3). */
export function withProfile(png: Uint8Array, profile: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from('profile\0\0', 'latin1'), deflateSync(profile)]);
  return Buffer.concat([png.subarray(0, HEAD_BYTES), pngChunk('iCCP', body), png.subarray(HEAD_BYTES)]);
}
