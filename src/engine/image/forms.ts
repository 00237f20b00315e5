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

/** Of an image whose form was checked. Throws ImageSizeError and InvalidSamplesError for a wrong one. */
export async function readForm(image: RestorableImage): Promise<AnyImage> {
  if (isTensor(image)) return fromTensor(image);
  return isInterleaved(image) ? fromInterleaved(image) : image;
}

/** A result in the form of `image`. */
export function inFormOf<I extends RestorableImage>(image: I, result: Picture): RestoredImage<I> {
  const form: RestorableImage = image;
  const samples = !isTensor(form) && isInterleaved(form);
  const made = samples
    ? toInterleaved(toPlanes(result), form)
    : isTensor(form) || isPlanar(form)
      ? toPlanes(result)
      : toRaster(result);
  return made as RestoredImage<I>;
}
