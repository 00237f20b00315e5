// The second step's estimate, of all planes together, by the guide's statistics: x̂ = y − Σ (C + Σ)⁻¹ (y − μ). The
// covariance C = XᵀX / m of few members has few directions, so that the same is solved among members instead of samples
// (Woodbury): x̂ = μ + Xᵀ (m + X Σ⁻¹ Xᵀ)⁻¹ X Σ⁻¹ (y − μ).
import { fillRows } from './group';
import { cholesky, mirror, scale, solve, subtractProduct, subtractSymmetric } from './matrix';
import { noiseOf, varianceAt } from './noise';
import { F, up } from './vector';

/** w = Σ⁻¹ x of `planes` planes of `size` samples, [rows, width] both. */
function byNoise(
  noise: usize, brightness: f32, planes: i32, size: i32, x: usize, rows: i32, width: usize, w: usize,
): void {
  memory.fill(w, 0, <usize>rows * width);
  const stride = <usize>up(size, 8) * F;
  for (let p = 0; p < planes; p++) {
    const plane = noiseOf(noise, p);
    const first = <usize>(p * size) * width;
    const bytes = <usize>size * width;
    // Blocks of four rows reach over a plane's last one, but add nothing there.
    if (plane.correlation) subtractProduct(plane.inverse, stride, x + first, width, size, w + first, size, width, width);
    else memory.copy(w + first, x + first, bytes);
    scale(w + first, bytes, (plane.correlation ? -1 : 1) / varianceAt(plane, brightness));
  }
}

/**
 * y [members, stride] ← the estimates. x: the guide's `count` members less their `mean`, as rows [members, stride], and again
 * as columns [rows, width] in xt; z [rows, width]: what the noisy samples differ by from it. w [rows, width], a and
 * b [members, width] are workspace.
 */
export function estimateByGuide(
  noise: usize, brightness: f32, planes: i32, size: i32, count: i32, x: usize, stride: usize, xt: usize,
  mean: usize, z: usize, y: usize, rows: i32, width: usize, w: usize, a: usize, b: usize,
): void {
  const members = up(count, 4);
  const bytes = <usize>members * width;
  byNoise(noise, brightness, planes, size, xt, rows, width, w);
  memory.fill(a, 0, bytes);
  subtractSymmetric(w, xt, rows, a, members, width);
  scale(a, bytes, -1);
  for (let i = 0; i < members; i++) {
    const diagonal = a + <usize>i * (width + F);
    store<f32>(diagonal, load<f32>(diagonal) + <f32>max(1, count - 1));
  }
  cholesky(a, members, width, 0.5);
  mirror(a, members, width);
  memory.fill(b, 0, bytes);
  subtractProduct(w, width, z, width, rows, b, members, width, width);
  solve(a, members, width, b, width, width);
  fillRows(y, members, mean, stride);
  subtractProduct(b, width, x, stride, count, y, members, stride, stride);
}
