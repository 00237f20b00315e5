/** Variance of samples that is as good as none, of the full range squared. */
const STILL = 1e-5;

/** Pearson's correlation of two rows of samples 0 … 1, −1 … 1; towards 0 where either hardly changes. */
export function correlation(a: Float32Array, b: Float32Array): number {
  const n = a.length;
  const [ma, mb] = [a, b].map((values) => values.reduce((sum, value) => sum + value, 0) / n);
  let [aa, bb, ab] = [STILL * n, STILL * n, 0];
  for (let i = 0; i < n; i++) {
    aa += (a[i] - ma) ** 2;
    bb += (b[i] - mb) ** 2;
    ab += (a[i] - ma) * (b[i] - mb);
  }
  return ab / Math.sqrt(aa * bb);
}
