import type { Picture } from '../image/picture.ts';
import { median } from '../quantile.ts';
import { areWithin, type Bounds } from './bounds.ts';
import { floorOf, isSpread, spreadOf } from './floors.ts';
import type { Spectra } from './spectra.ts';
import { quietSteps, type Steps } from './steps.ts';

/** Soft grain: its level in the middle band, of which σ 30 has some 25, and how much more the low one may have: textures grow the coarser. */
export const GRAIN = {
  most: 30,
  low: 1.75,
  /** Grain is in all blocks: of 134 pictures with it the least has .77 of the floor; beside a lawn behind a fence, which looks like it else, .57. */
  leastOfAll: 0.68,
  /** Of the middle band where grain is coarser than that. */
  evennessOfCoarse: 0.65,
  /** Film and scanners grain grey and toned pictures alike in all colours. */
  monochrome: { least: 4.5, evenness: 0.75, span: 40 / 255, alike: 1.35, blocks: 60 },
  /** Of others lawns and gravel look so too. */
  coloured: { least: 5, evenness: 0.8, span: 50 / 255, alike: 1.25, blocks: 150 },
} as const;
type Sure = (typeof GRAIN)['monochrome' | 'coloured'];

export function isGrain(spectra: Spectra, blocks: readonly number[], alike: number, sure: Sure): boolean {
  if (blocks.length < sure.blocks) return false;
  const [middle, low] = (['middle', 'low'] as const).map((band) => floorOf(spectra, blocks, 0, band));
  return (
    middle.level >= sure.least * alike &&
    middle.level <= GRAIN.most * alike &&
    middle.evenness >= sure.evenness &&
    middle.least >= GRAIN.leastOfAll &&
    isSpread(spectra.power[0], blocks, 'middle') &&
    low.level <= GRAIN.low * middle.level &&
    isEverywhere(spectra, blocks, sure)
  );
}

/** Whether the darkest and the brightest third differ in brightness and not in their noise. */
function isEverywhere(spectra: Spectra, blocks: readonly number[], { span, alike }: Sure): boolean {
  const [dark, , bright] = byBrightness(spectra, blocks, 3);
  const [a, b] = [dark, bright].map((part) => floorOf(spectra, part, 0, 'middle').level);
  return (
    meanBrightness(spectra, bright) - meanBrightness(spectra, dark) >= span &&
    Math.max(a, b) <= alike * Math.min(a, b)
  );
}

/**
 * Grain that shows in parts of a picture where others have texture. Blocks are taken in `groups` of about the same brightness; so many of
 * these have the floor of the two lowest, give or take, and that floor looks as grain's does.
 */
const EVEN = { blocks: 100, groups: 6, enough: 3, alike: 1.2, least: 4, spread: 0.42 } as const;

/** What the groups of one floor have. */
interface Facts {
  /** How far they lie apart in brightness, 1/255. */
  readonly span: number;
  /** How much of the low band they have by the middle one, and of the high one: the median. */
  readonly low: number;
  readonly high: number;
  /** How evenly each of them has it, in the median. */
  readonly evenness: number;
  /** Steps in the quietest blocks. */
  readonly still: number;
  readonly kurtosis: number;
}

/**
 * How grain looks, as least and most of what is told; one of them is enough. Where its spectrum falls as that of grain which is soft by
 * some 0.7 px, no picture adds to it, and its steps are a normal variate's, it may lie within less brightness. The first was chosen
 * on 90 crops of 96 to 200 px of 23 photographs with grain of σ 9 and 6, and on them undamaged, 128 drawn textures, 45 crops of wallpapers
 * and 6 of lawn, gravel and brick; the second on the same 90 and 225 undamaged crops, lawns and reduced and enlarged ones among them.
 */
const LOOKS: readonly Bounds<keyof Facts>[] = [
  { span: [30, 255], low: [0, 1.65], high: [0.33, 0.75], still: [0, 0.21], kurtosis: [0, 3.1] },
  {
    ...{ span: [20, 255], low: [1.15, 1.55], high: [0.34, 0.46] },
    ...{ evenness: [0.82, 1], still: [0, 0.205], kurtosis: [0, 2.9] },
  },
];

export function isEvenGrain(
  picture: Picture,
  spectra: Spectra,
  blocks: readonly number[],
  alike: number,
): boolean {
  if (blocks.length < EVEN.blocks || floorOf(spectra, blocks, 0, 'middle').least < GRAIN.leastOfAll)
    return false;
  const groups = byBrightness(spectra, blocks, EVEN.groups).map((own) => {
    const [low, middle, high] = (['low', 'middle', 'high'] as const).map((band) =>
      floorOf(spectra, own, 0, band),
    );
    return {
      ...{ low: low.level / middle.level, middle: middle.level, high: high.level / middle.level },
      ...{ evenness: middle.evenness, brightness: 255 * meanBrightness(spectra, own) },
    };
  });
  const levels = groups.map(({ middle }) => middle).sort((a, b) => a - b);
  const floor = (levels[0] + levels[1]) / 2;
  // Where there is none, as in what is plain, there is none anywhere.
  if (levels[1] > EVEN.alike * levels[0]) return false;
  if (floor < EVEN.least * alike || floor > GRAIN.most * alike) return false;
  const same = groups.filter(({ middle }) => middle <= EVEN.alike * floor);
  if (same.length < EVEN.enough || spreadOf(spectra.power[0], blocks, 'middle') < EVEN.spread) return false;
  const brightness = same.map((group) => group.brightness);
  const facts: Facts = {
    span: Math.max(...brightness) - Math.min(...brightness),
    low: median(same.map(({ low }) => low)),
    high: median(same.map(({ high }) => high)),
    evenness: median(same.map(({ evenness }) => evenness)),
    ...quietSteps(picture, spectra, blocks),
  };
  return LOOKS.some((look) => areWithin(facts, look));
}

/** Whether steps from pixel to pixel are as noise's: neither still between edges, nor of some that are far larger than the others. */
export const areRandom = (steps: Steps, most: Steps): boolean =>
  steps.still <= most.still && steps.kurtosis <= most.kurtosis;

/** Blocks in groups of about the same brightness, from dark to bright. */
function byBrightness({ brightness }: Spectra, blocks: readonly number[], groups: number): number[][] {
  const sorted = blocks.toSorted((a, b) => brightness[a] - brightness[b]);
  const edge = (g: number) => Math.floor((g * sorted.length) / groups);
  return Array.from({ length: groups }, (_, g) => sorted.slice(edge(g), edge(g + 1)));
}

const meanBrightness = ({ brightness }: Spectra, blocks: readonly number[]): number =>
  blocks.reduce((sum, b) => sum + brightness[b], 0) / blocks.length;
