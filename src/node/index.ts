/**
 * prior-art for Node: the engine with Node's host (worker threads, WebGPU through Dawn) unless another is given, and
 * image files in and out.
 */
import {
  type AnyImage,
  type Cost,
  estimate as estimateAnywhere,
  type PlanarImage,
  type Quality,
  type RasterImage,
  type RestoreOptions,
  type RestoreResult,
  restore as restoreAnywhere,
  type Subject,
} from '../engine/index.ts';
import { nodeHost } from './host.ts';

export * from '../engine/index.ts';
export { writeWhole } from './atomic-write.ts';
export { FileError } from './file-error.ts';
export { nodeHost } from './host.ts';
export {
  type FileImage,
  type KeptMetadata,
  type ReadOptions,
  readImage,
  type SampleFormat,
  writeImage,
} from './image-file.ts';
export { type FileMask, type MaskFileOptions, readMask } from './mask-file.ts';
export { version } from './version.ts';

/** As the engine's `restore`, with Node's abilities as the default host. */
export async function restore<I extends RasterImage | PlanarImage>(
  image: I,
  options: RestoreOptions,
): Promise<RestoreResult<I>> {
  return restoreAnywhere(image, { ...options, host: options.host ?? (await nodeHost(options.executor)) });
}

/** As the engine's `estimate`, with Node's abilities as the default host. */
export async function estimate<Q extends Quality = Quality>(
  image: AnyImage | Subject,
  options: RestoreOptions,
  qualities?: readonly Q[],
): Promise<Record<Q, Cost>> {
  const host = options.host ?? (await nodeHost(options.executor));
  return estimateAnywhere(image, { ...options, host }, qualities);
}
