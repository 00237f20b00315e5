export function shareWords(share: number): string {
  const percent = 100 * share;
  return percent < 1 ? 'under 1 %' : `${Math.round(percent)} %`;
}

/** How much of a change was kept, 0 … 1, in a sentence; none where all of it was. */
export const keptOfChange = (share: number): string[] =>
  share < 0.995
    ? [`${shareWords(share)} of the change was kept; the rest was no damage and was given back.`]
    : [];
