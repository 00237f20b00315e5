import { AREA } from '../jpeg/dct.ts';
import { BANDS, type Band, bandEnergy, type Spectra } from './spectra.ts';

/** What is left of noise after quantisation in blocks that hold little else: the least, and how evenly it is there. */
export interface Floor {
  /** 5 % of the blocks have less, 1/255. */
  readonly level: number;
  /** That, by what 20 % have less than: chi-square noise of a band .8 and more, pictures mostly less. */
  readonly evenness: number;
  /** What 1 of 200 blocks has less than, by the level: of noise .7 and more, where it is in all of them. */
  readonly least: number;
}

/** Below this brightness rounding hides the noise of photons. */
const DARKEST = 0.03;

const NONE: Floor = { level: 0, evenness: 0, least: 0 };

/** @param counted by what noise of photons has in blocks of this brightness, as if all were of middle grey; default false. */
export function floorOf(
  spectra: Spectra,
  blocks: readonly number[],
  plane: number,
  band: Band,
  counted = false,
): Floor {
  if (blocks.length === 0) return NONE;
  const energies = energiesOf(spectra, blocks, plane, band, counted);
  const at = (share: number) => Math.sqrt(energies[Math.floor(share * (energies.length - 1))]);
  const level = at(0.05);
  return {
    level: 255 * level,
    evenness: at(0.2) > 0 ? level / at(0.2) : 0,
    least: level > 0 ? at(0.005) / level : 0,
  };
}

/** Mean energies of some blocks in a band, the least first; `counted` as in `floorOf`. */
export function energiesOf(
  { power, brightness }: Spectra,
  blocks: readonly number[],
  plane: number,
  band: Band,
  counted: boolean,
): Float64Array {
  const by = (b: number) => (counted ? 2 * Math.max(DARKEST, brightness[b]) : 1);
  return Float64Array.from(blocks, (b) => bandEnergy(power[plane], b, band) / by(b)).sort();
}

/** Floors of a band in all planes. */
export const floors = (spectra: Spectra, blocks: readonly number[], band: Band): Floor[] =>
  spectra.power.map((_, plane) => floorOf(spectra, blocks, plane, band));

/**
 * Least share of a frequency in its band, of what noise's even spread would give: hatching, stripes and patterns live on
 * few frequencies. A band of noise that was smeared or compressed falls over it, hence so little.
 */
const SPREAD = 0.12;
/** Frequencies of a band that may be weaker: JPEG rounds the highest to nothing. */
const WEAK = 0.3;

/** Whether the energy of a band is spread over its frequencies. */
export const isSpread = (power: Float32Array, blocks: readonly number[], band: Band): boolean =>
  spreadOf(power, blocks, band) > SPREAD;

/** What the weaker frequencies of a band have, by the mean of all; each block counts alike, however strong. */
export function spreadOf(power: Float32Array, blocks: readonly number[], band: Band): number {
  const sums = new Float64Array(BANDS[band].length);
  for (const b of blocks) {
    const energy = bandEnergy(power, b, band);
    if (energy > 0)
      BANDS[band].forEach((i, k) => {
        sums[k] += power[b * AREA + i] / energy;
      });
  }
  sums.sort();
  const mean = sums.reduce((sum, s) => sum + s, 0) / sums.length;
  return sums[Math.floor(WEAK * sums.length)] / mean;
}

/** Middle and finest frequencies, so many of them, and the blocks that are least by them. */
const STRONGEST = { frequencies: [...BANDS.middle, ...BANDS.high], of: 3, blocks: 0.1 } as const;

/**
 * What the strongest frequencies of a block have of all, in the blocks where they have least: lines that are too fine to be followed
 * live on few frequencies, in each block others.
 */
export function concentration(power: Float32Array, blocks: readonly number[]): number {
  const { frequencies, of } = STRONGEST;
  const shares = Float64Array.from(blocks, (b) => {
    const energies = Float64Array.from(frequencies, (i) => power[b * AREA + i]).sort();
    const sum = (from: number) => energies.subarray(from).reduce((total, energy) => total + energy, 0);
    return sum(0) > 0 ? sum(energies.length - of) / sum(0) : 1;
  }).sort();
  return shares[Math.floor(STRONGEST.blocks * (shares.length - 1))];
}
