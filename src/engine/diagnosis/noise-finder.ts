import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { isRoughAllOver, isStuffAllOver } from './all-over.ts';
import { goesAllWays, isOfLines, isRandomGrain } from './directions.ts';
import { concentration, floorOf, floors, isSpread } from './floors.ts';
import { areRandom, GRAIN, isEvenGrain, isGrain } from './grain.ts';
import { isMonochrome } from './monochrome.ts';
import { BANDS, type Band, bandEnergy, halved, type Spectra, spectraOf, unclipped } from './spectra.ts';
import { quietSteps } from './steps.ts';

/** How noise shows itself. */
export type NoiseKind = 'white' | 'soft' | 'blotches' | 'grain';

/** Noise that is there for sure, and the blocks that may tell how much. */
export interface FoundNoise {
  readonly kind: NoiseKind;
  readonly spectra: Spectra;
  /** Blocks of photographic content, by index. */
  readonly blocks: readonly number[];
  /** The same with those that have a colour cut off; absent = `blocks`. */
  readonly withCutOff?: readonly number[];
  /** How much stronger brightness' noise is than the colours', as a ratio of variances, where it is theirs. */
  readonly brightness?: number;
  /** Brightness' noise is next to none beside the colours': what shows there is texture, however even. */
  readonly ofColoursOnly?: true;
}

/** Blocks overlap in pictures of fewer pixels, so that there are enough to tell from. */
export const FEW_PIXELS = 200 ** 2;
/** And lie apart in pictures of more. */
const MANY_PIXELS = 2 ** 22;
/**
 * Blocks that must be there before anything is said of colours, and of brightness alone; of that also as a share, and of what is cut off,
 * since where all is there may be none.
 */
export const ENOUGH = { colour: 30, brightness: 60, share: 0.15, cutOff: 0.6 } as const;

/**
 * Share of exact repetitions from which a block is drawn, or so plain that it has no noise to speak of: white noise of
 * σ 1 in a grey picture leaves .28 of the neighbours alike, in colours next to none.
 */
const DRAWN = 0.3;
/** Share of clipped samples from which a block hides too much of its noise; and from which it hides that there is any. */
const CLIPPED = 0.125;
const CUT_OFF = 0.5;
/** Of a colour that a place has next to none of, as red of a blue sky, all but a few may be. */
const COLOUR_CUT_OFF = 0.9;

/**
 * Shares of drawn blocks in what may be noisy: noise leaves none, but for what is blown out or pitch black, and then most
 * of the rest shows it. Soft grain that white cuts off repeats itself more.
 */
const MOST_DRAWN = { elsewhere: 0.08, atEnds: 0.45 } as const;
const MOST_DRAWN_IN_GRAIN = { ...MOST_DRAWN, elsewhere: 0.12 } as const;

const isPhotographic = ({ repeats, clipped }: Spectra, block: number, most: number): boolean =>
  repeats[block] < DRAWN && clipped[block] <= most;

/** The blocks of a picture, and of it at half its size, where blotches and coarse grain show. */
export interface Looks {
  readonly fine: Spectra;
  readonly coarse: Spectra;
}

export function* lookAt(picture: Picture): Pieces<Looks> {
  const pixels = picture.width * picture.height;
  const fine = yield* spectraOf(picture, lookSpacing(pixels));
  return { fine, coarse: yield* spectraOf(yield* halved(picture), lookSpacing(pixels / 4)) };
}

/** How far apart blocks of a picture of so many pixels are looked at, px. */
export const lookSpacing = (pixels: number): number =>
  pixels < FEW_PIXELS ? 4 : 8 * Math.ceil(Math.sqrt(pixels / MANY_PIXELS));

/**
 * Noise that the whole picture shows, by what hardly any of its photographic blocks are without. Of colours: what they
 * do not share, which clean pictures have next to none of, whatever their texture. Of brightness alone, where texture
 * looks alike: white noise well above what clean pictures have; and grain of monochrome pictures, if it is equally
 * strong in dark and in bright places. Thresholds were chosen on crops of 48 to 192 px of 16 undamaged photographs
 * (Kodak, Set5 and others) and their noisy copies.
 */
