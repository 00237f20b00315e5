import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { type DamageOptions, damage } from '../damage/damage.ts';
import type { Task } from '../engine/choices.ts';
import { InvalidOptionError } from '../engine/errors.ts';
import type { Size } from '../engine/image/box.ts';
import type { Mask, PlanarImage } from '../engine/options.ts';
import { streamKey, uniform } from '../engine/random.ts';
import { type FileImage, readImage } from '../node/image-file.ts';
import { readMask } from '../node/mask-file.ts';
import { cutHole } from './texture.ts';

/** One kind of damage, and what undoes it. */
export interface Kind {
  readonly name: string;
  readonly task: Task;
  readonly damage: DamageOptions;
  /** Only for images with a NAME_mask file beside them (white = known), instead of made-up damage. */
  readonly ownMask?: boolean;
  /** A hole somewhere in the image, in texture that is as rough as around. */
  readonly hole?: boolean;
}

const PANGRAM = 'The quick brown fox jumps over the lazy dog';

export const KINDS: readonly Kind[] = [
  { name: 'noise', task: 'denoise', damage: { noise: 25 } },
  { name: 'noise10', task: 'denoise', damage: { noise: 10 } },
  { name: 'noise50', task: 'denoise', damage: { noise: 50 } },
  { name: 'shot', task: 'denoise', damage: { shot: 30 } },
  { name: 'jpeg', task: 'dejpeg', damage: { jpeg: 10 } },
  { name: 'missing', task: 'inpaint', damage: { missing: 0.5 } },
  { name: 'text', task: 'inpaint', damage: { text: PANGRAM } },
  { name: 'mask', task: 'inpaint', damage: {}, ownMask: true },
  { name: 'hole', task: 'inpaint', damage: {}, hole: true },
  { name: 'x4', task: 'upscale', damage: { downscale: 4 } },
  { name: 'x2', task: 'upscale', damage: { downscale: 2 } },
  { name: 'x1.5', task: 'upscale', damage: { downscale: 1.5 } },
  { name: 'x2.5', task: 'upscale', damage: { downscale: 2.5 } },
  { name: 'x3', task: 'upscale', damage: { downscale: 3 } },
  { name: 'x8', task: 'upscale', damage: { downscale: 8 } },
];

/** A damaged image beside its original, which no restorer sees. */
export interface Case {
  readonly kind: Kind;
  readonly image: string;
  readonly seed: number;
  readonly clean: PlanarImage;
  readonly damaged: FileImage;
  readonly mask?: Mask;
}

export type Crop = readonly [x: number, y: number, size: number];

const IMAGE_ENDINGS = new Set(['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.avif']);
const isMask = (path: string) => /_mask\.[a-z]+$/.test(path);

/** Images below a folder, by relative path, masks left out. Throws InvalidOptionError when there are none. */
export async function findImages(folder: string): Promise<string[]> {
  if (!existsSync(folder)) throw InvalidOptionError.of('FOLDER', 'an existing folder of images', folder);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const images = entries
    .filter((entry) => entry.isFile() && IMAGE_ENDINGS.has(extname(entry.name).toLowerCase()))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !isMask(path));
  if (images.length === 0) throw InvalidOptionError.of('FOLDER', 'a folder with images', folder);
  return images.sort();
}

/** The case, or undefined where this kind does not apply: no mask beside the image. */
export async function makeCase(
  folder: string,
  image: string,
  kind: Kind,
  seed: number,
  crop: Crop | number | undefined,
): Promise<Case | undefined> {
  const path = join(folder, image);
  const maskPath = path.replace(/\.[a-z]+$/i, '_mask.png');
  if (kind.ownMask && !existsSync(maskPath)) return undefined;
  const source = withoutAlpha(await readImage(path));
  const factor = kind.damage.downscale ?? 1;
  const window = windowOf(source, crop, factor);
  const clean = { ...source, ...cut(source.planes, source.width, window) };
  if (kind.ownMask) {
    const whole = await readMask(maskPath, 'known');
    const mask = { ...whole, ...cutMask(whole, window) };
    return { kind, image, seed, clean, damaged: blackOut(clean, mask), mask };
  }
  if (kind.hole) {
    const key = streamKey(seed, 0);
    let drawn = 0;
    const mask = cutHole(clean, () => uniform(key, drawn++));
    return { kind, image, seed, clean, damaged: blackOut(clean, mask), mask };
  }
  const { image: damaged, mask } = await damage(clean, { ...kind.damage, seed });
  return { kind, image, seed, clean, damaged: eightBit(damaged), ...(mask ? { mask } : {}) };
}

/** What a file would hold: every peer reads the same 8-bit samples. */
function eightBit(image: FileImage): FileImage {
  return { ...image, planes: image.planes.map((plane) => plane.map((x) => Math.round(x * 255) / 255)) };
}

function withoutAlpha(image: FileImage): FileImage {
  const planes = image.format.grey ? image.planes.slice(0, 1) : image.planes.slice(0, 3);
  return { ...image, planes, format: { ...image.format, alpha: false } };
}

interface Window {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The crop, inside the image, its sides divisible by a whole factor so that originals and enlargements align. */
function windowOf({ width, height }: Size, crop: Crop | number | undefined, factor: number): Window {
  const side = (n: number) => Math.round(Math.floor(n / factor + 1e-9) * factor);
  const size = typeof crop === 'number' ? crop : (crop?.[2] ?? Number.POSITIVE_INFINITY);
  const window = { width: side(Math.min(size, width)), height: side(Math.min(size, height)) };
  const [x, y] =
    typeof crop === 'object'
      ? crop
      : [Math.floor((width - window.width) / 2), Math.floor((height - window.height) / 2)];
  const clamp = (at: number, most: number) => Math.max(0, Math.min(at, most));
  return { ...window, x: clamp(x, width - window.width), y: clamp(y, height - window.height) };
}

function cutPlane<T extends Float32Array | Uint8Array>(plane: T, stride: number, window: Window): T {
  const out = plane.slice(0, window.width * window.height) as T;
  for (let y = 0; y < window.height; y++) {
    const from = (y + window.y) * stride + window.x;
    out.set(plane.subarray(from, from + window.width), y * window.width);
  }
  return out;
}

function cut(planes: readonly Float32Array[], stride: number, window: Window) {
  const { width, height } = window;
  return { planes: planes.map((plane) => cutPlane(plane, stride, window)), width, height };
}

function cutMask(mask: Mask, window: Window): Mask {
  return {
    data: cutPlane(Uint8Array.from(mask.data), mask.width, window),
    width: window.width,
    height: window.height,
  };
}

function blackOut(image: FileImage, mask: Mask): FileImage {
  return { ...image, planes: image.planes.map((plane) => plane.map((x, i) => (mask.data[i] > 127 ? x : 0))) };
}
