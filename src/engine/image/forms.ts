import { InvalidOptionError } from '../errors.ts';
import type { PlanarImage, Preview } from '../options.ts';
import { fromInterleaved, type InterleavedImage, isInterleaved, toInterleaved } from './interleaved.ts';
import { type AnyImage, isPlanar, type Picture, toPlanes, toRaster } from './picture.ts';
import { fromTensor, isTensor, type TensorImage } from './tensor.ts';

/** What `restore` takes. */
export type RestorableImage = AnyImage | InterleavedImage | TensorImage;

/** What it gives back: 8-bit RGBA as a canvas takes it, samples side by side as sharp takes them, or planes. */
export type RestoredImage<I> = I extends InterleavedImage
  ? InterleavedImage
  : I extends PlanarImage | TensorImage
    ? PlanarImage
    : Preview;

/** Throws InvalidOptionError for what is no image, ImageSizeError and InvalidSamplesError for a wrong one. */
export async function readForm(image: RestorableImage): Promise<AnyImage> {
  checkForm(image);
  if (isTensor(image)) return fromTensor(image);
  return isInterleaved(image) ? fromInterleaved(image) : image;
}

/** A result in the form of `image`. */
export function inFormOf<I extends RestorableImage>(image: I, result: Picture): RestoredImage<I> {
  const form: RestorableImage = image;
  const made = isInterleaved(form)
    ? toInterleaved(toPlanes(result), form)
    : isTensor(form) || isPlanar(form)
      ? toPlanes(result)
      : toRaster(result);
  return made as RestoredImage<I>;
}

const FORMS =
  'an ImageData or other {data, width, height}, {planes, width, height}, sharp’s {data, info} or a tensor';

function checkForm(image: unknown): void {
  const known =
    typeof image === 'object' &&
    image !== null &&
    (('width' in image && ('data' in image || 'planes' in image)) || isInterleaved(image) || isTensor(image));
  if (!known) throw InvalidOptionError.of('the image', FORMS, nameOf(image));
}

/** "a Blob", "a string", "null". */
function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return `a ${typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value}`;
}
