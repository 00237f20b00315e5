type Values = Float32Array | Float64Array;

/** The value that a share of all lies below. */
export const quantile = (values: Values, share: number): number => ofSorted(values.slice().sort(), share);

/** The same of values that are sorted already. */
export const ofSorted = (sorted: Values, share: number): number =>
  sorted[Math.floor(share * (sorted.length - 1))];

/** The middle one, of an even number the upper of two. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1];

/** Half the distance between the 16th and the 84th percentile: the standard deviation of what is normal, without outliers. */
export function spreadOf(values: Float32Array): number {
  const sorted = values.slice().sort();
  return (ofSorted(sorted, 0.84) - ofSorted(sorted, 0.16)) / 2;
}