export function* findNoise(picture: Picture, { fine, coarse }: Looks): Pieces<FoundNoise | null> {
  const blocks = photographic(fine);
  yield;
  const byColours = yield* findByColours({ fine, coarse }, all(fine), all(coarse));
  // Few blocks do not tell of all: others may be cut off, and have none.
  if (byColours && blocks.length >= ENOUGH.share * fine.count) return byColours;
  if (blocks.length < enoughOf(fine) || isDrawn(fine, all(fine), MOST_DRAWN_IN_GRAIN)) return null;
  yield;
  const alike = picture.channels === 3 ? Math.sqrt(3) : 1;
  const alikeIfWhite = isOfOneColour(fine, blocks) ? 1 : alike;
  const grain = () =>
    isRandomGrain(picture, fine, blocks) && !isRoughAllOver(fine, blocks)
      ? ({ kind: 'grain', spectra: fine, blocks } as const)
      : null;
  if (isDrawn(fine))
    return (yield* hasQuietColours(picture, fine, blocks)) && isEvenGrain(picture, fine, blocks, alike)
      ? grain()
      : null;
  const isGrey = yield* isMonochrome(picture);
  if (
    (whiteInBrightness(fine, blocks, alikeIfWhite) ||
      (isGrey && whiteInBrightness(fine, blocks, alike, true))) &&
    areRandom(quietSteps(picture, fine, blocks), RANDOM) &&
    concentration(fine.power[0], blocks) <= MOST_CONCENTRATED
  )
    return goesAllWays(picture, fine, blocks) &&
      !isOfLines(picture, fine, blocks) &&
      !isStuffAllOver(fine, blocks, isGrey)
      ? { kind: 'white', spectra: fine, blocks }
      : null;
  yield;
  const isGrained =
    (yield* isGrainy(picture, fine, blocks, alike)) ||
    (yield* isCoarselyGrainy(picture, { fine, coarse }, alike));
  return isGrained ? grain() : null;
}

/**
 * Noise of a colour picture that all of its blocks, or those within a box, show.
 *
 * @param cutOff where most of it may be cut off; then only what is strong counts.
 */
export function* findByColours(
  { fine, coarse }: Looks,
  candidates: readonly number[],
  coarseCandidates: readonly number[],
  cutOff = false,
): Pieces<FoundNoise | null> {
  const blocks = photographic(fine, candidates, cutOff ? CUT_OFF : CLIPPED);
  const enough = Math.max(ENOUGH.colour, cutOff ? ENOUGH.cutOff * candidates.length : 0);
  if (fine.power.length === 1 || blocks.length < enough || isDrawn(fine, candidates)) return null;
  if (!isRestless(fine, blocks, STILL.fine)) return null;
  const found = yield* ofColours(fine, blocks, cutOff);
  if (found)
    return { ...found, spectra: fine, blocks, withCutOff: photographic(fine, candidates, COLOUR_CUT_OFF) };
  return !cutOff && blotches(coarse, photographic(coarse, coarseCandidates))
    ? { kind: 'blotches', spectra: fine, blocks }
    : null;
}

/** Whether so many of some blocks, or of all, are drawn that noise cannot be everywhere. */
export function isDrawn(
  spectra: Spectra,
  candidates: readonly number[] = all(spectra),
  most: { elsewhere: number; atEnds: number } = MOST_DRAWN,
): boolean {
  const { repeats, clipped } = spectra;
  const drawn = candidates.filter((b) => repeats[b] >= DRAWN);
  const atEnds = drawn.filter((b) => clipped[b] > 1 - DRAWN).length;
  const elsewhere = drawn.length - atEnds;
  return elsewhere > most.elsewhere * candidates.length || atEnds > most.atEnds * candidates.length;
}

