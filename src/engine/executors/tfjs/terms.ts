import type { Backend, Tensor, Tensor2D, Tensor3D } from './backend.ts';

/** A term of the loss and its gradient with respect to the image it looks at, [height, width, channels]. */
interface Term {
  readonly loss: Tensor;
  readonly dx: Tensor3D;
}

/** Σ w·ρ(x − target)/N; ρ is the square, or with huber = δ > 0 the smooth 2δ²(√(1 + (r/δ)²) − 1). */
export function dataTerm(
  { tf }: Backend,
  x: Tensor3D,
  target: Tensor3D,
  weight: Tensor3D | null,
  huber: number,
): Term {
  const scale = 1 / x.size;
  const residual: Tensor3D = tf.sub(x, target);
  const weighted: Tensor3D = weight ? tf.mul(residual, weight) : residual;
  if (huber === 0) {
    const loss = tf.mul(tf.sum(tf.mul(weighted, residual)), scale);
    return { loss, dx: tf.mul(weighted, 2 * scale) };
  }
  const root: Tensor3D = tf.sqrt(tf.add(tf.square(tf.div(residual, huber)), 1));
  // √(1 + q) − 1 loses all digits at small residuals; q / (√(1 + q) + 1) is the same and does not.
  const penalty = tf.div(tf.mul(weighted, residual), tf.add(root, 1));
  return { loss: tf.mul(tf.sum(penalty), 2 * scale), dx: tf.mul(tf.div(weighted, root), 2 * scale) };
}

const TV_EPSILON = 1e-3;

/** λ·Σ√(dh² + dv² + ε²)/N with forward differences, 0 beyond the last row and column. */
export function totalVariation({ tf }: Backend, x: Tensor3D, lambda: number): Term {
  const [height, width, channels] = x.shape;
  const matrix = x.reshape<Tensor2D>([height, width * channels]);
  const [dh, dv] = [difference(tf, matrix, 1, channels), difference(tf, matrix, 0, 1)];
  const length: Tensor2D = tf.sqrt(tf.add(tf.add(tf.square(dh), tf.square(dv)), TV_EPSILON ** 2));
  const scale = lambda / x.size;
  const dx = tf.add(
    differenceAdjoint(tf, tf.div(dh, length), 1, channels),
    differenceAdjoint(tf, tf.div(dv, length), 0, 1),
  );
  return {
    loss: tf.mul(tf.sum(length), scale),
    dx: tf.mul(dx, scale).reshape([height, width, channels]),
  };
}

/** x[i + unit] − x[i] along the axis, 0 in the last unit. */
function difference(tf: Backend['tf'], x: Tensor2D, axis: 0 | 1, unit: number): Tensor2D {
  if (x.shape[axis] === unit) return tf.zerosLike(x);
  return pad(tf, tf.sub(cut(tf, x, axis, unit, 0), cut(tf, x, axis, 0, unit)), axis, 0, unit);
}

/** g[i − unit] − g[i]; the last unit of g is 0, as difference leaves it. */
function differenceAdjoint(tf: Backend['tf'], g: Tensor2D, axis: 0 | 1, unit: number): Tensor2D {
  if (g.shape[axis] === unit) return g;
  return tf.sub(pad(tf, cut(tf, g, axis, 0, unit), axis, unit, 0), g);
}

function cut(tf: Backend['tf'], x: Tensor2D, axis: 0 | 1, before: number, after: number): Tensor2D {
  const begin: [number, number] = [0, 0];
  const size: [number, number] = [...x.shape];
  begin[axis] = before;
  size[axis] -= before + after;
  return tf.slice(x, begin, size);
}

function pad(tf: Backend['tf'], x: Tensor2D, axis: 0 | 1, before: number, after: number): Tensor2D {
  const sides: [number, number][] = [
    [0, 0],
    [0, 0],
  ];
  sides[axis] = [before, after];
  return tf.pad(x, sides);
}
