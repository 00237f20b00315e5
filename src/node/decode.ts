import sharp, { type Metadata } from 'sharp';
import { turned, turnedSize } from '../engine/image/fit-mask.ts';
import type { PlanarImage } from '../engine/options.ts';
import { readBmp } from './bmp.ts';
import { coarselyFilled, mendedPng } from './cut-png.ts';
import { presentPixels, presentRows, type Rescued, rescue, withoutBlanks } from './cut-short.ts';
import { isLossyWebp, isShortWebp } from './cut-webp.ts';
import { type ExifText, readExifDensity, readExifText } from './exif.ts';
import { formatOf, READABLE } from './formats.ts';
import { firstFrame, isInFrame } from './gif-frame.ts';
import { HOW_TO_READ_HEIC, heicAsPng } from './heic.ts';
import { picturesOf } from './mpf.ts';
import { checkPixels, MAX_PIXELS } from './pixel-limit.ts';
import { framesOf, hasEnd } from './png-chunks.ts';
import { hdrOf, pngColourOf, toSrgb } from './png-colour.ts';
import { readPnm } from './pnm.ts';
import { EMPTY, planesOf, type SampleFormat, type Samples } from './samples.ts';
import { firstWhole, moreChannels, rareTiff } from './tiff-kind.ts';
import { isYcbcrTiff, readTiffNumbers, ycbcrToRgb } from './tiff-samples.ts';
import { keptXmp } from './xmp.ts';

/** What is carried from the source file into the result. */
export interface KeptMetadata {
  /** Pixels per inch. */
  readonly density?: number;
  readonly exif?: ExifText;
  readonly xmp?: string;
  /** The ICC profile that the samples are in; absent = they are sRGB. */
  readonly profile?: Uint8Array;
}

export interface ReadOptions {
  /** Most pixels that are decoded; default 100 million. */
  readonly maxPixels?: number;
  /** Whether samples stay in their file's RGB or grey profile, e.g. Display P3, instead of becoming sRGB; default false. */
  readonly keepProfile?: boolean;
}

/**
 * An image read from a file: upright, in sRGB unless its profile was kept, samples in [0, 1] at the file's full depth. Grey with alpha has four
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
  /** Its file ends too soon or is damaged: what was read of it is whole, its bytes are not. */
  readonly rescued?: boolean;
  /** The bytes of a file that tells what its pixels went through: a JPEG whose colours are as stored, a GIF, or a PNG with a palette. */
  readonly file?: Uint8Array;
}

/**
 * Decodes the bytes of an image file: its first picture, upright, in sRGB. A file that ends too soon gives what is there.
 * Rejects with ImageSizeError where it has more than `maxPixels`, else with the reason, a clause, where there is nothing.
 */
export async function decodeImage(
  file: Uint8Array,
  { maxPixels = MAX_PIXELS, keepProfile = false }: ReadOptions = {},
): Promise<FileImage> {
  if (file.length === 0) throw new Error('it is empty');
  const name = formatOf(file);
  const bytes = name === 'JPEG' ? withoutBlanks(file) : file;
  const check = (width: number, height: number) => checkPixels(width, height, maxPixels);
  if (name === 'BMP') return ofSamples('bmp', await readBmp(bytes, check));
  if (name === 'PNM') return ofSamples('pnm', readPnm(bytes, check));
  const read = (failOn: 'error' | 'none') =>
    sharp(bytes, { failOn, limitInputPixels: false, page: pageOf(bytes) })
      .metadata()
      .catch(() => undefined);
  const strict = await read('error');
  const lenient = strict ?? (await read('none'));
  if (lenient) check(lenient.width, lenient.height);
  if (name === 'TIFF' && !(strict && PLAIN.has(strict.depth))) return ofNumbers(bytes, strict, check);
  try {
    if (name === 'JPEG') return await ofJpeg(bytes, keepProfile);
    const image = await ofSharp(bytes, { keepProfile });
    return name === 'PNG' && !hasEnd(bytes) ? { ...withNote(image, ENDLESS), rescued: true } : image;
  } catch {
    if (name === undefined) throw new Error(`its format is unknown; ${READABLE} can be read`);
    const kind = name === 'TIFF' ? rareTiff(bytes) : undefined;
    if (kind) throw new Error(kind);
    const mended = name === 'PNG' && lenient ? await ofMendedPng(bytes, keepProfile) : undefined;
    if (mended) return { ...mended, rescued: true };
    const rescued = KNOWN.has(name) ? await rescue(bytes, name) : undefined;
    if (rescued) return { ...(await ofRescued(rescued, keepProfile)), rescued: true };
    if (KNOWN.has(name))
      throw new Error(
        `it is ${name}, ${name === 'WebP' && isShortWebp(bytes) ? 'but cut short' : BROKEN}: nothing of it can be read`,
      );
    if (name === 'HEIC') return ofHeic(bytes, lenient, keepProfile);
    throw new Error(`it is ${name}, which cannot be read here; convert it to one of ${READABLE}`);
  }
}

