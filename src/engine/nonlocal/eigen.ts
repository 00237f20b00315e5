/** Sweeps of Jacobi's method: it converges quadratically, and 30² needs seven. */
const SWEEPS = 12;

/** Eigenvalues, and eigenvectors as columns, of a symmetric matrix [n, n]: cyclic Jacobi (Golub & Van Loan, 8.5). */
export function eigen(symmetric: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = symmetric.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]) < 1e-15) continue;
        const [c, s] = rotation(a[p * n + p], a[q * n + q], a[p * n + q]);
        for (let i = 0; i < n; i++) rotate(a, i * n + p, i * n + q, c, s);
        for (let i = 0; i < n; i++) rotate(a, p * n + i, q * n + i, c, s);
        for (let i = 0; i < n; i++) rotate(v, i * n + p, i * n + q, c, s);
      }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]), vectors: v };
}

/** Cosine and sine of the rotation that makes [[p, r], [r, q]] diagonal. */
function rotation(p: number, q: number, r: number): [number, number] {
  const theta = (q - p) / (2 * r);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  return [c, t * c];
}

function rotate(m: Float64Array, p: number, q: number, c: number, s: number): void {
  const [x, y] = [m[p], m[q]];
  m[p] = c * x - s * y;
  m[q] = s * x + c * y;
}
