/**
 * prior-art for Node: the engine with Node's host (worker threads, WebGPU through Dawn) unless another is given, and
 * image files in and out.
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
import { nodeHost } from './host.ts';
import { type FileImage, type ImageSource, isImageSource, readImage } from './image-file.ts';

export * from '../engine/index.ts';
export { writeWhole } from './atomic-write.ts';
export { OUTPUT_FORMATS, type OutputFormat } from './encode.ts';
export type { ExifText } from './exif.ts';
export { FileError } from './file-error.ts';
export { nodeHost } from './host.ts';
export {
  type FileImage,
  type ImageSource,
  imageBytes,
  type KeptMetadata,
  type ReadOptions,
  readImage,
  type SampleFormat,
  type WritableImage,
  writeImage,
} from './image-file.ts';
export { type FileMask, type MaskFileOptions, readMask } from './mask-file.ts';
export { version } from './version.ts';

/** As the engine's result; of a file, an image that `writeImage` writes as the file was. */
export type NodeResult<I> = I extends ImageSource
  ? Omit<RestoreResult, 'image'> & { readonly image: FileImage }
  : I extends RestorableImage
    ? RestoreResult<I>
    : never;

/**
 * As the engine's `restore`, of a file too: its path, URL, bytes (a Buffer) or Blob, or what `readImage` made of it; with Node's
 * abilities as the default host.
 *
 * @throws FileError 'unreadable' besides.
 * @example await writeImage('clean.png', (await restore('scan.jpg', { task: 'auto' })).image);
 */
export async function restore<I extends RestorableImage | ImageSource>(
  image: I,
  options: RestoreOptions,
): Promise<NodeResult<I>> {
  checkOptions(options);
  const hosted = { ...options, host: options.host ?? (await nodeHost(options.executor)) };
  if (!isImageSource(image))
    return (await restoreAnywhere(image, { ...hosted, file: fileOf(image, options) })) as NodeResult<I>;
  const given = await readImage(image);
  const result = await restoreAnywhere(given, { ...hosted, file: fileOf(given, options) });
  const { file: _, ...kept } = given; // no longer what its pixels went through
  return { ...result, image: { ...kept, ...result.image } } as NodeResult<I>;
}

/** The bytes that an image was read from, where `readImage` has it from a file that tells more than its pixels. */
const fileOf = (image: object, { file }: RestoreOptions): Uint8Array | undefined =>
  file ?? (image as Partial<FileImage>).file;

/** As the engine's `restoration`, of a file too. */
export const restoration = <I extends RestorableImage | ImageSource>(
  image: I,
  options: RestoreOptions,
): Restoration<NodeResult<I>> => watch((watched) => restore(image, watched), options);

/** As the engine's `estimate`, with Node's abilities as the default host. */
export async function estimate<Q extends Quality = Quality>(
  image: AnyImage | Subject,
  options: RestoreOptions,
  qualities?: readonly Q[],
): Promise<Record<Q, Cost>> {
  checkOptions(options);
  const host = options.host ?? (await nodeHost(options.executor));
  return estimateAnywhere(image, { ...options, host, file: fileOf(image, options) }, qualities);
}
