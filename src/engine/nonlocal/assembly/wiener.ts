// The second step's estimate, of all planes together: x̂ = y − Σ (C + Σ)⁻¹ (y − μ), with μ and C of the guide.
import { cholesky, mirror, scale, solve, subtractProduct } from './matrix';
import { noiseOf, varianceAt } from './noise';
import { F, fnma, up } from './vector';

/** Pivots smaller than this share of what varies are rounding. */
const ROUNDING: f32 = 1e-6;

/** a + Σ of `planes` planes of `size` samples; 1 on the diagonal of the padding. */
function addNoise(
  noise: usize, brightness: f32, planes: i32, size: i32, a: usize, rows: i32, stride: usize,
): void {
  const correlationStride = <usize>up(size, 8) * F;
  for (let p = 0; p < planes; p++) {
    const plane = noiseOf(noise, p);
    const variance = varianceAt(plane, brightness);
    const factor = f32x4.splat(-variance);
    for (let i = 0; i < size; i++) {
      const row = a + <usize>(p * size + i) * stride + <usize>(p * size) * F;
      if (plane.correlation == 0) {
        const diagonal = row + <usize>i * F;
        store<f32>(diagonal, load<f32>(diagonal) + variance);
        continue;
      }
      const from = plane.correlation + <usize>i * correlationStride;
      for (let j: usize = 0; j < correlationStride; j += 16)
        v128.store(row + j, fnma(v128.load(from + j), factor, v128.load(row + j)));
    }
  }
  for (let i = planes * size; i < rows; i++) store<f32>(a + <usize>i * stride + <usize>i * F, 1);
}

/** y −= Σ z; z is used up. */
function subtractNoise(
  noise: usize, brightness: f32, planes: i32, size: i32, z: usize, y: usize, width: usize,
): void {
  for (let p = 0; p < planes; p++) {
    const plane = noiseOf(noise, p);
    const variance = varianceAt(plane, brightness);
    const first = <usize>(p * size) * width;
    const bytes = <usize>size * width;
    if (plane.correlation == 0) {
      const factor = f32x4.splat(variance);
      for (let j: usize = first; j < first + bytes; j += 16)
        v128.store(y + j, fnma(v128.load(z + j), factor, v128.load(y + j)));
      continue;
    }
    scale(z + first, bytes, variance);
    const stride = <usize>up(size, 8) * F;
    subtractProduct(plane.correlation, stride, z + first, width, size, y + first, size, width, width);
  }
}

/**
 * y [rows, width] ← the estimates of the noisy samples in it. a: the guide's covariance on and above the diagonal; z: what
 * y differs by from the guide's mean. Both are used up.
 */
export function estimateByGuide(
  noise: usize, brightness: f32, planes: i32, size: i32, varies: f32, a: usize, rows: i32, stride: usize,
  z: usize, y: usize, width: usize,
): void {
  addNoise(noise, brightness, planes, size, a, rows, stride);
  cholesky(a, rows, stride, max(1e-9, (ROUNDING * varies) / <f32>(planes * size)));
  mirror(a, rows, stride);
  solve(a, rows, stride, z, width, width);
  subtractNoise(noise, brightness, planes, size, z, y, width);
}
