/** Least and most of some of what is told of a picture. */
export type Bounds<Fact extends string> = Partial<Record<Fact, readonly [least: number, most: number]>>;

/** Whether what is told lies within all bounds. */
export function areWithin<Fact extends string>(
  facts: Readonly<Record<Fact, number>>,
  bounds: Bounds<Fact>,
): boolean {
  for (const fact in bounds) {
    const [least, most] = bounds[fact] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    if (!(facts[fact] >= least && facts[fact] <= most)) return false;
  }
  return true;
}
