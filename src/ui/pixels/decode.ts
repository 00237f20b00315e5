import type { Size } from '../../engine/image/box.ts';
import { draw } from './browser-decoder.ts';
import type { Raster } from './crop.ts';
import { isJpeg, jpegFacts } from './jpeg-file.ts';
import { isPng, type PngChunk, pngFacts, profileChunk } from './png-file.ts';
import { readPng } from './png-pixels.ts';
import { ReadError } from './read-error.ts';
import { stencilOf } from './stencil.ts';
import { webpSize } from './webp-file.ts';

export interface DecodedImage {
  /** RGBA, straight alpha, the file's own samples: no colour conversion. Of a stencil its alpha, as grey. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly format: 'PNG' | 'JPEG' | 'WebP';
  /** Set where the picture is all alpha: the samples as they were. */
  readonly stencil?: Raster;
  /** How the samples are to be seen; goes into the result so that its colours match. */
  readonly colour: readonly PngChunk[];
  readonly jpegQuality: number | undefined;
  /** What was converted on the way, each a sentence. */
  readonly notes: readonly string[];
}

/** Most pixels of a file that is opened: an old image of 8192 px a side; Figma keeps new ones to 4096. */
const MAX_PIXELS = 8192 ** 2;

/** Before anything is decoded: a header of 71 bytes may ask for gigabytes. */
function checkSize({ width, height }: Size): void {
  if (width * height > MAX_PIXELS)
    throw new ReadError(
      `This image says it has ${width} × ${height} pixels: more than can be worked on. Make it smaller first.`,
    );
}

const EMPTY = { colour: [], jpegQuality: undefined, notes: [] } as const;

/**
 * PNG, JPEG or WebP bytes → RGBA. `expected` is the size Figma reports: it tells whether Figma turned the picture by
 * its EXIF orientation. Throws ReadError.
 */
export async function decodeImage(bytes: Uint8Array, expected?: Size): Promise<DecodedImage> {
  if (isPng(bytes)) return decodePng(bytes);
  if (isJpeg(bytes)) return decodeJpeg(bytes, expected);
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) {
    const size = webpSize(bytes);
    if (!size) throw new ReadError('This WebP file is damaged: it ends too soon.');
    checkSize(size);
    return { ...(await draw(bytes, 'image/webp')), ...EMPTY, format: 'WebP' };
  }
  if (head.startsWith('GIF8'))
    throw new ReadError('GIF images cannot be restored. Use a PNG or JPEG instead.');
  throw new ReadError('This file is not a PNG, JPEG or WebP image. Export it as PNG and try again.');
}

async function decodePng(bytes: Uint8Array): Promise<DecodedImage> {
  const facts = pngFacts(bytes);
  if (!facts) throw new ReadError('This PNG file is damaged: it ends too soon.');
  checkSize(facts);
  const notes: string[] = [];
  if (facts.animated) notes.push('The image is animated: only its first frame is used.');
  if (facts.depth === 16) notes.push('16 bits a channel become 8, as they are shown.');
  const exact = facts.hasAlpha || facts.depth === 16;
  // A canvas multiplies colours by their alpha and so loses them; it is only used where there is none.
  const raster = exact ? await readPng(bytes, facts) : await draw(bytes, 'image/png');
  const grey = facts.hasAlpha ? stencilOf(raster) : undefined;
  if (grey) notes.push('Only its transparency holds a picture: that is what is worked on.');
  const about = { format: 'PNG', colour: facts.colour, jpegQuality: undefined, notes } as const;
  return grey ? { ...grey, stencil: raster, ...about } : { ...raster, ...about };
}

async function decodeJpeg(bytes: Uint8Array, expected?: Size): Promise<DecodedImage> {
  const facts = jpegFacts(bytes);
  if (!facts) throw new ReadError('This JPEG file is damaged: it ends too soon.');
  checkSize(facts);
  if (facts.components === 4)
    throw new ReadError('This JPEG is in CMYK, for print. Save it as RGB and place it again.');
  const turned = facts.orientation > 4;
  const stored =
    expected !== undefined &&
    turned &&
    expected.width === facts.width &&
    expected.height === facts.height &&
    facts.width !== facts.height;
  const colourSpace = facts.profile && String.fromCharCode(...facts.profile.subarray(16, 20));
  const keepsProfile = colourSpace === 'RGB ';
  const upright = facts.orientation === 1;
  const source = stored && !upright ? withoutExif(bytes) : bytes;
  const raster = await draw(source, 'image/jpeg', facts.profile && !keepsProfile ? 'default' : 'none');
  return {
    ...raster,
    format: 'JPEG',
    colour: facts.profile && keepsProfile ? [await profileChunk(facts.profile)] : [],
    jpegQuality: facts.quality,
    notes: upright || stored ? [] : ['The picture was turned upright, as its camera noted.'],
  };
}

/** Browsers always apply EXIF orientation; where Figma did not, the note is taken out of a copy. */
function withoutExif(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  for (let at = 2; at + 4 <= copy.length && copy[at] === 0xff && copy[at + 1] !== 0xda; ) {
    if (copy[at + 1] === 0xe1) copy[at + 1] = 0xef;
    at += 2 + copy[at + 2]! * 256 + copy[at + 3]!;
  }
  return copy;
}
