import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { InvalidOptionError } from '../engine/errors.ts';
import type { PlanarImage } from '../engine/options.ts';
import { writeWhole } from './atomic-write.ts';
import { type ExifText, readExifText } from './exif.ts';
import { FileError, reasonOf } from './file-error.ts';

/** How the samples of a file are stored, so that a result can be stored alike. */
export interface SampleFormat {
  readonly bits: 8 | 16;
  readonly grey: boolean;
  readonly alpha: boolean;
}

/** What is carried from the source file into the result. */
export interface KeptMetadata {
  /** Pixels per inch. */
  readonly density?: number;
  readonly exif?: ExifText;
  readonly xmp?: string;
}

/**
 * An image read from a file: upright, in sRGB, samples in [0, 1] at the file's full depth. Grey with alpha has four
 * planes, the first three alike.
 */
export interface FileImage extends PlanarImage {
  /** What kind of file it was, as sharp names it: 'jpeg', 'png', … */
  readonly container: string;
  readonly format: SampleFormat;
  readonly metadata: KeptMetadata;
  /** The EXIF orientation it was turned upright by, 1 … 8; default 1 = as stored. */
  readonly orientation?: number;
  /** What to know about how it was read, in sentences. */
  readonly notes: readonly string[];
  /** The file's bytes, if it is a JPEG whose pixels are taken as stored: its tables tell how it was compressed. */
  readonly jpeg?: Uint8Array;
}

const READABLE = new Set(['jpeg', 'png', 'webp', 'heif', 'avif', 'tiff', 'gif']);

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
 * Reads JPEG, PNG, WebP, AVIF, TIFF or the first frame of a GIF, applies the EXIF orientation and converts from the
 * embedded ICC profile to sRGB (CMYK included). Throws FileError 'unreadable'.
 */
export async function readImage(path: string): Promise<FileImage> {
  const bytes = await readBytes(path);
  try {
    return await decodeImage(bytes);
  } catch (error) {
    const reason = reasonOf(error).replace(/^Input (buffer|file) /, 'it ');
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

/** Decodes the bytes of an image file. Rejects with sharp's error when they are not one. */
export async function decodeImage(bytes: Uint8Array): Promise<FileImage> {
  const source = sharp(bytes, { failOn: 'error' });
  const metadata = await source.metadata();
  if (!READABLE.has(metadata.format))
    throw new Error(`its format is ${metadata.format}; JPEG, PNG, WebP, AVIF, TIFF and GIF can be read`);
  const format = sampleFormat(metadata);
  const deep = format.bits === 16;
  // 8-bit grey is read as sRGB too: asked for 'b-w', sharp drops the alpha channel.
  const space = deep ? (format.grey ? 'grey16' : 'rgb16') : 'srgb';
  const { data, info } = await source
    .autoOrient()
    .toColourspace(space)
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const samples = deep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  const planes = deinterleave(samples, info.channels, format, deep ? 65535 : 255);
  return {
    planes,
    width: info.width,
    height: info.height,
    container: metadata.format,
    format,
    metadata: keptMetadata(metadata),
    orientation: metadata.orientation,
    notes: [],
    ...(takenAsStored(metadata) ? { jpeg: bytes } : {}),
  };
}

/** Turned or converted pixels no longer lie on the grid and the levels that a JPEG's tables speak of. */
function takenAsStored({ format, orientation = 1, space, icc }: Metadata): boolean {
  const names = [Buffer.from('sRGB'), Buffer.from('sRGB', 'utf16le').swap16()];
  const standard = icc === undefined || names.some((name) => icc.includes(name));
  return format === 'jpeg' && orientation === 1 && space !== 'cmyk' && standard;
}

function sampleFormat(metadata: Metadata): SampleFormat {
  const grey = metadata.space === 'b-w' || metadata.space === 'grey16';
  const deep = ['ushort', 'short', 'uint', 'int', 'float', 'double'].includes(metadata.depth);
  return { bits: deep ? 16 : 8, grey, alpha: metadata.hasAlpha };
}

function deinterleave(
  samples: Uint8Array | Uint16Array,
  channels: number,
  format: SampleFormat,
  white: number,
): Float32Array[] {
  const colours = channels - (format.alpha ? 1 : 0);
  const plane = (channel: number) => {
    const values = new Float32Array(samples.length / channels);
    for (let i = 0; i < values.length; i++) values[i] = samples[i * channels + channel] / white;
    return values;
  };
  if (format.grey && !format.alpha) return [plane(0)];
  const rgb = [0, 1, 2].map((channel) => plane(Math.min(channel, colours - 1)));
  return format.alpha ? [...rgb, plane(channels - 1)] : rgb;
}

function keptMetadata({ density, exif, xmpAsString }: Metadata): KeptMetadata {
  return {
    ...(density ? { density } : {}),
    ...(exif ? { exif: readExifText(exif) } : {}),
    ...(xmpAsString ? { xmp: xmpAsString } : {}),
  };
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
 * quality without chroma subsampling; 16 bits where `format` has them and the file format too.
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
  const colours = planes.length === 1 ? planes.slice(0, 1) : planes.slice(0, 3);
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
