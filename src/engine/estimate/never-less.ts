import { QUALITIES, type Quality } from '../choices.ts';

/**
 * What qualities cost, so that none is told to take longer than a higher one: each is timed for itself, and a busy moment
 * may make it seem so.
 */
export function neverLess<C extends { readonly seconds: number }>(
  costs: Readonly<Partial<Record<Quality, C>>>,
): Partial<Record<Quality, C>> {
  const told: Partial<Record<Quality, C>> = { ...costs };
  let seconds = Number.POSITIVE_INFINITY;
  for (const quality of [...QUALITIES].reverse()) {
    const cost = costs[quality];
    if (!cost) continue;
    seconds = Math.min(seconds, cost.seconds);
    told[quality] = { ...cost, seconds };
  }
  return told;
}
