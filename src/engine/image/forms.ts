import type { PlanarImage, Preview } from '../options.ts';
import { awaited, type Pieces } from '../time-slicing.ts';
import { fromInterleaved, type InterleavedImage, isInterleaved, toInterleaved } from './interleaved.ts';
import { type AnyImage, isPlanar, type Picture, pictureOf, planesOf, rasterised } from './picture.ts';
import { fromTensor, isTensor, type TensorImage } from './tensor.ts';

/** What `restore` takes. */
export type RestorableImage = AnyImage | InterleavedImage | TensorImage;

/** What it gives back: 8-bit RGBA as a canvas takes it, samples side by side as sharp takes them, or planes. */
export type RestoredImage<I> = I extends InterleavedImage
  ? InterleavedImage
  : I extends PlanarImage | TensorImage
    ? PlanarImage
    : Preview;

/** Of an image whose form was checked, in pieces. Throws ImageSizeError and InvalidSamplesError for a wrong one. */
export function* readForm(image: RestorableImage): Pieces<Picture> {
  if (isTensor(image)) return yield* pictureOf(yield* awaited(fromTensor(image)));
  return yield* pictureOf(isInterleaved(image) ? yield* fromInterleaved(image) : image);
}

/** A result in the form of `image`, in pieces. */
export function* inFormOf<I extends RestorableImage>(image: I, result: Picture): Pieces<RestoredImage<I>> {
  const form: RestorableImage = image;
  const samples = !isTensor(form) && isInterleaved(form);
  const made = samples
    ? yield* toInterleaved(yield* planesOf(result), form)
    : isTensor(form) || isPlanar(form)
      ? yield* planesOf(result)
      : yield* rasterised(result);
  return made as RestoredImage<I>;
}
