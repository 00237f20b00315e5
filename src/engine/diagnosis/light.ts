import type { LightNoise } from '../nonlocal/noise-model.ts';
import { quantile } from '../quantile.ts';
import { fitLine } from './line.ts';
import { bandEnergy, QUIETER, type Spectra } from './spectra.ts';

/**
 * Blocks that count as flat: so many times as rough as what so many are less than, at most; points, samples cut off and levels that tell,
 * and how far these must be apart; what is above the line by so much is picture.
 */
const TOLD = {
  quiet: 0.25,
  rougher: 3,
  least: 24,
  clipped: 0.1,
  dark: 0.06,
  apart: 1.6,
  above: 3,
  rounds: 3,
} as const;
/** Share of the variance at middle grey that must grow with the level. */
const GROWS = 0.7;
/** Blocks are as flat as they are quiet beside what light of their brightness has; darker ones count as this. */
const DARK = 0.05;

/**
 * How noise grows with the level of each colour, where it does so as that of light: from what flat blocks have of it in red, in green
 * and in blue, whose levels differ where those of brightness do not. Null where it does not, or too few levels are seen.
 *
 * @param unit energy of the measured frequencies in a block of such noise of variance 1.
 */
export function lightOf(spectra: Spectra, blocks: readonly number[], unit: number): LightNoise | null {
  const { colours, brightness, power } = spectra;
  const roughness = Float64Array.from(
    blocks,
    (b) => bandEnergy(power[0], b, 'low') / Math.max(DARK, brightness[b]),
  );
  // Noise that is alike over pixels shows in coarse frequencies, too: the quietest have less of it than others.
  const most = TOLD.rougher * quantile(roughness.slice(), TOLD.quiet);
  const flat = blocks.filter((_, i) => roughness[i] <= most);
  const told = colours.flatMap(({ level, clipped, energy }) =>
    flat.flatMap((b) =>
      clipped[b] > TOLD.clipped || level[b] < TOLD.dark
        ? []
        : [{ brightness: level[b], variance: energy[b] / unit / (1 - QUIETER * clipped[b]) }],
    ),
  );
  if (told.length < TOLD.least) return null;
  const levels = told.map((point) => point.brightness).sort((a, b) => a - b);
  const at = (share: number) => levels[Math.floor(share * (levels.length - 1))];
  if (at(0.9) < TOLD.apart * at(0.1)) return null;
  let line = fitLine(told);
  for (let i = 1; i < TOLD.rounds; i++) {
    const most = (level: number) => TOLD.above * (line.black + line.slope * level);
    line = fitLine(told.filter((point) => point.variance <= most(point.brightness)));
  }
  const { black, slope } = line;
  return slope > 0 && slope / 2 >= GROWS * (black + slope / 2) ? line : null;
}
