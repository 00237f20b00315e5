import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { InvalidOptionError } from '../engine/errors.ts';
import type { PlanarImage } from '../engine/options.ts';
import { writeWhole } from './atomic-write.ts';
import { decodeImage, type FileImage, type KeptMetadata } from './decode.ts';
import { FileError, reasonOf } from './file-error.ts';
import { EMPTY, type SampleFormat } from './samples.ts';

export { decodeImage, type FileImage, type KeptMetadata } from './decode.ts';
export type { SampleFormat } from './samples.ts';

/** File formats a result can be written in, by extension; the first of a kind is its usual one. */
const WRITERS: Readonly<Record<string, { alpha: boolean; deep: boolean; encode(image: Sharp): Sharp }>> = {
  '.png': { alpha: true, deep: true, encode: (image) => image.png({ compressionLevel: 9 }) },
  '.tif': { alpha: true, deep: true, encode: tiff },
  '.tiff': { alpha: true, deep: true, encode: tiff },
  '.webp': { alpha: true, deep: false, encode: (image) => image.webp({ lossless: true, exact: true }) },
  '.avif': {
    alpha: true,
    deep: false,
    encode: (image) => image.avif({ quality: 90, chromaSubsampling: '4:4:4' }),
  },
  '.jpg': { alpha: false, deep: false, encode: jpeg },
  '.jpeg': { alpha: false, deep: false, encode: jpeg },
};

function tiff(image: Sharp): Sharp {
  return image.tiff({ compression: 'deflate', predictor: 'horizontal' });
}

function jpeg(image: Sharp): Sharp {
  return image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' });
}

/**
 * Reads the first picture of a JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP or PNM, applies the EXIF orientation and converts from
 * the embedded ICC profile, or a PNG's gamma, to sRGB (CMYK included). Of a file that ends too soon it gives what is there,
 * the rest transparent. Throws FileError 'unreadable'.
 */
export async function readImage(path: string): Promise<FileImage> {
  const bytes = await readBytes(path);
  try {
    return await decodeImage(bytes);
  } catch (error) {
    const reason = reasonOf(error)
      .split('\n')[0]
      .replace(/^Input (buffer|file) /, 'it ');
    throw new FileError('unreadable', `Cannot read ${path} as an image: ${reason}.`, { cause: error });
  }
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new FileError('unreadable', `Cannot read ${path}: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Whether anything of an image is transparent: many have an alpha channel that says nothing. */
export function isTransparent({ planes, format }: FileImage): boolean {
  return format.alpha && planes[3].some((a) => a < 1);
}

/** Throws InvalidOptionError unless results can be written under that name and hold what `format` asks for. */
export function checkOutputName(path: string, name: string, needsAlpha = false): void {
  const writer = WRITERS[extname(path).toLowerCase()];
  const endings = Object.keys(WRITERS).filter((ending) => !needsAlpha || WRITERS[ending].alpha);
  if (!writer) throw InvalidOptionError.of(name, `a file name ending in ${endings.join(', ')}`, path);
  if (needsAlpha && !writer.alpha)
    throw new InvalidOptionError(
      `${name} is ${path}, but JPEG cannot hold the transparency of this image. Use ${endings.join(', ')}.`,
    );
}

/**
 * Encodes an image in the format of the file name's ending: PNG, TIFF and WebP without loss, AVIF and JPEG at high
 * quality without chroma subsampling; 16 bits where `format` has them and the file format too. Without alpha, what is
 * transparent becomes grey.
 */
export async function encodeImage(
  path: string,
  image: PlanarImage,
  format: SampleFormat,
  metadata: KeptMetadata = {},
): Promise<Buffer> {
  checkOutputName(path, 'the output');
  const writer = WRITERS[extname(path).toLowerCase()];
  const bits = writer.deep ? format.bits : 8;
  const { samples, channels } = interleave(image, { ...format, bits, alpha: format.alpha && writer.alpha });
  const grey = channels <= 2;
  const space = bits === 16 ? (grey ? 'grey16' : 'rgb16') : grey ? 'b-w' : 'srgb';
  const raw = { width: image.width, height: image.height, channels };
  const pixels = sharp(samples, { raw }).toColourspace(space);
  return withMetadata(writer.encode(pixels), metadata).toBuffer();
}

function withMetadata(image: Sharp, { density, exif, xmp }: KeptMetadata): Sharp {
  if (exif && Object.keys({ ...exif.IFD0, ...exif.IFD2 }).length > 0) image = image.withExif({ ...exif });
  if (xmp) image = image.withXmp(xmp);
  return density ? image.withDensity(density) : image;
}

function interleave(image: PlanarImage, { bits, grey, alpha }: SampleFormat) {
  const { planes } = image;
  const [, , , opacity] = planes;
  const over = (plane: Float32Array) => plane.map((value, i) => EMPTY + opacity[i] * (value - EMPTY));
  const colours = planes.slice(0, 3).map((plane) => (opacity && !alpha ? over(plane) : plane));
  const shown = grey ? [meanPlane(colours)] : colours;
  const used = alpha && planes.length === 4 ? [...shown, planes[3]] : shown;
  const channels = used.length as 1 | 2 | 3 | 4;
  const size = image.width * image.height * channels;
  const samples = bits === 16 ? new Uint16Array(size) : new Uint8Array(size);
  const white = bits === 16 ? 65535 : 255;
  used.forEach((plane, channel) => {
    for (let i = 0; i < plane.length; i++)
      samples[i * channels + channel] = Math.round(Math.min(Math.max(plane[i], 0), 1) * white);
  });
  return { samples, channels };
}

/** Grey with alpha is worked on as RGB, whose channels may drift apart. */
function meanPlane(planes: readonly Float32Array[]): Float32Array {
  if (planes.length === 1) return planes[0];
  return planes[0].map((value, i) => (value + planes[1][i] + planes[2][i]) / 3);
}

/**
 * Writes a picture that nothing was done to: the file as it is where the name asks for its own format, else its samples
 * in the other. Throws FileError.
 */
export async function writeUntouched(path: string, source: string, image: FileImage): Promise<void> {
  const same = CONTAINERS[extname(path).toLowerCase()] === image.container;
  await writeWhole(
    path,
    same ? await readBytes(source) : await encodeImage(path, image, image.format, image.metadata),
  );
}

/** What files of these endings hold, as sharp names it. */
const CONTAINERS: Readonly<Record<string, string>> = {
  '.png': 'png',
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.webp': 'webp',
  '.avif': 'heif',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
};

/** Encodes an image (see encodeImage) and writes it whole or not at all. Throws FileError 'unwritable'. */
export async function writeImage(
  path: string,
  image: PlanarImage,
  format: SampleFormat,
  metadata?: KeptMetadata,
): Promise<void> {
  await writeWhole(path, await encodeImage(path, image, format, metadata));
}
