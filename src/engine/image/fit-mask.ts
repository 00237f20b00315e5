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
      mask: turned(mask, orientation),
      note: 'The mask was drawn before the picture was turned upright: it is turned alike.',
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

/** By the orientations that swap the sides, EXIF 2.32 tag 0x0112: 5 mirrored, 6 a quarter right, 7 mirrored, 8 left. */
function turned({ data, width, height }: Mask, orientation: number): Mask {
  const out = data.slice();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const across = orientation === 6 || orientation === 7 ? height - 1 - y : y;
      const down = orientation === 7 || orientation === 8 ? width - 1 - x : x;
      out[down * height + across] = data[y * width + x];
    }
  return { data: out, width: height, height: width };
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
