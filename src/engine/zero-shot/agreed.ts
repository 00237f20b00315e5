import type { Picture } from '../image/picture.ts';

/** Results of fewer pixels are asked for twice: what networks learn of so little they may know by heart. */
export const ASKED_TWICE = 2 ** 16;
/**
 * The cosine between two answers from which nothing, and to which not all of them stays. Of seven small crops ×2 to ×3 at `fast` answers alike by .65, .71, .72, .74,
 * .83, .84 and .84 are best added by .37, .69, .62, .58, .86, .82 and .95 of themselves.
 */
const ALIKE = { none: 0.5, all: 0.85 } as const;

/**
 * How much of what networks add may stay, 0 … 1, by how alike they answer to a picture and to a turned view of it: what the picture
 * tells they find in both, what they make up differs.
 *
 * @param base what they were applied to.
 * @param one with what they add to one view.
 * @param both with the mean of that and of what they add to the other.
 */
export function agreedShare(base: Picture, one: Picture, both: Picture): number {
  let [product, first, second] = [0, 0, 0];
  for (let i = 0; i < base.colour.length; i++) {
    const a = one.colour[i] - base.colour[i];
    const b = 2 * both.colour[i] - one.colour[i] - base.colour[i];
    product += a * b;
    first += a * a;
    second += b * b;
  }
  const alike = product / Math.max(Number.MIN_VALUE, Math.sqrt(first * second));
  return Math.max(0, Math.min(1, (alike - ALIKE.none) / (ALIKE.all - ALIKE.none)));
}

/** The base, and a share of what was added to it. */
export function withShare(base: Picture, enlarged: Picture, share: number): Picture {
  if (share === 1) return enlarged;
  const colour = enlarged.colour.map((value, i) => base.colour[i] + share * (value - base.colour[i]));
  return { ...enlarged, colour };
}
