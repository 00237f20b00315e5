// The order of reference patches. From left to right each would lie at the edge of what was estimated before it; instead
// they are gone through in rounds: those of a round SPACING apart, the first rounds as far from each other as can be. A
// round knows what earlier ones have put back, not what it puts back itself, so that its references may come in any order
// or all at once. As in ../rounds.ts.

export const SPACING = 8;
export const ROUNDS = SPACING * SPACING;

/** Row and column of a round's first reference, as row × SPACING + column: its bits are digits to base 4, the lowest first. */
export function startOf(round: i32): i32 {
  let row = 0, column = 0;
  for (let rest = round, bit = SPACING >> 1; bit > 0; bit >>= 1, rest >>= 2) {
    const down = rest & 1;
    row |= down * bit;
    column |= (((rest >> 1) & 1) ^ down) * bit;
  }
  return row * SPACING + column;
}