/** The blocks that may show noise: of some, or of all. */
export const photographic = (
  spectra: Spectra,
  candidates: readonly number[] = all(spectra),
  clipped: number = CLIPPED,
): number[] => candidates.filter((b) => isPhotographic(spectra, b, clipped));

/** Blocks from which brightness alone tells of all. */
const enoughOf = ({ count }: Spectra): number => Math.max(ENOUGH.brightness, ENOUGH.share * count);

/** All blocks, by index. */
export const all = ({ count }: Spectra): number[] => Array.from({ length: count }, (_, b) => b);

/**
 * Levels, 1/255, and evenness of what two colour differences both have. `brightness`: of 105 crops of 96 to 128 px at σ 5 the 89 found
 * have at most 1.43 times as much in brightness; a face whose own grain of σ 6 shows besides has 1.42 to 1.9, and loses with
 * that grain where it is taken for noise.
 */
const COLOURS = {
  /** The finest details: sure; or with brightness no noisier than white noise makes it. */
  white: { sure: 6, least: 2.4, evenness: 0.78, brightness: 1.4 },
  soft: { sure: 6.5, least: 3.2, evenness: 0.75, brightness: 1.45 },
  /**
   * Of the picture at half its size: blotches as small sensors leave in the dark. Sure; or nearly as much as in
   * brightness, where pictures have most, and not only slow changes.
   */
  blotches: { sure: { least: 5.5, evenness: 0.75 }, least: 3, evenness: 0.65, brightness: 0.8, low: 0.2 },
} as const;
const EVEN = 0.7;
/**
 * The same by what photons are counted to be: bright places of few photons have several times as much as dark ones. In colours only of
 * so many times what is sure: a face's own grain grows with brightness, too.
 */
const EVEN_COUNTED = 0.84;
const FEW_PHOTONS = 2;

/**
 * How much both colour differences have in the direction of colours that has least of it, by the one that has most: the median of
 * blocks. Noise of σ 5 to 25, of photons, under JPEG and in blotches has .3 and more in every one of eight crops; grass, leaves,
 * stripes and brushes lie between two colours, .13 at most.
 */
const ROUND = 0.2;

/** Mean energy of a block's colour differences in the directions of colour that have most and least of it. */
function extremes({ power, shared }: Spectra, block: number, band: Band): { most: number; least: number } {
  const [u, v] = [1, 2].map((plane) => bandEnergy(power[plane], block, band));
  const spread = Math.hypot(u - v, (2 * shared[band][block]) / BANDS[band].length);
  return { most: (u + v + spread) / 2, least: Math.max(0, u + v - spread) / 2 };
}

/** Whether what the colours do not share goes in all directions of colour, and not to and fro between two colours. */
export function isOfAllColours(spectra: Spectra, blocks: readonly number[], band: Band): boolean {
  const roundness = Float64Array.from(blocks, (b) => {
    const { most, least } = extremes(spectra, b, band);
    return most > 0 ? least / most : 0;
  }).sort();
  return roundness[roundness.length >> 1] >= ROUND;
}

/** Noise of one colour alone is twice as strong in colours' differences as in brightness, in one direction; pictures have less there, or in more. */
const OF_ONE = { differences: 1.6, least: 0.1 } as const;

function isOfOneColour(spectra: Spectra, blocks: readonly number[]): boolean {
  if (spectra.power.length === 1) return false;
  const telling = blocks.filter((b) => {
    const { most, least } = extremes(spectra, b, 'high');
    if (least > OF_ONE.least * most) return false;
    return most >= OF_ONE.differences * bandEnergy(spectra.power[0], b, 'high');
  });
  return telling.length > blocks.length / 2;
}

/**
 * Most still steps in the median of blocks: noise has .06 of them, under JPEG of quality 90 up to .11, at half the size .07
 * at most. Sweets, petals, chips, sequins and dabs of paint are still within and change at their edges: .15 to .44.
 */
