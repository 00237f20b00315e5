import type { Activation } from '../../network/graph.ts';
import type { Backend, Tensor1D, Tensor2D, Tensor3D } from './backend.ts';

/** Norm and activation, forward and backward. Images are [height, width, channels]. */

/** Σ over pixels, [channels]. On wasm tf.sum transposes the image first; two products with ones do without. */
export function sumPixels({ tf, name }: Backend, x: Tensor3D): Tensor1D {
  if (name !== 'wasm') return tf.sum(x, [0, 1]);
  const [height, width, channels] = x.shape;
  const ones = (n: number) => tf.ones([1, n]) as Tensor2D;
  const columns = tf.matMul(ones(height), x.reshape<Tensor2D>([height, width * channels]));
  return tf.matMul(ones(width), columns.reshape<Tensor2D>([width, channels])).reshape([channels]);
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
  const { slope } = activation;
  // The same for slopes up to 1, and a tenth of the time of wasm's own leakyRelu.
  if (name === 'wasm' && slope <= 1) return tf.maximum(x, tf.mul(x, slope));
  return tf.leakyRelu(x, slope);
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
