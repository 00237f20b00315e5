/** A line or speck as it is judged by itself. */
export interface Judged {
  /** Brightness as the sheet has it. */
  readonly tone: number;
  /** How much of it there is: px of a line, 1 of a speck. */
  readonly amount: number;
  /** Logarithm of the odds that it is damage, by itself. */
  readonly odds: number;
}

/** Steps that tones are counted in, of the full range; and how many of them to either side are the same tone. */
const STEPS = 128;
const SAME = 7;

/** How the odds of one change with the company of the others. */
interface Company {
  readonly none: number;
  readonly own: number;
  /** Odds from which one is a witness of damage of its tone; and by how much more, per logarithm of their amount and this much. */
  readonly witness: { readonly from: number; readonly odds: number; readonly least: number };
  /** The same of those between two odds, which are the picture's own. */
  readonly picture: {
    readonly from: number;
    readonly to: number;
    readonly odds: number;
    readonly least: number;
  };
}

/** Fitted as the odds themselves were (evidence.ts, speck-evidence.ts). */
export const OF_LINES: Company = {
  none: 0.6,
  own: 1.12,
  witness: { from: 1.5, odds: 0.96, least: 20 },
  picture: { from: -5, to: -0.5, odds: -0.68, least: 50 },
};
export const OF_SPECKS: Company = {
  none: 2.2,
  own: 1,
  witness: { from: 0, odds: 1.3, least: 1 },
  picture: { from: -4, to: 0, odds: -1.2, least: 5 },
};
/** Lines that are damage speak for specks of their tone, too: per logarithm of 1 and their px in units of this. */
const LINES_FOR_SPECKS = { odds: 0.45, unit: 30 } as const;

/**
 * The odds of each in the company of the others: what has the tone of lines that are surely damage is likely damage too, and
 * what has that of many lines that surely are not is likely part of the picture as they are.
 */
export function oddsInCompany(all: readonly Judged[], { none, own, witness, picture }: Company): number[] {
  const isWitness = ({ odds }: Judged) => odds >= witness.from;
  const isPicture = ({ odds }: Judged) => odds > picture.from && odds < picture.to;
  const witnesses = amountsNear(all.filter(isWitness));
  const others = amountsNear(all.filter(isPicture));
  return all.map((one) => {
    const { tone, amount, odds } = one;
    const speakFor = witnesses(tone) - (isWitness(one) ? amount : 0);
    const speakAgainst = others(tone) - (isPicture(one) ? amount : 0);
    return (
      none +
      own * odds +
      witness.odds * Math.log(witness.least + speakFor) +
      picture.odds * Math.log(picture.least + speakAgainst)
    );
  });
}

/** By how much damaged lines raise the odds of a speck of some tone. */
export function supportByLines(damaged: readonly Judged[]): (tone: number) => number {
  const near = amountsNear(damaged);
  return (tone) => LINES_FOR_SPECKS.odds * Math.log(1 + near(tone) / LINES_FOR_SPECKS.unit);
}

/** How much there is of about a tone. */
function amountsNear(all: readonly Judged[]): (tone: number) => number {
  const step = (tone: number) => Math.round(STEPS * Math.min(1, Math.max(0, tone)));
  const counts = new Float64Array(STEPS + 1);
  for (const { tone, amount } of all) counts[step(tone)] += amount;
  const near = counts.map((_, at) =>
    counts.subarray(Math.max(0, at - SAME), at + SAME + 1).reduce((a, b) => a + b, 0),
  );
  return (tone) => near[step(tone)];
}
