/**
 * prior-art/browser: the engine on a page or in a worker of it, with the page's workers and, where the page is
 * cross-origin isolated, threads with shared memory; and the images that pages hold.
 */
import { checkOptions } from '../engine/check-options.ts';
import {
  type AnyImage,
  type Cost,
  estimate as estimateAnywhere,
  type Quality,
  type RestorableImage,
  type Restoration,
  type RestoreOptions,
  type RestoreResult,
  restore as restoreAnywhere,
  type Subject,
  watch,
} from '../engine/index.ts';
import { browserHost } from './host.ts';
import { isPageImage, type PageImage, pixelsOf, toImageData } from './inputs.ts';

export * from '../engine/index.ts';
export { browserHost } from './host.ts';
export type { PageImage } from './inputs.ts';

/** As the engine's result; of what a page holds images in, an ImageData. */
export type BrowserResult<I> = I extends RestorableImage
  ? RestoreResult<I>
  : Omit<RestoreResult, 'image'> & { readonly image: ImageData };

/**
 * As the engine's `restore`, of a Blob, File, ImageBitmap, canvas, picture or video frame too, with the browser's
 * abilities as the default host.
 *
 * @example
 * const { image } = await restore(file, { task: 'denoise' });
 * context.putImageData(image, 0, 0);
 */
export async function restore<I extends RestorableImage | PageImage>(
  image: I,
  options: RestoreOptions,
): Promise<BrowserResult<I>> {
  checkOptions(options);
  const hosted = { ...options, host: options.host ?? browserHost() };
  if (!isPageImage(image)) return (await restoreAnywhere(image, hosted)) as BrowserResult<I>;
  const result = await restoreAnywhere(await pixelsOf(image), hosted);
  return { ...result, image: toImageData(result.image) } as BrowserResult<I>;
}

/** As the engine's `restoration`, of what a page holds images in too. */
export const restoration = <I extends RestorableImage | PageImage>(
  image: I,
  options: RestoreOptions,
): Restoration<BrowserResult<I>> => watch((watched) => restore(image, watched), options);

/** As the engine's `estimate`, with the browser's abilities as the default host. */
export async function estimate<Q extends Quality = Quality>(
  image: AnyImage | Subject,
  options: RestoreOptions,
  qualities?: readonly Q[],
): Promise<Record<Q, Cost>> {
  checkOptions(options);
  return estimateAnywhere(image, { ...options, host: options.host ?? browserHost() }, qualities);
}
