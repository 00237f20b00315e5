import { extname } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { ImageSizeError, InvalidOptionError } from '../engine/errors.ts';
import type { Size } from '../engine/image/box.ts';
import type { PlanarImage } from '../engine/options.ts';
import type { KeptMetadata } from './decode.ts';
import { exifBlock } from './exif-block.ts';
import { pngWith } from './png-with.ts';
import { EMPTY, type SampleFormat } from './samples.ts';

/** Formats that a result can be written in. */
export const OUTPUT_FORMATS = ['png', 'jpeg', 'webp', 'avif', 'tiff'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The endings of their files; the first of a format is its usual one. */
const ENDINGS: Readonly<Record<string, OutputFormat>> = {
  '.png': 'png',
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.webp': 'webp',
  '.avif': 'avif',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
};

/** The format that a file's name asks for; undefined where it cannot be written. */
export const formatOfName = (path: string): OutputFormat | undefined => ENDINGS[extname(path).toLowerCase()];

/** '.jpg' for 'jpeg'. */
export const endingOf = (format: OutputFormat): string =>
  Object.keys(ENDINGS).find((ending) => ENDINGS[ending] === format)!;

interface Writer {
  readonly alpha: boolean;
  /** Whether it holds 16 bits. */
  readonly deep: boolean;
  /** Pixels that a side may have. */
  readonly side: number;
  encode(image: Sharp): Sharp;
}

/** Throws InvalidOptionError unless --format can be that. */
export function checkFormatName(name: string): asserts name is OutputFormat {
  if (!(OUTPUT_FORMATS as readonly string[]).includes(name))
    throw InvalidOptionError.of('--format', `one of ${OUTPUT_FORMATS.join(', ')}`, name);
}

/** How each format is written, and what it can hold. */
const WRITERS: Readonly<Record<OutputFormat, Writer>> = {
  png: { alpha: true, deep: true, side: 2 ** 31 - 1, encode: (image) => image.png({ compressionLevel: 9 }) },
  tiff: { alpha: true, deep: true, side: 2 ** 31 - 1, encode: tiff },
  webp: {
    alpha: true,
    deep: false,
    side: 16383,
    encode: (image) => image.webp({ lossless: true, exact: true }),
  },
  avif: {
    alpha: true,
    deep: false,
    side: 16384,
    encode: (image) => image.avif({ quality: 90, chromaSubsampling: '4:4:4' }),
  },
  jpeg: { alpha: false, deep: false, side: 65500, encode: jpeg },
};

function tiff(image: Sharp): Sharp {
  return image.tiff({ compression: 'deflate', predictor: 'horizontal' });
}

function jpeg(image: Sharp): Sharp {
  return image.jpeg({ quality: 97, chromaSubsampling: '4:4:4' });
}

/** Throws InvalidOptionError unless results can be written under that name. */
export function checkOutputName(path: string, name: string): void {
  if (!formatOfName(path))
    throw InvalidOptionError.of(name, `a file name ending in ${Object.keys(ENDINGS).join(', ')}`, path);
}

/** Throws InvalidOptionError if a format cannot hold the transparency that an image has. */
export function checkHoldsAlpha(format: OutputFormat, transparent: boolean): void {
  if (!transparent || WRITERS[format].alpha) return;
  const able = OUTPUT_FORMATS.filter((name) => WRITERS[name].alpha);
  throw new InvalidOptionError(
    `${format.toUpperCase()} cannot hold the transparency of this image. Write it as ${able.join(', ')}.`,
  );
}

/** Throws ImageSizeError if a format cannot hold a picture of that size. */
export function checkHoldsSize(format: OutputFormat, { width, height }: Size): void {
  const { side } = WRITERS[format];
  if (Math.max(width, height) <= side) return;
  const able = OUTPUT_FORMATS.filter((name) => Math.max(width, height) <= WRITERS[name].side);
  throw new ImageSizeError(
    `${format.toUpperCase()} holds ${side} pixels a side, but ${width}×${height} are to be written. Write it as ${able.join(', ')}.`,
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
  return encodeAs(formatOfName(path)!, image, format, metadata);
}

/** As encodeImage, in a format by name. */
export async function encodeAs(
  output: OutputFormat,
  image: PlanarImage,
  format: SampleFormat,
  metadata: KeptMetadata = {},
): Promise<Buffer> {
  const writer = WRITERS[output];
  const bits = writer.deep ? format.bits : 8;
  const { samples, channels } = interleave(image, { ...format, bits, alpha: format.alpha && writer.alpha });
  const grey = channels <= 2;
  const space = bits === 16 ? (grey ? 'grey16' : 'rgb16') : grey ? 'b-w' : 'srgb';
  const raw = { width: image.width, height: image.height, channels };
  const pixels = sharp(samples, { raw, limitInputPixels: false }).toColourspace(space);
  const { profile, exif, xmp, density } = metadata;
  const told = exif && Object.keys({ ...exif.IFD0, ...exif.IFD2 }).length > 0 ? exifBlock(exif) : undefined;
  // sharp converts to the profiles that it is told of, and leaves samples alone only in the profile that they came with; of
  // EXIF that it did not come with it leaves but ASCII.
  const tagged =
    profile || told
      ? sharp(pngWith(await pixels.png({ compressionLevel: 0 }).toBuffer(), { profile, exif: told }), {
          limitInputPixels: false,
        }).toColourspace(space)
      : pixels;
  let written = writer.encode(tagged);
  if (profile) written = written.keepIccProfile();
  if (told) written = written.keepExif();
  if (xmp) written = written.withXmp(xmp);
  return (density ? written.withDensity(density) : written).toBuffer();
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