const STILL = { fine: 0.13, coarse: 0.1 } as const;

/** Whether colour differences change from each pixel to the next, as noise does, and not by shapes. */
export const isRestless = (
  { still }: Spectra,
  blocks: readonly number[],
  most: number = STILL.fine,
): boolean => Float32Array.from(blocks, (b) => still[b]).sort()[blocks.length >> 1] <= most;

/** What white noise of σ 1 leaves in 19 of 20 blocks in the direction of colours that has least, middle and finest frequencies. */
const LEAST_OF_NOISE = 0.69;

/**
 * The variance that noise can have at most, by the frequencies of a band in the direction of colours that has least; as a factor of
 * what is expected there of each block.
 */
export function mostVariance(
  spectra: Spectra,
  blocks: readonly number[],
  band: Band,
  expected = (_block: number) => 1,
): number {
  const least = Float64Array.from(
    blocks,
    (b) => extremes(spectra, b, band).least / unclipped(spectra, b) / expected(b),
  ).sort();
  return least[Math.floor(0.05 * (least.length - 1))] / LEAST_OF_NOISE ** 2;
}

/** σ of the white noise that a picture can have at most, 1/255. */
export const mostWhiteNoise = (spectra: Spectra, blocks: readonly number[]): number =>
  255 * Math.sqrt(mostVariance(spectra, blocks, 'high'));

/** Brightness is that much noisier than colours at most; where its floor says more, the rest of it is texture. */
const MOST_RATIO = 1.15;

function* ofColours(
  spectra: Spectra,
  blocks: readonly number[],
  onlyStrong: boolean,
): Pieces<Pick<FoundNoise, 'kind' | 'brightness'> | null> {
  for (const [kind, band] of [
    ['white', 'high'],
    ['soft', 'middle'],
  ] as const) {
    yield;
    const { sure, least, evenness, brightness } = COLOURS[kind];
    const [y, u, v] = floors(spectra, blocks, band);
    yield;
    const [level, even] = [Math.min(u.level, v.level), Math.min(u.evenness, v.evenness)];
    if (![1, 2].every((plane) => isSpread(spectra.power[plane], blocks, band))) continue;
    if (!isOfAllColours(spectra, blocks, band)) continue;
    const ratio = (2 * y.level) / (u.level + v.level);
    const isEven =
      even > EVEN || (level >= FEW_PHOTONS * sure && evennessCounted(spectra, blocks, band) >= EVEN_COUNTED);
    const isSure = level >= sure && isEven;
    if (isSure || (!onlyStrong && level >= least && even >= evenness && ratio <= brightness))
      return { kind, brightness: Math.min(ratio, MOST_RATIO) ** 2 };
  }
  return null;
}

/** Evenness of colour differences' noise if it is of photons. */
const evennessCounted = (spectra: Spectra, blocks: readonly number[], band: Band): number =>
  Math.min(...[1, 2].map((plane) => floorOf(spectra, blocks, plane, band, true).evenness));

/** Whether what looks like noise shows a direction, where there is enough that may: it is a texture that is lit from a side, or woven. */
export function isLitFromASide(picture: Picture, { fine }: Looks): boolean {
  const blocks = photographic(fine);
  return blocks.length >= ENOUGH.brightness && !goesAllWays(picture, fine, blocks);
}

/** The same, and whether it is of one stuff all over. */
export function* isTexture(picture: Picture, looks: Looks): Pieces<boolean> {
  if (isLitFromASide(picture, looks)) return true;
  yield;
  const blocks = photographic(looks.fine);
  if (blocks.length < enoughOf(looks.fine)) return false;
  return isStuffAllOver(looks.fine, blocks, yield* isMonochrome(picture));
}

/** Whether brightness has noise beside that of colours, and not texture, which is uneven. */
export const isEvenInBrightness = (spectra: Spectra, blocks: readonly number[]): boolean =>
  floorOf(spectra, blocks, 0, 'middle').evenness >= EVEN;

