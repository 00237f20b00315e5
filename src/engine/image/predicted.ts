/** Rows of features and what each is to be told as, 0 or 1. */
export interface Samples {
  readonly features: readonly Float32Array[];
  readonly is: Uint8Array;
}

/** Features are counted from their mean, in this unit. */
const UNIT = 0.2;
/** Steps at most, the weights' change that ends them, and what keeps them from growing without end. */
const FIT = { steps: 16, still: 0.05, ridge: 1e-6, least: 1e-6, far: 30 } as const;

/**
 * What a mix of features, learnt from the samples of the other half, says of each sample: above 0 it is told as 1. By logistic
 * regression (Cox, JRSS B 20, 1958), Newton's steps.
 *
 * @param half 0 or 1: which half each sample belongs to.
 */
export function predicted({ features, is }: Samples, half: Uint8Array): Float32Array {
  const rows = rowsOf(features, is.length);
  const told = new Float32Array(is.length);
  for (const side of [0, 1]) {
    const learnt = rows.filter((_, k) => half[k] === side);
    const weights = weightsOf(
      learnt,
      is.filter((_, k) => half[k] === side),
      features.length + 1,
    );
    rows.forEach((row, k) => {
      if (half[k] !== side) told[k] = product(row, weights);
    });
  }
  return told;
}

/** The features of each sample, from their means, and a 1. */
function rowsOf(features: readonly Float32Array[], count: number): readonly Float64Array[] {
  const means = features.map((feature) => feature.reduce((sum, value) => sum + value, 0) / count);
  return Array.from({ length: count }, (_, k) =>
    Float64Array.from({ length: features.length + 1 }, (_, c) =>
      c < features.length ? (features[c][k] - means[c]) / UNIT : 1,
    ),
  );
}

function weightsOf(rows: readonly Float64Array[], is: Uint8Array, size: number): Float64Array {
  const weights = new Float64Array(size);
  const ridge = FIT.ridge * rows.length;
  for (let step = 0; step < FIT.steps; step++) {
    const slope = weights.map((weight) => -ridge * weight);
    const bend = Array.from(weights, (_, a) => Float64Array.from(weights, (_, b) => (a === b ? ridge : 0)));
    rows.forEach((row, k) => {
      const says = Math.min(FIT.far, Math.max(-FIT.far, product(row, weights)));
      const share = 1 / (1 + Math.exp(-says));
      const sure = Math.max(FIT.least, share * (1 - share));
      const off = is[k] - share;
      for (let a = 0; a < size; a++) {
        slope[a] += row[a] * off;
        const scaled = sure * row[a];
        const line = bend[a];
        for (let b = 0; b <= a; b++) line[b] += scaled * row[b];
      }
    });
    const change = solved(bend, slope);
    for (let a = 0; a < size; a++) weights[a] += change[a];
    if (change.every((value) => Math.abs(value) < FIT.still)) break;
  }
  return weights;
}

function product(row: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let a = 0; a < row.length; a++) sum += row[a] * weights[a];
  return sum;
}

/** By Cholesky's factors, of the lower triangle, which is written over. */
function solved(bend: readonly Float64Array[], slope: Float64Array): Float64Array {
  const size = slope.length;
  for (let a = 0; a < size; a++)
    for (let b = 0; b <= a; b++) {
      let sum = bend[a][b];
      for (let c = 0; c < b; c++) sum -= bend[a][c] * bend[b][c];
      bend[a][b] = a === b ? Math.sqrt(Math.max(sum, Number.EPSILON)) : sum / bend[b][b];
    }
  const x = slope.slice();
  for (let a = 0; a < size; a++) {
    for (let c = 0; c < a; c++) x[a] -= bend[a][c] * x[c];
    x[a] /= bend[a][a];
  }
  for (let a = size - 1; a >= 0; a--) {
    for (let c = a + 1; c < size; c++) x[a] -= bend[c][a] * x[c];
    x[a] /= bend[a][a];
  }
  return x;
}
