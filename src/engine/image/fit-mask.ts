import { MaskError } from '../errors.ts';
import type { Mask } from '../options.ts';
import type { Size } from './box.ts';

/** How far the sides' ratios of one shape may differ, px of the smaller picture. */
const ROUNDING = 1;

export interface FitOptions {
  /** The picture's EXIF orientation, 1 … 8: a mask of its stored size was drawn before it was turned. Default 1. */
  readonly orientation?: number;
  /** Whether a mask of another size but the same shape may be scaled. Default false. */
  readonly scale?: boolean;
}

/**
 * Brings a mask to the size of the picture it is for: turned as the picture was, or scaled if that was asked for. Every
 * pixel that a pixel to fill covers a part of is to fill.
 *
 * @throws MaskError on any other size: says both, and what could be done.
 */
export function fitMask(mask: Mask, size: Size, { orientation = 1, scale = false }: FitOptions = {}) {
  const { width, height } = size;
  if (mask.width === width && mask.height === height) return { mask };
  if (orientation > 4 && mask.width === height && mask.height === width)
    return {
      mask: { ...turnedSize(mask, orientation), data: turned(mask.data, mask, orientation) },
      note: TURNED_ALIKE,
    };
  const sizes = `The mask is ${mask.width}×${mask.height}, the picture ${width}×${height}`;
  if (!isSameShape(mask, size))
    throw new MaskError(`${sizes}: another shape. Draw the mask on a copy of the picture, in its size.`);
  if (!scale)
    throw new MaskError(
      `${sizes}: the same shape in another size. Say that it is to be scaled (--mask-fit) if it belongs to this picture.`,
    );
  return { mask: scaled(mask, size), note: `${sizes}: it is scaled.` };
}

function isSameShape(a: Size, b: Size): boolean {
  const [small, large] = a.width < b.width ? [a, b] : [b, a];
  return Math.abs((large.height * small.width) / large.width - small.height) <= ROUNDING;
}

export const TURNED_ALIKE = 'The mask was drawn before the picture was turned upright: it is turned alike.';

/** The size of a stored picture when it is upright. */
export const turnedSize = ({ width, height }: Size, orientation: number): Size =>
  orientation > 4 ? { width: height, height: width } : { width, height };

/** By EXIF 2.32 tag 0x0112: 2 mirrored, 3 half round, 4 upside down; with sides swapped 5 mirrored, 6 a quarter right, 7 mirrored, 8 left. */
export function turned<A extends Mask['data']>(stored: A, { width, height }: Size, orientation: number): A {
  const out = stored.slice() as A;
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBelow = [3, 4, 6, 7].includes(orientation);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [along, down] = [fromRight ? width - 1 - x : x, fromBelow ? height - 1 - y : y];
      out[orientation > 4 ? along * height + down : down * width + along] = stored[y * width + x];
    }
  return out;
}

/** 255 where all that a pixel covers is known. */
function scaled(mask: Mask, { width, height }: Size): Mask {
  const data = new Uint8Array(width * height).fill(255);
  const span = (at: number, from: number, to: number) =>
    [Math.floor((at * to) / from), Math.min(to, Math.ceil(((at + 1) * to) / from))] as const;
  for (let y = 0; y < mask.height; y++)
    for (let x = 0; x < mask.width; x++) {
      if (mask.data[y * mask.width + x] > 0) continue;
      const [left, right] = span(x, mask.width, width);
      const [top, bottom] = span(y, mask.height, height);
      for (let v = top; v < bottom; v++) data.fill(0, v * width + left, v * width + right);
    }
  return { data, width, height };
}
