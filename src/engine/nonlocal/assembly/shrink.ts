// The first step's estimate, of one plane: what of a group of noisy patches stands out of the noise. In units of the noise
// the matrix of its members keeps the directions that vary more than noise alone would, each less what of it is noise: the
// optimal shrinkage of singular values (Gavish & Donoho, IEEE Trans. Inf. Theory 63(4), 2017). x̂ = μ + R^½ M R^−½ (y − μ).
import { eigenRows } from './eigen';
import { fillRows } from './group';
import { mirror, scale, subtractGram, subtractProduct, subtractRow } from './matrix';
import { NoisePlane } from './noise';
import { F, up } from './vector';

/** What is kept of a direction that varies `ratio` times as much as the noise; `beta`: samples of a patch by members. */
// @ts-ignore: decorator
@inline
function keptOf(ratio: f32, beta: f32): f32 {
  const inner = (ratio - 1 - beta) * (ratio - 1 - beta) - 4 * beta;
  return ratio > 1 + beta && inner > 0 ? sqrt(inner) / ratio : 0;
}

/**
 * Whether no eigenvalue of the symmetric a is above `limit`: limit − a has a Cholesky factor then. Looks at the part on and
 * above the diagonal; by way of `b`.
 */
function isBelow(a: usize, length: i32, rows: i32, stride: usize, limit: f32, b: usize): bool {
  memory.copy(b, a, <usize>rows * stride);
  scale(b, <usize>rows * stride, -1);
  for (let i = 0; i < length; i++) {
    const diagonal = b + <usize>i * (stride + F);
    store<f32>(diagonal, load<f32>(diagonal) + limit);
  }
  for (let i = 0; i < length; i++) {
    const row = b + <usize>i * stride;
    const pivot = load<f32>(row + <usize>i * F);
    if (pivot <= 0) return false;
    const inverse: f32 = 1 / pivot;
    for (let j = i + 1; j < length; j++) {
      const first = <usize>(j & ~3) * F;
      const factor = load<f32>(row + <usize>j * F) * inverse;
      subtractRow(b + <usize>j * stride + first, row + first, factor, stride - first);
    }
  }
  return true;
}

/**
 * a ← −M, from the covariance a in units of the noise, in the part on and above the diagonal; by way of `b`. Returns whether
 * M is anything but 0.
 */
function shrink(a: usize, length: i32, rows: i32, stride: usize, beta: f32, b: usize, squares: usize): bool {
  // Noise alone, as in most groups, is told without its directions.
  if (isBelow(a, length, rows, stride, (1 + sqrt(beta)) * (1 + sqrt(beta)), b)) return false;
  const bytes = <usize>rows * stride;
  mirror(a, rows, stride);
  eigenRows(a, length, stride, squares);
  memory.copy(b, a, bytes);
  memory.fill(a, 0, bytes);
  for (let i = 0; i < length; i++) {
    const ratio = sqrt<f32>(load<f32>(squares + <usize>i * F));
    const kept = keptOf(ratio, beta);
    scale(b + <usize>i * stride, stride, kept > 0 ? sqrt<f32>(kept) / ratio : 0);
  }
  subtractGram(b, length, a, rows, stride);
  mirror(a, rows, stride);
  return true;
}

/** a ← c a d of symmetric c and d, all [rows, rows], by way of `b`. */
function between(c: usize, a: usize, d: usize, length: i32, rows: i32, stride: usize, b: usize): void {
  const bytes = <usize>rows * stride;
  memory.fill(b, 0, bytes);
  subtractProduct(a, stride, d, stride, length, b, rows, stride, stride);
  memory.fill(a, 0, bytes);
  subtractProduct(c, stride, b, stride, length, a, rows, stride, stride);
}

/**
 * y [members, stride] ← the estimates. a: the covariance of the `count` members about their `mean`, on and above the diagonal;
 * z [rows, width]: what they differ by from it, as columns. `b` and `squares` are workspace.
 */
export function estimateByShrinkage(
  noise: NoisePlane, variance: f32, a: usize, length: i32, rows: i32, stride: usize, count: i32, mean: usize,
  z: usize, y: usize, width: usize, b: usize, squares: usize,
): void {
  const coloured = noise.correlation != 0;
  scale(a, <usize>rows * stride, 1 / variance);
  if (coloured) {
    mirror(a, rows, stride);
    between(noise.whitening, a, noise.whitening, length, rows, stride, b);
  }
  const members = up(count, 4);
  fillRows(y, members, mean, stride);
  if (!shrink(a, length, rows, stride, <f32>length / <f32>max(1, count - 1), b, squares)) return;
  if (coloured) between(noise.whitening, a, noise.colouring, length, rows, stride, b);
  subtractProduct(z, width, a, stride, length, y, members, stride, stride);
}
