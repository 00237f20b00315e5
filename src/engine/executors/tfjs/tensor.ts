import * as tf from '@tensorflow/tfjs';
import type { TensorImage } from '../../image/tensor.ts';
import type { PlanarImage } from '../../options.ts';

/**
 * An image as a new tensor [height, width, channels] on tf's current backend, of the dtype of `like`: int32 in 0 … 255,
 * else float32 in [0, 1].
 *
 * @example const restored = toTensor((await restore(tensor, { task: 'denoise' })).image, tensor);
 */
export function toTensor(
  { planes, width, height }: PlanarImage,
  like?: Pick<TensorImage, 'dtype'>,
): tf.Tensor3D {
  const whole = like?.dtype === 'int32';
  const samples = new Float32Array(planes.length * width * height);
  planes.forEach((plane, c) => {
    for (let i = 0; i < plane.length; i++)
      samples[i * planes.length + c] = whole ? Math.round(plane[i] * 255) : plane[i];
  });
  return tf.tensor3d(samples, [height, width, planes.length], whole ? 'int32' : 'float32');
}
