import { readFile, stat } from 'node:fs/promises';
import { ImageSizeError, OutOfMemoryError } from '../engine/errors.ts';
import { type AnyImage, isPlanar, toPicture, toPlanes } from '../engine/image/picture.ts';
import { writeWhole } from './atomic-write.ts';
import { decodeImage, type FileImage, type KeptMetadata, type ReadOptions } from './decode.ts';
import { checkOutputName, encodeAs, formatOfName, type OutputFormat } from './encode.ts';
import { FileError, reasonOf } from './file-error.ts';
import { readPipe } from './read-pipe.ts';
import type { SampleFormat } from './samples.ts';

export { decodeImage, type FileImage, type KeptMetadata, type ReadOptions } from './decode.ts';
export type { SampleFormat } from './samples.ts';

/** An image file: where it lies, or its bytes. */
export type ImageSource = string | URL | Uint8Array | ArrayBuffer | Blob;

export const isImageSource = (image: unknown): image is ImageSource =>
  typeof image === 'string' ||
  image instanceof URL ||
  image instanceof Uint8Array ||
  image instanceof ArrayBuffer ||
  image instanceof Blob;

/**
 * Reads the first picture of a JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP or PNM, applies the EXIF orientation and converts from
 * the embedded ICC profile, or a PNG's gamma, to sRGB (CMYK included), unless `keepProfile` says otherwise. Of a file that ends too soon it gives what is there,
 * the rest transparent.
 *
 * @throws FileError 'unreadable'; ImageSizeError where it has more pixels than `maxPixels`, before it is decoded.
 * @example const image = await readImage('scan.jpg');
 */
export async function readImage(
  source: ImageSource,
  options?: ReadOptions & { /** What bytes are called in errors. */ readonly name?: string },
): Promise<FileImage> {
  const bytes = await readBytes(source);
  try {
    return await decodeImage(bytes, options);
  } catch (error) {
    const name = nameOf(source, options?.name);
    if (error instanceof ImageSizeError) throw new ImageSizeError(`${name}: ${error.message}`);
    const { message } = error as Error;
    if (NO_MEMORY.test(message))
      throw new OutOfMemoryError(
        `There is not enough memory, or too few addresses, to read ${name}: ${message.trim()}.`,
      );
    const reason = reasonOf(error)
      .split('\n')[0]
      .replace(/^Input (buffer|file|bit array) /i, 'it ')
      .replace(/[\s:.]+$/, '');
    throw new FileError('unreadable', `Cannot read ${name} as an image: ${reason}.`, {
      cause: error,
    });
  }
}

/** What sharp, libvips, glib and V8 say where memory, or addresses for a thread, are short. */
const NO_MEMORY = /creating thread|out of memory|cannot allocate|unable to (m|c)?alloc|allocation failed/i;

const nameOf = (source: ImageSource, name = 'the bytes given') =>
  typeof source === 'string' || source instanceof URL ? String(source) : name;

/** The bytes of an image file. Throws FileError 'unreadable'. */
export async function readBytes(source: ImageSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  try {
    if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
    const file = await stat(source);
    if (file.isCharacterDevice()) throw new Error('it is a device'); // some never end
    return file.isFIFO() ? await readPipe(source) : await readFile(source);
  } catch (error) {
    throw new FileError('unreadable', `Cannot read ${nameOf(source)}: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Whether anything of an image is transparent: many have an alpha channel that says nothing. */
export function isTransparent({ planes, format }: FileImage): boolean {
  return format.alpha && planes[3].some((a) => a < 1);
}

/** An image to be written; one that `readImage` or `restore` made of a file knows how its samples were stored. */
export type WritableImage = AnyImage & Partial<Pick<FileImage, 'format' | 'metadata'>>;

/**
 * Writes an image, whole or not at all, in the format of the name's ending: PNG, TIFF and WebP without loss, AVIF and JPEG
 * at high quality. Throws FileError 'unwritable', InvalidOptionError for another ending.
 *
 * @param format how its samples are stored; default: as an image from a file says, else 8 bits, grey for one plane.
 * @param metadata default: an image's from a file.
 */
export async function writeImage(
  path: string,
  image: WritableImage,
  format?: SampleFormat,
  metadata?: KeptMetadata,
): Promise<void> {
  checkOutputName(path, 'the output');
  await writeWhole(path, await imageBytes(image, formatOfName(path)!, format, metadata));
}

/**
 * The bytes of such a file.
 *
 * @example response.end(await imageBytes(result.image, 'png'));
 */
export async function imageBytes(
  image: WritableImage,
  output: OutputFormat,
  format: SampleFormat = image.format ?? plainFormat(image),
  metadata: KeptMetadata | undefined = image.metadata,
): Promise<Uint8Array> {
  const planar = isPlanar(image) ? image : toPlanes(toPicture(image));
  return encodeAs(output, planar, format, metadata);
}

function plainFormat(image: AnyImage): SampleFormat {
  const planes = isPlanar(image) ? image.planes.length : toPlanes(toPicture(image)).planes.length;
  return { bits: 8, grey: planes === 1, alpha: planes > 3 };
}