const LOSSY_WEBP = 'It is a lossy WebP: what that compression took stays, only that of JPEG is undone.';
const CMYK_JPEG = 'It is a JPEG in CMYK: what its compression took stays.';
const DAMAGED = 'The file is damaged: parts of the picture may be wrong.';
const ENDLESS = 'The end of the file is missing; the picture is whole.';
const BROKEN = 'but damaged, cut short or of a rare kind';

/** Samples that sharp reads as they are. */
const PLAIN = new Set(['uchar', 'ushort']);
/** Formats of which a picture that cannot be read is damaged. */
const KNOWN = new Set(['JPEG', 'PNG', 'WebP', 'AVIF', 'TIFF', 'GIF']);
const DECODED = new Set(['jpeg', 'png', 'webp', 'heif', 'avif', 'tiff', 'gif']);

function ofSamples(
  container: string,
  { present, ...samples }: Samples & { present?: Float32Array },
): FileImage {
  const { width, height, format } = samples;
  const image = { planes: planesOf(samples), width, height, container, format, metadata: {}, notes: [] };
  return present ? cutShort(image, present) : image;
}

async function ofNumbers(
  bytes: Uint8Array,
  metadata: Metadata | undefined,
  check: (width: number, height: number) => void,
): Promise<FileImage> {
  const { samples, notes } = await readTiffNumbers(bytes, check);
  const image = ofSamples('tiff', samples);
  return {
    ...image,
    ...(metadata ? about(metadata) : {}),
    notes: [...notes, ...(metadata ? pagesNote({ ...metadata, pages: pagesIn(bytes, metadata) }) : [])],
  };
}

/** Of a JPEG whose decoder complains, its data may end before its picture does though the file is closed, or are wrong within. */
async function ofJpeg(bytes: Uint8Array, keepProfile: boolean): Promise<FileImage> {
  const sound = await ofSharp(bytes, { keepProfile, failOn: 'warning' }).catch(() => undefined);
  if (sound) return sound;
  const image = await ofSharp(bytes, { keepProfile });
  const present = presentRows(image);
  return present ? { ...cutShort(image, present), rescued: true } : withNote(image, DAMAGED);
}

async function ofSharp(
  bytes: Uint8Array,
  {
    keepProfile,
    failOn = 'error',
    upright = false,
  }: { keepProfile: boolean; failOn?: 'warning' | 'error' | 'none'; upright?: boolean },
): Promise<FileImage> {
  const options = { failOn, limitInputPixels: false, page: pageOf(bytes) };
  const metadata = await sharp(bytes, options).metadata();
  const profile = keepProfile ? ownProfile(metadata) : undefined;
  const source = sharp(bytes, { ...options, ignoreIcc: profile !== undefined });
  if (!DECODED.has(metadata.format)) throw new Error(`it is ${metadata.format}`);
  const more = metadata.format === 'tiff' ? moreChannels(bytes) : undefined;
  const format = { ...sampleFormat(metadata), ...(more ? { alpha: more.alphaAt !== undefined } : {}) };
  const deep = format.bits === 16;
  // 8-bit grey is read as sRGB too: asked for 'b-w', sharp drops the alpha channel.
  const space = deep ? (format.grey ? 'grey16' : 'rgb16') : 'srgb';
  const { data, info } = await (upright ? source : source.autoOrient())
    .toColourspace(space)
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const samples = deep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  const white = deep ? 65535 : 255;
  const planes = planesOf({ data: samples, width, height, channels, format, white, alphaAt: more?.alphaAt });
  const colour = metadata.format === 'png' ? pngColourOf(bytes) : undefined;
  const hdr = metadata.format === 'png' ? hdrOf(bytes) : undefined;
  if (colour) toSrgb(planes, colour);
  if (metadata.format === 'tiff' && isYcbcrTiff(bytes)) ycbcrToRgb(planes);
  const image = { planes, width, height, container: metadata.format, format };
  return {
    ...(metadata.format === 'gif' ? onCanvas(image, bytes) : image),
    ...about(metadata.format === 'tiff' ? { ...metadata, exif: Buffer.from(bytes) } : metadata, profile),
    notes: [
      ...pagesNote({ ...metadata, pages: pagesIn(bytes, metadata) }),
      ...(more
        ? [
            `The file has ${more.count} more channel${more.count > 1 ? 's' : ''}, as of saved selections: left out.`,
          ]
        : []),
      ...(hdr
        ? [`Its colours are meant for HDR screens (${hdr}): they are taken as if they were sRGB.`]
        : []),
      ...(metadata.format === 'webp' && isLossyWebp(bytes) ? [LOSSY_WEBP] : []),
      ...(metadata.format === 'jpeg' && metadata.space === 'cmyk' ? [CMYK_JPEG] : []),
    ],
    ...(takenAsStored(metadata, profile) || metadata.format === 'gif' || metadata.isPalette
      ? { file: bytes }
      : {}),
  };
}

