/** What a measure tells: pairs of its value and the logarithm of the odds there; linear between them, constant beyond. */
export type Evidence = readonly (readonly [value: number, odds: number])[];

/** The logarithm of the odds at a value. */
export function tells(evidence: Evidence, value: number): number {
  let [x0, y0] = evidence[0];
  if (!(value > x0)) return y0;
  for (const [x1, y1] of evidence) {
    if (value < x1) return y0 + ((y1 - y0) * (value - x0)) / (x1 - x0);
    [x0, y0] = [x1, y1];
  }
  return y0;
}

/** The most that some measures tell together. */
export const mostOf = (...all: readonly Evidence[]): number =>
  all.reduce((sum, evidence) => sum + Math.max(...evidence.map(([, odds]) => odds)), 0);
