import { ImageSizeError } from '../errors.ts';
import type { PlanarImage } from '../options.ts';

/**
 * What of a TensorFlow.js tensor is read: [height, width, 1 | 3 | 4], as tf.browser.fromPixels makes them: float32 in
 * [0, 1] or int32 in 0 … 255. It stays the caller's. The result is planes, which `toTensor` of prior-art/tfjs makes a
 * tensor of again: the samples are checked, and what is wrong with them is measured, on the CPU. Where no byte may
 * leave the GPU, prior-art/webgpu has runs that take and give tensors on their own device.
 */
export interface TensorImage {
  readonly shape: readonly number[];
  readonly dtype: string;
  data(): Promise<ArrayLike<number>>;
}

export const isTensor = (image: object): image is TensorImage => 'dtype' in image && 'shape' in image;

/** Throws ImageSizeError for another rank; the samples are checked with the planes'. */
export async function fromTensor(image: TensorImage): Promise<PlanarImage> {
  const [height, width, channels] = image.shape;
  if (image.shape.length !== 3)
    throw new ImageSizeError(`Expected a tensor [height, width, channels] but received [${image.shape}].`);
  const samples = await image.data();
  const scale = image.dtype === 'int32' ? 1 / 255 : 1;
  const plane = (c: number) =>
    Float32Array.from({ length: width * height }, (_, i) => samples[i * channels + c] * scale);
  return { planes: Array.from({ length: channels }, (_, c) => plane(c)), width, height };
}
