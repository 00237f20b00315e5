import type { Size } from '../engine/image/box.ts';
import type { RasterImage } from '../engine/options.ts';

/** What a page holds images in, besides what the engine takes. */
export type PageImage =
  | Blob
  | ImageBitmap
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLImageElement
  | HTMLVideoElement
  | VideoFrame;

/** Their names in the global scope; a worker has not all of them. */
const DRAWN = [
  'ImageBitmap',
  'HTMLCanvasElement',
  'OffscreenCanvas',
  'HTMLImageElement',
  'HTMLVideoElement',
  'VideoFrame',
] as const;

type Drawn = Exclude<PageImage, Blob>;

const scope = globalThis as unknown as Readonly<Record<string, (new () => object) | undefined>>;
const isOne = (image: object, name: string) => scope[name] !== undefined && image instanceof scope[name];

export const isPageImage = (image: unknown): image is PageImage =>
  typeof image === 'object' &&
  image !== null &&
  (image instanceof Blob || DRAWN.some((name) => isOne(image, name)));

/** The pixels as a canvas gives them: 8-bit RGBA, sRGB, colour under zero alpha lost. Throws what the browser throws. */
export async function pixelsOf(image: PageImage): Promise<ImageData> {
  if (image instanceof Blob) {
    const bitmap = await createImageBitmap(image, { premultiplyAlpha: 'none' });
    try {
      return draw(bitmap);
    } finally {
      bitmap.close();
    }
  }
  return draw(image);
}

function draw(image: Drawn): ImageData {
  const { width, height } = sizeOf(image);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser gives no 2D canvas to read the image with.');
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

function sizeOf(image: Drawn): Size {
  if ('naturalWidth' in image) return { width: image.naturalWidth, height: image.naturalHeight };
  if ('videoWidth' in image) return { width: image.videoWidth, height: image.videoHeight };
  if ('displayWidth' in image) return { width: image.displayWidth, height: image.displayHeight };
  return image;
}

/** A restored raster as the ImageData that canvases take. */
export const toImageData = ({ data, width, height }: RasterImage): ImageData =>
  new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height);
