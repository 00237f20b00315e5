// Eigenvectors of a small covariance by one-sided Jacobi rotations (Hestenes, 1958): rows of it are turned in pairs until
// they are orthogonal, and are then the eigenvectors, each as long as its eigenvalue.
import { F, fma, fnma, sumLanes } from './vector';

/** Rows count as orthogonal when the cosine between them is less. */
const ORTHOGONAL: f32 = 1e-3;
/** It converges quadratically; what is left after so many sweeps is rounding. */
const SWEEPS = 8;

function dot(x: usize, y: usize, length: usize): f32 {
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < length; j += 16) sum = fma(v128.load(x + j), v128.load(y + j), sum);
  return sumLanes(sum);
}

/** x, y ← c x − s y, s x + c y */
function rotate(x: usize, y: usize, c: f32, s: f32, length: usize): void {
  const cs = f32x4.splat(c), ss = f32x4.splat(s);
  for (let j: usize = 0; j < length; j += 16) {
    const a = v128.load(x + j), b = v128.load(y + j);
    v128.store(x + j, fnma(b, ss, f32x4.mul(a, cs)));
    v128.store(y + j, fma(b, cs, f32x4.mul(a, ss)));
  }
}

/** The `count` rows of a symmetric matrix become λᵢ vᵢ; their squared lengths go to `squares`. */
export function eigenRows(a: usize, count: i32, stride: usize, squares: usize): void {
  for (let i = 0; i < count; i++) {
    const row = a + <usize>i * stride;
    store<f32>(squares + <usize>i * F, dot(row, row, stride));
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let turned = false;
    for (let i = 0; i < count; i++)
      for (let j = i + 1; j < count; j++) {
        const x = a + <usize>i * stride, y = a + <usize>j * stride;
        const xx = load<f32>(squares + <usize>i * F), yy = load<f32>(squares + <usize>j * F);
        const xy = dot(x, y, stride);
        if (xy * xy <= ORTHOGONAL * ORTHOGONAL * xx * yy || xy == 0) continue;
        turned = true;
        const zeta: f32 = (yy - xx) / (2 * xy);
        const t: f32 = <f32>(zeta < 0 ? -1 : 1) / (abs<f32>(zeta) + sqrt<f32>(1 + zeta * zeta));
        const c: f32 = 1 / sqrt<f32>(1 + t * t);
        rotate(x, y, c, c * t, stride);
        store<f32>(squares + <usize>i * F, max<f32>(0, xx - t * xy));
        store<f32>(squares + <usize>j * F, yy + t * xy);
      }
    if (!turned) return;
  }
}
