import sharp from 'sharp';
import { REDUCTIONS, type Reduction } from '../engine/choices.ts';
import { InvalidOptionError } from '../engine/errors.ts';
import type { Mask } from '../engine/options.ts';
import { encodeImage } from '../node/encode.ts';
import { decodeImage, type FileImage } from '../node/image-file.ts';
import { scratches, textOverlay } from './drawn.ts';
import { addNoise, addShotNoise, downscale, missingPixels } from './samples.ts';

/** Kinds of damage, applied in this order; absent = none. */
export interface DamageOptions {
  /** Reduction by this factor, 1 < factor ≤ 16. */
  downscale?: number;
  /** How it is reduced; default 'lanczos', Lanczos2. */
  reduction?: Reduction;
  /** Photons a white sample expects, 1 … 100000: Poisson noise. */
  shot?: number;
  /** σ of Gaussian noise, in 1/255, above 0 to 255. */
  noise?: number;
  /** JPEG quality, 1 … 100, with chroma subsampling. */
  jpeg?: number;
  /** Number of scratches, 1 … 1000. */
  scratches?: number;
  /** Text written all over the image. */
  text?: string;
  /** Share of pixels lost, between 0 and 1. */
  missing?: number;
  /** Default 0. */
  seed?: number;
}

interface Damaged {
  readonly image: FileImage;
  /** 255 = known, 0 = destroyed by scratches, text or missing pixels; absent without any of these. */
  readonly mask?: Mask;
}

type Numeric = Exclude<keyof DamageOptions, 'text' | 'reduction'>;
const RANGES: Readonly<Record<Numeric, { min: number; max: number; above?: boolean; integer?: boolean }>> = {
  downscale: { min: 1, max: 16, above: true },
  shot: { min: 1, max: 100000 },
  noise: { min: 0, max: 255, above: true },
  jpeg: { min: 1, max: 100, integer: true },
  scratches: { min: 1, max: 1000, integer: true },
  missing: { min: 0, max: 1, above: true },
  seed: { min: 0, max: 4294967295, integer: true },
};
/** Kinds that destroy pixels, and so make a mask. */
const HOLES = ['scratches', 'text', 'missing'] as const;
const KINDS = ['downscale', 'shot', 'noise', 'jpeg', ...HOLES] as const;
/** What scratches and text are painted with: bare paper. */
const PAINT = 0.96;

/** Whether these options destroy pixels, so that the result has a mask. */
export function makesMask(options: DamageOptions): boolean {
  return HOLES.some((kind) => options[kind] !== undefined);
}

/** Throws InvalidOptionError on a value out of range, or when no kind of damage is asked for. */
export function checkDamageOptions(options: DamageOptions): void {
  for (const [name, { min, max, above, integer }] of Object.entries(RANGES)) {
    const value = options[name as Numeric];
    if (value === undefined) continue;
    if (value <= max && (above ? value > min : value >= min) && (!integer || Number.isInteger(value)))
      continue;
    const range = `${integer ? 'an integer' : 'a number'} ${above ? `above ${min}` : `from ${min}`} to ${max}`;
    throw InvalidOptionError.of(name, range, value);
  }
  const { reduction } = options;
  if (reduction !== undefined && !REDUCTIONS.includes(reduction))
    throw InvalidOptionError.of('reduction', `one of ${REDUCTIONS.join(', ')}`, reduction);
  if (reduction !== undefined && options.downscale === undefined)
    throw new InvalidOptionError('reduction says how to downscale, which is missing.');
  if (options.text?.trim() === '') throw InvalidOptionError.of('text', 'some letters', options.text);
  if (!KINDS.some((kind) => options[kind] !== undefined))
    throw new InvalidOptionError(`Expected at least one kind of damage: ${KINDS.join(', ')}.`);
}

/**
 * Damages an image; same image, options and seed, same result. Alpha is kept, except that down-scaling shrinks it.
 * Throws InvalidOptionError.
 */
export async function damage(source: FileImage, options: DamageOptions): Promise<Damaged> {
  checkDamageOptions(options);
  const { seed = 0 } = options;
  let image = source;
  if (options.downscale) image = { ...image, ...downscale(image, options.downscale, options.reduction) };
  const colours = (change: (planes: readonly Float32Array[]) => Float32Array[]) => {
    image = { ...image, planes: changeColours(image, change) };
  };
  const { shot, noise, jpeg } = options;
  if (shot !== undefined) colours((planes) => addShotNoise(planes, shot, seed));
  if (noise !== undefined) colours((planes) => addNoise(planes, noise, seed));
  if (jpeg !== undefined) image = await compress(image, jpeg);
  return makesMask(options) ? punch(image, options, seed) : { image };
}

/** Applies a change to the colour planes; grey with alpha keeps its three planes alike. */
function changeColours(
  { planes, format }: FileImage,
  change: (planes: readonly Float32Array[]) => Float32Array[],
): Float32Array[] {
  const [alpha] = planes.slice(3);
  const changed = change(planes.slice(0, format.grey ? 1 : 3));
  const colours = format.grey && alpha ? [changed[0], changed[0], changed[0]] : changed;
  return alpha ? [...colours, alpha] : colours;
}

/** Through a JPEG file and back. */
async function compress(image: FileImage, quality: number): Promise<FileImage> {
  const opaque = { ...image, planes: image.planes.slice(0, 3) };
  const png = await encodeImage('x.png', opaque, { bits: 8, grey: image.format.grey, alpha: false });
  const file = sharp(png)
    .toColourspace(image.format.grey ? 'b-w' : 'srgb')
    .jpeg({ quality, chromaSubsampling: '4:2:0' });
  const coded = await decodeImage(await file.toBuffer());
  return { ...image, planes: changeColours(image, () => [...coded.planes]) };
}

async function punch(image: FileImage, options: DamageOptions, seed: number): Promise<Damaged> {
  const { width, height } = image;
  const known = new Uint8Array(width * height).fill(255);
  let planes = image.planes;
  const paint = (cover: ArrayLike<number>, tone: number) => {
    planes = changeColours({ ...image, planes }, (colours) =>
      colours.map((plane) => plane.map((value, i) => value + (tone - value) * cover[i])),
    );
    for (let i = 0; i < known.length; i++) if (cover[i] > 0) known[i] = 0;
  };
  if (options.scratches) paint(await scratches(options.scratches, width, height, seed), PAINT);
  if (options.text) paint(await textOverlay(options.text, width, height), PAINT);
  if (options.missing) paint(missingPixels(known.length, options.missing, seed), 0);
  return { image: { ...image, planes }, mask: { data: known, width, height } };
}