/** Known by its header only, which tells how many pictures it has. */
async function ofHeic(
  bytes: Uint8Array,
  header: Metadata | undefined,
  keepProfile: boolean,
): Promise<FileImage> {
  const png = await heicAsPng(bytes, header?.pagePrimary ?? 0);
  if (!png)
    throw new Error(
      `it is HEIC, which cannot be read here; ${HOW_TO_READ_HEIC}, or convert it to one of ${READABLE}`,
    );
  // EXIF says how the sensor was held; the file itself, which way its picture is turned.
  const image = await ofSharp(png, { keepProfile, upright: true });
  return { ...image, container: 'heif', orientation: undefined, notes: header ? pagesNote(header) : [] };
}

/** A GIF's first frame may be smaller than its canvas, which shows through around it. */
function onCanvas<I extends Omit<FileImage, 'metadata' | 'notes'>>(image: I, bytes: Uint8Array): I {
  const { planes, width, height, format } = image;
  const frame = firstFrame(bytes);
  if (!frame || (frame.width >= width && frame.height >= height)) return image;
  const [r, g = r, b = r, alpha] = planes;
  const shown = r.map((_, i) => (isInFrame(frame, i, width) ? (alpha?.[i] ?? 1) : 0));
  return { ...image, planes: [r, g, b, shown], format: { ...format, alpha: true } };
}

/** The decoder leaves what is missing of a GIF transparent; undefined where it is no GIF, or other pixels of it may be so too. */
function presentInGif({ container, planes, width }: FileImage, bytes: Uint8Array): Float32Array | undefined {
  const frame = container === 'gif' ? firstFrame(bytes) : undefined;
  if (!frame || frame.transparent) return undefined;
  return planes.at(3)?.map((a, i) => (a > 0 || !isInFrame(frame, i, width) ? 1 : 0));
}

/** What can be read of a file that ends too soon or is damaged. */
async function ofRescued({ bytes, whole, firstMissing }: Rescued, keepProfile: boolean): Promise<FileImage> {
  const image = await ofSharp(bytes, { keepProfile, failOn: 'none' });
  const { isProgressive, format } = await sharp(bytes, {
    failOn: 'none',
    limitInputPixels: false,
  }).metadata();
  // Of one sent coarse to fine, the last passes may be missing without a sign.
  if (format === 'jpeg' && isProgressive) return withNote(image, COARSE);
  if (whole) return withNote(image, ENDLESS);
  if (firstMissing !== undefined) {
    const { width, height } = image;
    const present = new Float32Array(width * height).fill(1, 0, width * firstMissing);
    return cutShort(image, present);
  }
  const present =
    presentInGif(image, bytes) ?? presentPixels(image.planes, image.width, image.height, image.orientation);
  if (!present) return withNote(image, DAMAGED);
  return cutShort(image, present);
}

/** What is left of a PNG that ends too soon or is damaged; undefined where that is nothing. */
async function ofMendedPng(bytes: Uint8Array, keepProfile: boolean): Promise<FileImage | undefined> {
  const mended = await mendedPng(bytes);
  if (!mended) return undefined;
  const { known, interlaced, damaged } = mended;
  const { planes, ...stored } = await ofSharp(mended.bytes, { keepProfile, upright: true });
  const { orientation = 1 } = stored;
  const shown = interlaced ? planes.map((plane) => coarselyFilled(plane, known, stored)) : planes;
  const image = {
    ...stored,
    ...turnedSize(stored, orientation),
    planes: shown.map((plane) => turned(plane, stored, orientation)),
    notes: [...stored.notes, ...(damaged ? [DAMAGED] : [])],
  };
  if (known.every((is) => is === 1)) return image;
  return interlaced
    ? { ...image, notes: [...image.notes, COARSE] }
    : cutShort(image, new Float32Array(turned(known, stored, orientation)));
}

