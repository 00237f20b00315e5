import sharp from 'sharp';
import { decode } from 'tiff';
import { fromPlanes, limited } from '../engine/jpeg/ycbcr.ts';
import type { Samples } from './samples.ts';
import { firstWhole, rareTiff, tiffHeader } from './tiff-kind.ts';

/** TIFF's SampleFormat: 2 = signed integer, 3 = float. */
const SIGNED = 2;
const FLOAT = 3;
/** And PhotometricInterpretation. */
const WHITE_IS_ZERO = 0;
const RGB = 2;
const YCBCR = 6;
const CIELAB = 8;
/** Compression: JPEG's, whose decoder converts colours itself. */
const JPEG = 7;
/** Rounding and resampling may carry float samples this far out of 0 … 1. */
const OVERSHOOT = 0.05;
/** A picture's brightest sample has at least this part of white's, one of its reciprocal. */
const LEAST_USED = 8;

/** A picture whose samples are not plain 8- or 16-bit ones. */
interface Numbers {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly alpha: boolean;
  readonly float: boolean;
  /** The largest number that the samples' type holds. */
  readonly most: number;
}

/**
 * A TIFF of floats or of signed or 32-bit integers, with what was taken for white. Float samples without more ado are
 * shown as they are, 0 = black … 1 = white, whatever their gamma.
 *
 * @throws Error where no white can be told, or samples are no numbers, or where `check` does.
 */
export async function readTiffNumbers(
  bytes: Uint8Array,
  check: (width: number, height: number) => void,
): Promise<{ samples: Samples; notes: readonly string[] }> {
  const header = tiffHeader(bytes);
  if (header) check(header.width, header.height);
  if (header && header.type >= CIELAB)
    throw new Error('its colours are CIE L*a*b*, which cannot be read here; save it as RGB');
  const numbers = fromTiff(bytes) ?? (await fromSharp(bytes, unreadable(bytes)));
  const { data, width, height, channels, alpha, float, most } = numbers;
  const { white, note } = whiteOf(numbers);
  const format = { bits: 16, grey: channels - (alpha ? 1 : 0) === 1, alpha } as const;
  const opaque = float ? alphaWhite(numbers) : most;
  return { samples: { data, width, height, channels, format, white, opaque }, notes: note ? [note] : [] };
}

/** Whether a TIFF holds YCbCr of one size, which libvips hands out as if it were RGB. */
export function isYcbcrTiff(bytes: Uint8Array): boolean {
  const header = tiffHeader(bytes);
  if (header?.type !== YCBCR || header.compression === JPEG) return false;
  const subsampling: ArrayLike<number> = header.get('YCbCrSubSampling') ?? [2, 2];
  return subsampling[0] === 1 && subsampling[1] === 1;
}

/** YCbCr of full range → R'G'B', in place (ITU-R BT.601, as TIFF 6.0, section 21, takes it by default); a fourth plane is alpha. */
export function ycbcrToRgb(planes: readonly Float32Array[]): void {
  const colours = planes.slice(0, 3);
  const rgb = limited(fromPlanes(colours.map((plane) => plane.map((value) => 255 * value - 128))));
  for (const [c, plane] of colours.entries())
    plane.set(rgb.subarray(c * plane.length, (c + 1) * plane.length));
}

