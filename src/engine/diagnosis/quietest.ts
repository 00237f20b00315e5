import { AREA } from '../jpeg/dct.ts';
import type { PlaneNoise } from '../nonlocal/noise-model.ts';
import { fitLine } from './line.ts';
import type { FoundNoise } from './noise-finder.ts';
import { BANDS, MEASURED, unclipped } from './spectra.ts';

/** The share of blocks that are quietest; what noise is at most, by their energy; so many blocks tell of a brightness. */
const FLOOR = { share: 0.05, factor: 1.7, brightnesses: 3, blocks: 32 } as const;

/**
 * Noise measured where a plane is flattest, which may still have texture, brought down to what all blocks have: of each
 * brightness it is hardly more than the energy of the finest frequencies in the quietest of them. Chosen on 37 crops of 21
 * development photographs, 64 to 144 px.
 *
 * @param power of the plane, as `Spectra` has it.
 * @param spectrum of its noise, [8, 8].
 */
export function atMostTheQuietest(
  { kind, spectra, blocks }: FoundNoise,
  power: Float32Array,
  spectrum: Float64Array,
  noise: PlaneNoise,
): PlaneNoise {
  // What dithering is least where a colour of the palette happens to fit.
  if (kind === 'dither') return noise;
  const told = kind === 'white' ? BANDS.high : MEASURED;
  const sum = (f: (i: number) => number) => told.reduce((total, i) => total + f(i), 0);
  /** Energy of the told frequencies by the variance of all. */
  const part = (sum((i) => spectrum[i]) * AREA) / spectrum.reduce((total, s) => total + s, 0);
  const sorted = blocks.toSorted((a, b) => spectra.brightness[a] - spectra.brightness[b]);
  const groups = Math.max(1, Math.min(FLOOR.brightnesses, Math.floor(sorted.length / FLOOR.blocks)));
  const levels = Array.from({ length: groups }, (_, g) => {
    const own = sorted.slice((g * sorted.length) / groups, ((g + 1) * sorted.length) / groups);
    const brightness = own.reduce((total, b) => total + spectra.brightness[b], 0) / own.length;
    const expected = noise.black + noise.slope * brightness;
    // Each by what is expected of it, so that a group of many brightnesses is judged as one.
    const ratios = Float64Array.from(own, (b) => {
      const variance = (noise.black + noise.slope * spectra.brightness[b]) * unclipped(spectra, b);
      return variance > 0 ? sum((i) => power[b * AREA + i]) / (part * variance) : 1;
    }).sort();
    const share = Math.min(1, FLOOR.factor * ratios[Math.floor(FLOOR.share * (ratios.length - 1))]);
    return { brightness, variance: share * expected, share };
  });
  if (levels.every(({ share }) => share === 1)) return noise;
  return { ...noise, ...fitLine(levels) };
}