function blotches(spectra: Spectra, blocks: readonly number[]): boolean {
  if (blocks.length < ENOUGH.colour) return false;
  const [y, u, v] = floors(spectra, blocks, 'middle');
  const [, lowU, lowV] = floors(spectra, blocks, 'low');
  const [level, even] = [Math.min(u.level, v.level), Math.min(u.evenness, v.evenness)];
  if (![1, 2].every((plane) => isSpread(spectra.power[plane], blocks, 'middle'))) return false;
  if (!isOfAllColours(spectra, blocks, 'middle') || !isRestless(spectra, blocks, STILL.coarse)) return false;
  const { sure, least, evenness, brightness, low } = COLOURS.blotches;
  if (level >= sure.least && even >= sure.evenness) return true;
  const stronger = level >= brightness * y.level && level >= low * Math.max(lowU.level, lowV.level);
  return level >= least && even >= evenness && stronger;
}

/**
 * White noise in brightness alone: its level (σ 50 has 38), how much more the lower bands may have, and its evenness, which of
 * 60 photons is .87 and more in each of 18 grey crops, by what they are counted to be. Fine lines have `less` of it in the middle band,
 * engravings more than `most`.
 */
const BRIGHTNESS = {
  least: 5.8,
  most: 42,
  less: 0.7,
  middle: 1.35,
  low: 1.6,
  evenness: 0.75,
} as const;

/** What the quietest blocks' steps are at most, of noise σ 10 also under JPEG .24 and 3.1; of hatching .41 and 3.7 at least. */
const RANDOM = { still: 0.3, kurtosis: 3.4 } as const;

/** Of 26 grey crops with σ 10 and 25 each has .23 to .31; of engravings .36 and more. */
const MOST_CONCENTRATED = 0.34;

function whiteInBrightness(
  spectra: Spectra,
  blocks: readonly number[],
  alike: number,
  counted = false,
): boolean {
  const [high, middle, low] = (['high', 'middle', 'low'] as const).map((band) =>
    floorOf(spectra, blocks, 0, band, counted),
  );
  const { least, most, evenness } = BRIGHTNESS;
  return (
    high.level >= least * alike &&
    high.level <= most * alike &&
    high.evenness >= (counted ? EVEN_COUNTED : evenness) &&
    isSpread(spectra.power[0], blocks, 'high') &&
    middle.level >= BRIGHTNESS.less * high.level &&
    middle.level <= BRIGHTNESS.middle * high.level &&
    low.level <= BRIGHTNESS.low * high.level
  );
}

function* isGrainy(
  picture: Picture,
  fine: Spectra,
  blocks: readonly number[],
  alike: number,
): Pieces<boolean> {
  const sure = (yield* isMonochrome(picture)) ? GRAIN.monochrome : GRAIN.coloured;
  return (
    (yield* hasQuietColours(picture, fine, blocks)) &&
    (isGrain(fine, blocks, alike, sure) || isEvenGrain(picture, fine, blocks, alike))
  );
}

/** Grain is alike in all colours: where these have noise of their own, what brightness has more of is texture. */
function* hasQuietColours(picture: Picture, fine: Spectra, blocks: readonly number[]): Pieces<boolean> {
  if (yield* isMonochrome(picture)) return true;
  yield;
  const [, u, v] = floors(fine, blocks, 'high');
  return Math.min(u.level, v.level) < COLOURS.white.least;
}

/** Of monochrome pictures alone: at half their size the texture of others looks so too. */
function* isCoarselyGrainy(picture: Picture, { fine, coarse }: Looks, alike: number): Pieces<boolean> {
  yield;
  return (
    floorOf(fine, photographic(fine), 0, 'middle').evenness >= GRAIN.evennessOfCoarse &&
    (yield* isMonochrome(picture)) &&
    isGrain(coarse, photographic(coarse), alike, GRAIN.monochrome)
  );
}
