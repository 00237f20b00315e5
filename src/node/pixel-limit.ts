import { ImageSizeError } from '../engine/errors.ts';

/** Most pixels of a file that is read unless another limit is given: 10,000 × 10,000. */
export const MAX_PIXELS = 1e8;

/** Throws ImageSizeError, before anything is decoded: a file of 38 bytes may say that it has 268 million pixels. */
export function checkPixels(width: number, height: number, most: number): void {
  if (width * height <= most) return;
  throw new ImageSizeError(
    `The image has ${width} × ${height} pixels, more than the ${most} that are read at most. Raise that limit (maxPixels, ` +
      '--max-pixels) where there is memory for it: about 30 bytes a pixel to read it, more to restore it.',
  );
}
