import type { Tensor3D } from '@tensorflow/tfjs';
import { ImageSizeError } from '../errors.ts';
import type { PlanarImage } from '../options.ts';
import type { AnyImage } from './picture.ts';

/**
 * A tfjs tensor [height, width, 1 | 3 | 4], as tf.browser.fromPixels makes them: float32 in [0, 1] or int32 in
 * 0 … 255. It stays the caller's; the result is a new one of the same dtype, on the current backend. Both pass through
 * the CPU, once each: the samples are checked and the damage is measured there before a run, and runs are averaged, the
 * result is weighed and alpha or known pixels are put back there after it. Where no byte may leave the GPU,
 * prior-art/webgpu has runs that take and give tensors on their own device.
 */
export type TensorImage = Tensor3D;

export const isTensor = (image: AnyImage | TensorImage): image is TensorImage => 'dtype' in image;

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

export async function toTensor(
  { planes, width, height }: PlanarImage,
  like: TensorImage,
): Promise<TensorImage> {
  const { tensor3d } = await import('@tensorflow/tfjs');
  const whole = like.dtype === 'int32';
  const samples = new Float32Array(planes.length * width * height);
  planes.forEach((plane, c) => {
    for (let i = 0; i < plane.length; i++) {
      const x = Math.min(1, Math.max(0, plane[i]));
      samples[i * planes.length + c] = whole ? Math.round(x * 255) : x;
    }
  });
  return tensor3d(samples, [height, width, planes.length], whole ? 'int32' : 'float32');
}
