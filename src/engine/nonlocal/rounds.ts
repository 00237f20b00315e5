/** References of a round are so many samples apart, a power of 2. */
export const SPACING = 8;

/**
 * Where the references of each round begin within squares of SPACING²: in the first rounds as far apart as can be. A round
 * knows which patches earlier ones have put back, not which it puts back itself.
 */
export const ROUNDS: readonly (readonly [row: number, column: number])[] = Array.from(
  { length: SPACING ** 2 },
  (_, at) => [Math.floor(at / SPACING), at % SPACING] as const,
).sort((a, b) => rankOf(a) - rankOf(b));

/** The bits of row and column, the lowest first, as digits of a number to base 4. */
function rankOf([row, column]: readonly [number, number]): number {
  let rank = 0;
  for (let bit = 1; bit < SPACING; bit *= 2) {
    const [down, right] = [Math.sign(row & bit), Math.sign(column & bit)];
    rank = 4 * rank + 2 * (down ^ right) + down;
  }
  return rank;
}
