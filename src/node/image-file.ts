import { readFile } from 'node:fs/promises';
import { ImageSizeError } from '../engine/errors.ts';
import type { PlanarImage } from '../engine/options.ts';
import { writeWhole } from './atomic-write.ts';
import { decodeImage, type FileImage, type KeptMetadata } from './decode.ts';
import { encodeImage } from './encode.ts';
import { FileError, reasonOf } from './file-error.ts';
import type { SampleFormat } from './samples.ts';

export { decodeImage, type FileImage, type KeptMetadata } from './decode.ts';
export type { SampleFormat } from './samples.ts';

/** An image file: where it lies, or its bytes. */
export type ImageSource = string | URL | Uint8Array | ArrayBuffer | Blob;

export interface ReadOptions {
  /** Most pixels that are decoded; default 100 million. */
  readonly maxPixels?: number;
}

/**
 * Reads the first picture of a JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP or PNM, applies the EXIF orientation and converts from
 * the embedded ICC profile, or a PNG's gamma, to sRGB (CMYK included). Of a file that ends too soon it gives what is there,
 * the rest transparent.
 *
 * @throws FileError 'unreadable'; ImageSizeError where it has more pixels than `maxPixels`, before it is decoded.
 * @example const image = await readImage('scan.jpg');
 */
export async function readImage(source: ImageSource, { maxPixels }: ReadOptions = {}): Promise<FileImage> {
  const bytes = await readBytes(source);
  try {
    return await decodeImage(bytes, maxPixels);
  } catch (error) {
    if (error instanceof ImageSizeError) throw new ImageSizeError(`${nameOf(source)}: ${error.message}`);
    const reason = reasonOf(error)
      .split('\n')[0]
      .replace(/^Input (buffer|file) /, 'it ');
    throw new FileError('unreadable', `Cannot read ${nameOf(source)} as an image: ${reason}.`, {
      cause: error,
    });
  }
}

const nameOf = (source: ImageSource) =>
  typeof source === 'string' || source instanceof URL ? String(source) : 'the bytes given';

/** The bytes of an image file. Throws FileError 'unreadable'. */
export async function readBytes(source: ImageSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  try {
    return source instanceof Blob ? new Uint8Array(await source.arrayBuffer()) : await readFile(source);
  } catch (error) {
    throw new FileError('unreadable', `Cannot read ${nameOf(source)}: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Whether anything of an image is transparent: many have an alpha channel that says nothing. */
export function isTransparent({ planes, format }: FileImage): boolean {
  return format.alpha && planes[3].some((a) => a < 1);
}

/** Encodes an image (see encodeImage) and writes it whole or not at all. Throws FileError 'unwritable'. */
export async function writeImage(
  path: string,
  image: PlanarImage,
  format: SampleFormat,
  metadata?: KeptMetadata,
): Promise<void> {
  await writeWhole(path, await encodeImage(path, image, format, metadata));
}
