import { AREA } from '../jpeg/dct.ts';
import type { PlaneNoise } from '../nonlocal/noise-model.ts';
import { fitLine } from './line.ts';
import { type FoundNoise, mostVariance } from './noise-finder.ts';
import { BANDS, MEASURED, meanOf, type Spectra, squared, unclipped } from './spectra.ts';

/** The share of blocks that are quietest; what noise is at most, by their energy; so many blocks tell of a brightness. */
const FLOOR = { share: 0.05, factor: 1.7, brightnesses: 3, blocks: 32 } as const;

/**
 * Grain is about as strong in all brightnesses, in variance: where more is measured it is texture. Of grain σ 14 among texture (kodim05) + .2 dB,
 * of σ 9 over six others none changes.
 */
const EVEN_GRAIN = 1.2;

/**
 * Noise measured where a plane is flattest, which may still have texture, brought down to what all blocks have: of each
 * brightness it is hardly more than the energy of the finest frequencies in the quietest of them. Chosen on 37 crops of 21
 * development photographs, 64 to 144 px.
 *
 * @param power of the plane, as `Spectra` has it.
 * @param spectrum of its noise, [8, 8].
 */
export function atMostTheQuietest(
  found: FoundNoise,
  power: Float32Array,
  spectrum: Float64Array,
  noise: PlaneNoise,
): PlaneNoise {
  const { kind, spectra } = found;
  const told = kind === 'white' ? BANDS.high : MEASURED;
  const sum = (f: (i: number) => number) => told.reduce((total, i) => total + f(i), 0);
  /** Energy of the told frequencies by the variance of all. */
  const part = (sum((i) => spectrum[i]) * AREA) / spectrum.reduce((total, s) => total + s, 0);
  const levels = byBrightness(found).map(({ own, brightness }) => {
    const expected = noise.black + noise.slope * brightness;
    // Each by what is expected of it, so that a group of many brightnesses is judged as one.
    const ratios = Float64Array.from(own, (b) => {
      const variance = (noise.black + noise.slope * spectra.brightness[b]) * unclipped(spectra, b);
      return variance > 0 ? sum((i) => power[b * AREA + i]) / (part * variance) : 1;
    }).sort();
    const share = Math.min(1, FLOOR.factor * ratios[Math.floor(FLOOR.share * (ratios.length - 1))]);
    return { brightness, variance: share * expected, share };
  });
  const most = kind === 'grain' ? EVEN_GRAIN * Math.min(...levels.map(({ variance }) => variance)) : Infinity;
  if (levels.every(({ share, variance }) => share === 1 && variance <= most)) return noise;
  const even = levels.map(({ brightness, variance }) => ({ brightness, variance: Math.min(most, variance) }));
  return { ...noise, ...fitLine(even) };
}

/** The blocks of a picture in groups of about the same brightness, from dark to bright. */
function byBrightness({ spectra, blocks }: FoundNoise) {
  const sorted = blocks.toSorted((a, b) => spectra.brightness[a] - spectra.brightness[b]);
  const groups = Math.max(1, Math.min(FLOOR.brightnesses, Math.floor(sorted.length / FLOOR.blocks)));
  return Array.from({ length: groups }, (_, g) => {
    const own = sorted.slice((g * sorted.length) / groups, ((g + 1) * sorted.length) / groups);
    return { own, brightness: own.reduce((total, b) => total + spectra.brightness[b], 0) / own.length };
  });
}

/**
 * Noise goes in all directions of colour, texture in some: `slack` times the variance of the direction that has least is the most
 * that it has. It grows with brightness if it does so by more than this power; texture is of any brightness. Chosen on every other
 * of 105 crops of 64 to 96 px of development photographs, σ = 5.
 */
const DIRECTIONS = { slack: 1.05, few: 10, growth: 0.5 } as const;

/** By how much at most the logarithm of the energy of colours' noise falls with the square of the frequency: 0 = not at all. */
export function coarsenessOf({ spectra, blocks }: FoundNoise): number {
  const [middle, high] = (['middle', 'high'] as const).map((band) => ({
    energy: mostVariance(spectra, blocks, band),
    squared: meanOf(BANDS[band], squared),
  }));
  return Math.max(0, Math.log(middle.energy / high.energy) / (high.squared - middle.squared));
}

/** Noise of colours, brought down to what the direction of colours with least of it has. */
export function atMostInAllDirections(
  found: FoundNoise,
  spectrum: Float64Array,
  noise: PlaneNoise,
): PlaneNoise {
  const { spectra, blocks } = found;
  const groups = byBrightness(found);
  const bounds = groups.map(({ own }) => mostVariance(spectra, own, 'high'));
  const [dark, bright] = [groups[0].brightness, groups[groups.length - 1].brightness];
  const grows = bounds[bounds.length - 1] / bounds[0] > (bright / dark) ** DIRECTIONS.growth;
  const even = mostVariance(spectra, blocks, 'high');
  /** Variance of the finest frequencies by that of all. */
  const part = (meanOf(BANDS.high, (i) => spectrum[i]) * AREA) / spectrum.reduce((sum, s) => sum + s, 0);
  const expected = (brightness: number) => noise.black + noise.slope * brightness;
  const levels = groups.map(({ brightness, own }) => {
    const bound = grows
      ? expected(brightness) * mostVariance(spectra, own, 'high', (b) => leastExpected(spectra, b, noise))
      : even;
    const most = (DIRECTIONS.slack * (1 + DIRECTIONS.few / blocks.length) * bound) / part;
    return { brightness, variance: Math.min(most, expected(brightness)) };
  });
  return { ...noise, ...fitLine(levels) };
}

/** Of noise that comes of light no colour that a block lacks has any: what the direction of colours that has least of it may have. */
function leastExpected({ brightness, power }: Spectra, block: number, { black, slope }: PlaneNoise): number {
  const [u, v] = [1, 2].map((plane) => power[plane][block * AREA] / AREA);
  const mean = Math.max(TINY, black + slope * brightness[block]);
  // Of red, green and blue light alone the directions' variances are the mean and up to this more or less.
  const lopsided = (slope * Math.sqrt((u + v) / 6)) / mean;
  return (mean * Math.max(LEAST_LIGHT, 1 - Math.hypot(lopsided, BY_CHANCE))) / (1 - BY_CHANCE);
}

/** What the energy of two directions differs by in a block where both have as much, by their mean; the least left in one. */
const [BY_CHANCE, LEAST_LIGHT] = [0.25, 0.2];
const TINY = 1e-9;
