import { ofSorted } from '../quantile.ts';
import { energiesOf } from './floors.ts';
import type { Band, Spectra } from './spectra.ts';

/**
 * A picture is of one stuff all over where half of its blocks have hardly more in a band than its quietest, or all but the most; noise over
 * nothing is then as even in the finest band as chance leaves it (of photons once counted), and has no more in the lowest than its middle
 * band's softness tells. Shares of levels: the 5th by the 50th percentile of blocks, or that by the 95th. `evener`: by as much stuff is at
 * most more even in the finest band than in the lowest (1.47 of fourteen; photographs with noise of σ 10 and 25 that were taken for it have
 * 1.54 to 1.73). `coarse`: the lowest band by the middle one, of white noise and how it grows with softness. Chosen on 17 of 652 game
 * textures that were called noise (eleven are of one stuff: soil, grass, concrete, cobbles; the others are as even as noise) and 156 noisy
 * crops of 96 to 256 px, σ 7 to 25, alike in all colours.
 */
const EVEN = { low: 0.42, high: 0.76, evener: 1.5, coarse: 0.5 } as const;
const COARSE = { white: 0.75, softness: 0.6, more: 1.35 } as const;
const GRAIN = { most: 0.59, middle: 0.66 } as const;

/**
 * Whether what looks like white noise of brightness is of one stuff all over that is less even than noise, or coarser.
 *
 * @param isGrey it may be the noise of photons, too.
 */
export function isStuffAllOver(spectra: Spectra, blocks: readonly number[], isGrey: boolean): boolean {
  const [low, middle, high] = (['low', 'middle', 'high'] as const).map((band) =>
    levelsOf(spectra, blocks, band),
  );
  const evenness = low.few / low.half;
  const least = Math.min(EVEN.high, EVEN.evener * evenness);
  const isEven = ({ few, half }: Levels) => few >= least * half;
  if (evenness >= EVEN.low && !isEven(high))
    return !isGrey || !isEven(levelsOf(spectra, blocks, 'high', true));
  const coarse = COARSE.more * COARSE.white * (middle.few / high.few) ** COARSE.softness;
  return evenness >= EVEN.coarse && low.few > coarse * middle.few;
}

/** The same of grain, by its middle frequencies; where the lowest are less even than stuff's, what lies over them is grain. */
export function isRoughAllOver(spectra: Spectra, blocks: readonly number[]): boolean {
  const { few, half, most } = levelsOf(spectra, blocks, 'middle');
  const low = levelsOf(spectra, blocks, 'low');
  return low.few >= EVEN.low * low.half && half > GRAIN.most * most && few < GRAIN.middle * half;
}

/** What 5 %, half and 95 % of some blocks have at most of brightness in a band. */
interface Levels {
  readonly few: number;
  readonly half: number;
  readonly most: number;
}

/** @param counted by what noise of photons has in blocks of their brightness; default false. */
function levelsOf(spectra: Spectra, blocks: readonly number[], band: Band, counted = false): Levels {
  const energies = energiesOf(spectra, blocks, 0, band, counted);
  const [few, half, most] = [0.05, 0.5, 0.95].map((share) => Math.sqrt(ofSorted(energies, share)));
  return { few, half, most };
}