const COARSE = 'The file is cut short: the picture is there, but parts of it perhaps only coarsely.';

const withNote = (image: FileImage, note: string): FileImage => ({ ...image, notes: [...image.notes, note] });

/** Missing pixels are hidden, as transparent, from whatever looks at the picture; a file shows them in one grey. */
function cutShort(image: FileImage, present: Float32Array): FileImage {
  const [r, g = r, b = r, alpha] = image.planes;
  const missing = 1 - present.reduce((sum, is) => sum + is, 0) / present.length;
  if (missing > 0.999) throw new Error('it is cut short, and nothing of the picture is in it');
  const note = `${image.notes.includes(DAMAGED) ? '' : 'The file is cut short: '}${Math.max(1, Math.round(100 * missing))} % of the picture is missing and stays grey.`;
  const emptied = (plane: Float32Array) => plane.map((value, i) => (present[i] ? value : EMPTY));
  const transparent = alpha?.some((a, i) => present[i] === 1 && a < 1) ?? false;
  return {
    ...image,
    planes: [...[r, g, b].map(emptied), alpha && transparent ? alpha.map((a, i) => a * present[i]) : present],
    format: { ...image.format, alpha: transparent },
    notes: [...image.notes, note],
  };
}

function about(metadata: Metadata, profile?: Uint8Array): Pick<FileImage, 'metadata' | 'orientation'> {
  const kept = { ...keptMetadata(metadata), ...(profile ? { profile } : {}) };
  return { metadata: kept, orientation: metadata.orientation };
}

/** The profile of samples that are RGB or grey as stored: others, CMYK's, must be converted. */
function ownProfile({ icc, space }: Metadata): Uint8Array | undefined {
  const colours = { srgb: 'RGB ', rgb: 'RGB ', rgb16: 'RGB ', 'b-w': 'GRAY', grey16: 'GRAY' }[
    space as string
  ];
  return colours && icc?.toString('latin1', 16, 20) === colours ? icc : undefined; // ICC.1:2022, 7.2.8
}

/** How many there are, also of formats of which libvips counts one. */
function pagesIn(bytes: Uint8Array, { format, pages }: Metadata): number | undefined {
  if (format === 'png') return framesOf(bytes);
  if (format === 'tiff') return firstWhole(bytes).pages || pages;
  return format === 'jpeg' ? picturesOf(bytes) : pages;
}

/** The page that is worked on. */
const pageOf = (bytes: Uint8Array): number => (formatOf(bytes) === 'TIFF' ? firstWhole(bytes).page : 0);

/** What a file has several of; else frames. */
const SEVERAL: Readonly<Record<string, string>> = { tiff: 'pages', heif: 'pictures', jpeg: 'pictures' };

function pagesNote({ pages = 1, format }: Metadata): string[] {
  if (pages <= 1) return [];
  return [
    `The file has ${pages} ${SEVERAL[format ?? ''] ?? 'frames'}: the first is worked on, the others are left out.`,
  ];
}

/** Converted pixels no longer lie on the levels that a JPEG's tables speak of. */
function takenAsStored({ format, space, icc }: Metadata, profile?: Uint8Array): boolean {
  const names = [Buffer.from('sRGB'), Buffer.from('sRGB', 'utf16le').swap16()];
  const standard = profile !== undefined || icc === undefined || names.some((name) => icc.includes(name));
  return format === 'jpeg' && space !== 'cmyk' && standard;
}

function sampleFormat(metadata: Metadata): SampleFormat {
  const grey = metadata.space === 'b-w' || metadata.space === 'grey16';
  const deep = ['ushort', 'short', 'uint', 'int', 'float', 'double'].includes(metadata.depth);
  return { bits: deep ? 16 : 8, grey, alpha: metadata.hasAlpha };
}

function keptMetadata({ density: told, exif, xmpAsString }: Metadata): KeptMetadata {
  const density = told ?? (exif && readExifDensity(exif));
  const xmp = xmpAsString ? keptXmp(xmpAsString) : undefined;
  return {
    ...(density ? { density } : {}),
    ...(exif ? { exif: readExifText(exif) } : {}),
    ...(xmp ? { xmp } : {}),
  };
}
