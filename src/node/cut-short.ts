import sharp, { type Sharp } from 'sharp';
import type { PlanarImage } from '../engine/options.ts';
import { filledWebp, isShortWebp } from './cut-webp.ts';

/** What is left of a file that ends too soon, or is damaged within. */
export interface Rescued {
  /** To be read without complaints (failOn 'none'). */
  readonly bytes: Uint8Array;
  /** Only the mark of its end is missing, no pixel. */
  readonly whole: boolean;
  /** The first row, as stored, of which nothing is known, where the decoder does not leave it empty. */
  readonly firstMissing?: number;
}

const END_OF_JPEG = Uint8Array.of(0xff, 0xd9);

/** Opens a file, of a size that was checked, that a strict reader refuses; undefined where a lenient one has nothing either. */
export async function rescue(bytes: Uint8Array, format: string): Promise<Rescued | undefined> {
  if (format === 'JPEG') {
    const ended = Buffer.concat([bytes, END_OF_JPEG]);
    if (await decodes(sharp(ended, { failOn: 'warning', limitInputPixels: false })))
      return { bytes: ended, whole: true };
  }
  if (format === 'WebP' && isShortWebp(bytes)) {
    const filled = await filledWebp(bytes);
    return filled && { ...filled, whole: filled.firstMissing === undefined };
  }
  return (await decodes(sharp(bytes, { failOn: 'none', limitInputPixels: false })))
    ? { bytes, whole: false }
    : undefined;
}

/** Zeros that a JPEG's own data never have in a row. */
const BLANK = 64;

/** A JPEG without the zeros that stand where its end was not written or got lost: they would decode, to anything. */
export function withoutBlanks(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.length - end < BLANK ? bytes : bytes.subarray(0, end);
}

async function decodes(image: Sharp): Promise<boolean> {
  return image
    .stats()
    .then(() => true)
    .catch(() => false);
}

/** The corner of the upright picture where the stored one ends, by EXIF orientation: right and down from the first pixel. */
const LAST: Readonly<Record<number, readonly [number, number]>> = {
  2: [0, 1],
  3: [0, 0],
  4: [1, 0],
  6: [0, 1],
  7: [0, 0],
  8: [1, 0],
};

/** The pixels that are there of a JPEG that is not whole; undefined if those that look missing are less than a row of blocks. */
export function presentRows({
  planes,
  width,
  height,
  orientation,
}: PlanarImage & { readonly orientation?: number }): Float32Array | undefined {
  const present = presentPixels(planes, width, height, orientation);
  return present && present.filter((is) => is === 0).length >= 8 * width ? present : undefined;
}

/** What decoders leave where a picture is missing: black, transparent, or JPEG's middle grey, give or take a profile. */
const FILLERS = [
  [0, 0.001],
  [128 / 255, 0.06],
] as const;

/**
 * 0 where pixels are missing, else 1: decoders leave the rest of a picture in one colour, from where the file ends to the
 * last pixel. Undefined where the last pixel has no such colour.
 */
export function presentPixels(
  planes: readonly Float32Array[],
  width: number,
  height: number,
  orientation = 1,
): Float32Array | undefined {
  const [right, down] = LAST[orientation] ?? [1, 1];
  const last = down * (height - 1) * width + right * (width - 1);
  const isEmpty = FILLERS.some(([value, within]) =>
    planes.slice(0, 3).every((plane) => Math.abs(plane[last] - value) <= within),
  );
  if (!isEmpty && planes.at(3)?.[last] !== 0) return undefined;
  const present = new Float32Array(width * height).fill(1);
  const isFiller = (i: number) => present[i] === 1 && planes.every((plane) => plane[i] === plane[last]);
  const queue = [last];
  present[last] = 0;
  const reach = (i: number) => {
    if (!isFiller(i)) return;
    present[i] = 0;
    queue.push(i);
  };
  for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
    if (i % width > 0) reach(i - 1);
    if (i % width < width - 1) reach(i + 1);
    if (i >= width) reach(i - width);
    if (i + width < present.length) reach(i + width);
  }
  // Of an interlaced GIF every other line is missing.
  const alpha = planes.at(3);
  if (alpha?.[last] === 0)
    for (let row = 0; row < present.length; row += width)
      if (alpha.subarray(row, row + width).every((a) => a === 0)) present.fill(0, row, row + width);
  return present;
}
