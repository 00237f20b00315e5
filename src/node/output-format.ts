import { open, stat } from 'node:fs/promises';
import sharp from 'sharp';
import type { OutputFormat } from './encode.ts';
import { formatOf } from './formats.ts';

/** Formats that are read and written, as formatOf calls them. */
const WRITTEN: Readonly<Record<string, OutputFormat>> = {
  JPEG: 'jpeg',
  PNG: 'png',
  WebP: 'webp',
  AVIF: 'avif',
  TIFF: 'tiff',
};
const HEAD_BYTES = 32;

/** The format of a file's bytes, where it can be written too. */
export const writtenFormatOf = (bytes: Uint8Array): OutputFormat | undefined =>
  WRITTEN[formatOf(bytes) ?? ''];

/**
 * The format for the result of a file: its own, where that loses nothing visible, else PNG: of AVIF with more than 8 bits,
 * GIF, BMP, PNM and what cannot be read.
 *
 * @param source a path, or the bytes.
 */
export async function resultFormatOf(source: string | Uint8Array): Promise<OutputFormat> {
  const head = typeof source === 'string' ? await headOf(source).catch(() => new Uint8Array()) : source;
  const format = writtenFormatOf(head) ?? 'png';
  return format === 'avif' && (await isDeep(source)) ? 'png' : format;
}

async function headOf(path: string): Promise<Uint8Array> {
  if (!(await stat(path)).isFile()) return new Uint8Array(); // what is read of a pipe is gone
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function isDeep(source: string | Uint8Array): Promise<boolean> {
  const metadata = await sharp(source)
    .metadata()
    .catch(() => undefined);
  return metadata?.depth === 'ushort';
}
