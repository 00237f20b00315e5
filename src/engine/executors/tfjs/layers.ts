import type { Activation } from '../../network/graph.ts';
import type { Backend, Tensor1D, Tensor3D } from './backend.ts';

/** Norm and activation, forward and backward. Images are [height, width, channels]. */

/** Σ over pixels, [channels]. On wasm tf.sum transposes the image first; the mean as a pooling is 15 times as fast. */
export function sumPixels({ tf, name }: Backend, x: Tensor3D): Tensor1D {
  if (name !== 'wasm') return tf.sum(x, [0, 1]);
  const [height, width, channels] = x.shape;
  return tf.mul(tf.avgPool(x, [height, width], 1, 'valid').reshape([channels]), height * width);
}

/** What a norm's backward pass needs: x − mean, and 1/√(variance + ε) of each channel. */
export type NormSaved = {
  readonly centred: Tensor3D;
  readonly inverse: Tensor1D;
};

/** Each channel to mean 0 and (biased) variance 1, then gamma and beta. */
export function norm(
  b: Backend,
  x: Tensor3D,
  gamma: Tensor1D,
  beta: Tensor1D,
  epsilon: number,
): { y: Tensor3D; saved: NormSaved } {
  const { tf } = b;
  const pixels = x.shape[0] * x.shape[1];
  const centred: Tensor3D = tf.sub(x, tf.div(sumPixels(b, x), pixels));
  const variance = tf.div(sumPixels(b, tf.square(centred)), pixels);
  const inverse: Tensor1D = tf.rsqrt(tf.add(variance, epsilon));
  const y: Tensor3D = tf.add(tf.mul(centred, tf.mul(inverse, gamma)), beta);
  return { y, saved: { centred, inverse } };
}

/** With x̂ = centred · inverse: dx = gamma · inverse · (dy − Σdy/N − x̂ · Σ(dy·x̂)/N). */
export function normBackward(
  b: Backend,
  dy: Tensor3D,
  { centred, inverse }: NormSaved,
  gamma: Tensor1D,
): { dx: Tensor3D; dGamma: Tensor1D; dBeta: Tensor1D } {
  const { tf } = b;
  const pixels = dy.shape[0] * dy.shape[1];
  const dBeta = sumPixels(b, dy);
  const dGamma: Tensor1D = tf.mul(sumPixels(b, tf.mul(dy, centred)), inverse);
  const slope = tf.div(tf.mul(dGamma, inverse), pixels);
  const residual = tf.sub(tf.sub(dy, tf.div(dBeta, pixels)), tf.mul(centred, slope));
  return { dx: tf.mul(residual, tf.mul(inverse, gamma)), dGamma, dBeta };
}

export function activate({ tf, name }: Backend, x: Tensor3D, activation: Activation): Tensor3D {
  if (activation.kind === 'sigmoid') return tf.sigmoid(x);
  // The same values, in a tenth of the time of wasm's own leakyRelu.
  if (name === 'wasm') return tf.mul(x, tf.step(x, activation.slope));
  return tf.leakyRelu(x, activation.slope);
}

/** From the activation's output y, whose sign is that of its input. */
export function activateBackward(
  { tf }: Backend,
  dy: Tensor3D,
  y: Tensor3D,
  activation: Activation,
): Tensor3D {
  if (activation.kind === 'sigmoid') return tf.mul(dy, tf.mul(y, tf.sub(1, y)));
  return tf.mul(dy, tf.step(y, activation.slope));
}
