/** The value that a share of all lies below. */
export function quantile(values: Float32Array, share: number): number {
  const sorted = values.slice().sort();
  return sorted[Math.floor(share * (sorted.length - 1))];
}

/** Half the distance between the 16th and the 84th percentile: the standard deviation of what is normal, without outliers. */
export function spreadOf(values: Float32Array): number {
  const sorted = values.slice().sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  return (at(0.84) - at(0.16)) / 2;
}
