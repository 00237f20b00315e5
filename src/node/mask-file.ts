import { MaskError } from '../engine/errors.ts';
import { fitMask } from '../engine/image/fit-mask.ts';
import { interpretMask } from '../engine/image/read-mask.ts';
import type { Mask } from '../engine/options.ts';
import { type FileImage, type ReadOptions, readImage, writeImage } from './image-file.ts';

/** A mask as `restore` takes it: 255 = known, 0 = to fill. */
export interface FileMask extends Mask {
  /** How it was understood, in sentences, where it is not plainly white on black. */
  readonly notes: readonly string[];
}

export interface MaskFileOptions extends ReadOptions {
  /** The image that the mask is for: the mask gets its size, and is refused where it is that image itself. */
  readonly image?: FileImage;
  /** Whether a mask of another size but the same shape is scaled; default false. */
  readonly fit?: boolean;
  /** Whether it only selects an area, of which nothing is filled; default false. */
  readonly selects?: boolean;
}

/**
 * Reads a mask of any kind that `interpretMask` knows.
 *
 * @param white what white means; default 'fill', unless the mask is plainly dark strokes on white.
 * @throws FileError 'unreadable'; MaskError where it cannot be told what is to be filled.
 * @example const mask = await readMask('mask.png', undefined, { image });
 */
export async function readMask(
  path: string,
  white?: 'fill' | 'known',
  { image, fit, selects, maxPixels }: MaskFileOptions = {},
): Promise<FileMask> {
  const drawn = await readImage(path, { maxPixels });
  const known = white && ({ fill: 'black', known: 'white' } as const)[white];
  try {
    const { orientation } = image ?? {};
    const { mask, note, turned } = interpretMask(drawn, { known, picture: image, orientation, selects });
    const fitted = image ? fitMask(mask, image, { orientation, scale: fit }) : { mask };
    const unsure = image && !turned && unsureTurn(drawn, image) ? AS_SHOWN : undefined;
    return { ...fitted.mask, notes: [note, fitted.note, unsure].filter((text) => text !== undefined) };
  } catch (error) {
    throw error instanceof MaskError ? new MaskError(`${path}: ${error.message}`) : error;
  }
}

const AS_SHOWN =
  'The picture is turned upright by its EXIF orientation: the mask is taken as drawn on it as it is shown.';

/** Whether a mask drawn before its picture was turned would have the same size as one drawn after that. */
function unsureTurn(
  { orientation: own = 1 }: FileImage,
  { orientation = 1, width, height }: FileImage,
): boolean {
  return orientation > 1 && own === 1 && (orientation < 5 || width === height);
}

/** Writes a mask as a picture, white = area to fill. Throws FileError 'unwritable'. */
export async function writeMask(path: string, { data, width, height }: Mask): Promise<void> {
  const known = data instanceof Float32Array ? 1 : 255;
  const plane = new Float32Array(data).map((value) => 1 - value / known);
  const format = { bits: 8, grey: true, alpha: false } as const;
  await writeImage(path, { planes: [plane], width, height, format });
}