/** By the package tiff; undefined where it does not know the depth, the compression or the layout. */
function fromTiff(bytes: Uint8Array): Numbers | undefined {
  const header = tiffHeader(bytes);
  // Of tiles it reads the first channel only; planes it takes for pixels, and floats times alpha for integers.
  if (!header || (header.samplesPerPixel > 1 && (header.tiled || header.planarConfiguration > 1)))
    return undefined;
  if (header.associatedAlpha) return undefined;
  const page = attempt(() => decode(bytes, { pages: [firstWhole(bytes).page] })[0]);
  if (!page || page.orientation > 1 || page.type > RGB) return undefined;
  if (page.type === WHITE_IS_ZERO) throw new Error('its black and white are reversed (WhiteIsZero)');
  const { width, height, alpha, bitsPerSample: bits } = page;
  const channels = page.samplesPerPixel;
  const float = page.sampleFormat === FLOAT;
  const data = typed(page.data, bits, float, page.sampleFormat === SIGNED);
  return { data, width, height, channels, alpha, float, most: 2 ** (bits - 1) - 1 };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The package hands out the bits of halves and of signed integers. */
function typed(data: ArrayLike<number>, bits: number, float: boolean, signed: boolean): ArrayLike<number> {
  if (float && bits === 16) return Float32Array.from(data, halfToNumber);
  const half = 2 ** (bits - 1);
  return signed ? Float64Array.from(data, (value) => (value >= half ? value - 2 * half : value)) : data;
}

/** IEEE 754 half precision. */
function halfToNumber(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

const unreadable = (bytes: Uint8Array) => (): never => {
  throw new Error(
    rareTiff(bytes) ?? 'it is TIFF, but damaged, cut short or of a rare kind: nothing of it can be read',
  );
};

/** By sharp, told to convert nothing; it turns the picture upright. */
async function fromSharp(bytes: Uint8Array, unreadable: () => never): Promise<Numbers> {
  const options = { limitInputPixels: false, page: firstWhole(bytes).page } as const;
  const { space, depth, hasAlpha } = await sharp(bytes, options).metadata().catch(unreadable);
  const float = depth === 'float';
  if (!float && depth !== 'uint' && depth !== 'int')
    throw new Error(`its samples are of the type ${depth}, which cannot be read here`);
  // Grey with alpha would lose its alpha, were it not taken for RGB.
  const kept = space === 'b-w' && hasAlpha ? 'srgb' : space;
  const { data, info } = await sharp(bytes, options)
    .autoOrient()
    .pipelineColourspace(kept)
    .toColourspace(kept)
    .raw({ depth: 'double' })
    .toBuffer({ resolveWithObject: true })
    .catch(unreadable);
  const { width, height, channels } = info;
  const values = new Float64Array(data.buffer, data.byteOffset, data.length / 8);
  return {
    data: values,
    width,
    height,
    channels,
    alpha: hasAlpha,
    float,
    most: depth === 'int' ? 2 ** 31 - 1 : 2 ** 32 - 1,
  };
}

function rangeOf({ data, channels, alpha }: Numbers): { least: number; most: number; whole: boolean } {
  let [least, most, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (!Number.isFinite(value)) throw new Error('some of its samples are no numbers (NaN or infinite)');
    if (alpha && i % channels === channels - 1) continue;
    if (value < least) least = value;
    if (value > most) most = value;
    whole &&= Number.isInteger(value);
  }
  return { least, most, whole };
}

/** The sample that is white, by what the samples reach. */
function whiteOf(numbers: Numbers): { white: number; note?: string } {
  const { least, most, whole } = rangeOf(numbers);
  const reach = `its ${numbers.float ? 'float' : 'integer'} samples reach from ${short(least)} to ${short(most)}`;
  const ask = 'save it with samples from 0 to 1 (float), or with 8 or 16 bits';
  if (least < (numbers.float ? -OVERSHOOT : 0)) throw new Error(`${reach}, below black: ${ask}`);
  if (numbers.float && most <= 1 + OVERSHOOT) return { white: 1 };
  const white = numbers.float
    ? [255, 65535].find((level) => most <= level && (whole || most > level / 2))
    : [255, 65535, numbers.most].find((level) => most <= level && level <= numbers.most);
  // Numbers that use next to nothing of their range, as labels and 12-bit levels do, would be all black.
  if (white === undefined || (most > 0 && most < white / LEAST_USED))
    throw new Error(`${reach}, and it cannot be told what is white: ${ask}`);
  if (white === numbers.most) return { white };
  return {
    white,
    note: `It holds samples from ${short(least)} to ${short(most)}: ${white} is taken for white.`,
  };
}

/** Float alpha of 0 … 1, or in the levels of the colours. */
function alphaWhite({ data, channels }: Numbers): number {
  let most = 1;
  for (let i = channels - 1; i < data.length; i += channels) most = Math.max(most, data[i]);
  return most <= 1 + OVERSHOOT ? 1 : most <= 255 ? 255 : 65535;
}

const short = (value: number) => String(Number(value.toPrecision(3)));
