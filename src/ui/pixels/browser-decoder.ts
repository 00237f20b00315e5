import type { Raster } from './crop.ts';
import { ReadError } from './read-error.ts';

/** How long the browser may take over a file, ms. */
const PATIENCE = 20_000;

/** What the browser's own decoder reads, exact where all is opaque: a canvas multiplies by alpha. Throws ReadError. */
export async function draw(
  bytes: Uint8Array,
  type: string,
  colourSpaceConversion: 'none' | 'default' = 'none',
): Promise<Raster> {
  let bitmap: ImageBitmap;
  try {
    const decoding = createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }), {
      colorSpaceConversion: colourSpaceConversion,
      premultiplyAlpha: 'none',
    });
    bitmap = await within(PATIENCE, decoding);
  } catch {
    throw new ReadError('This image file is damaged and cannot be read. Export it again.');
  }
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return {
    data: context.getImageData(0, 0, width, height).data as Uint8ClampedArray<ArrayBuffer>,
    width,
    height,
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
