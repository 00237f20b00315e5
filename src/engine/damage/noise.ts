import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../turns.ts';
import { type Block, blocksOf } from './blocks.ts';

/** What kind of noise an image carries, and how much. */
export interface NoiseEstimate {
  /** Standard deviation at middle grey, in 1/255, root mean square over the channels. */
  readonly sigma: number;
  /** Share of the variance at middle grey that grows evenly with brightness: 0 = the same everywhere, 1 = none at black. */
  readonly growth: number;
  /** Correlation of neighbouring pixels' noise in flat areas: near 0 = white, above .2 = smeared or rescaled. */
  readonly correlation: number;
  /** Over the picture's range of brightness the noise visibly grows, as photon counts do. */
  readonly shot: boolean;
  /** Share of isolated pixels far off all their neighbours: salt and pepper, dust. */
  readonly impulses: number;
}

/** Neighbours' correlation from which noise is smeared, and its finest details say too little. */
export const SMEARED = 0.2;
/** Share of the blocks that are flat enough to show how smeared their noise is. */
const QUIETEST = 0.1;
/** The quietest blocks were chosen for their small variance; this undoes that for noise that is hardly smeared. */
const CHOSEN_BIAS = 1.12;

/**
 * Noise level, correlation and kind, from the flattest blocks of each channel. Samples that are not a number are left
 * out: colour that alpha hides.
 */
export function* estimateNoise({ colour, channels, width, height }: Picture): Pieces<NoiseEstimate> {
  const n = width * height;
  const each: NoiseEstimate[] = [];
  for (let c = 0; c < channels; c++)
    each.push(yield* estimatePlane(colour.subarray(c * n, (c + 1) * n), width, height));
  const variance = mean(each, (e) => e.sigma ** 2);
  return {
    sigma: Math.sqrt(variance),
    growth: variance > 0 ? mean(each, (e) => e.growth * e.sigma ** 2) / variance : 0,
    correlation: mean(each, (e) => e.correlation),
    shot: 2 * each.filter((e) => e.shot).length > channels,
    impulses: mean(each, (e) => e.impulses),
  };
}

/**
 * σ of noise in planes that hold hardly anything else: by what most of their blocks vary, where the quietest would be
 * those whose noise happens to be least, the more so the more it is smeared. In 1/255; 0 for planes without blocks.
 */
export function* typicalSigma({ colour, channels, width, height }: Picture): Pieces<number> {
  const n = width * height;
  let total = 0;
  for (let c = 0; c < channels; c++) {
    const blocks = yield* blocksOf(colour.subarray(c * n, (c + 1) * n), width, height);
    const variances = blocks.map(({ variance }) => variance).sort((a, b) => a - b);
    total += variances[variances.length >> 1] ?? 0;
  }
  return 255 * Math.sqrt(total / channels);
}

function* estimatePlane(x: Float32Array, width: number, height: number): Pieces<NoiseEstimate> {
  const blocks = yield* blocksOf(x, width, height);
  const quietest = smallest(blocks, (b) => b.variance, QUIETEST);
  yield;
  const variance = mean(quietest, (b) => b.variance);
  const correlation = variance > 1e-9 ? mean(quietest, (b) => b.neighbours) / variance : 0;
  const level =
    blocks.length > 0 ? yield* levelOf(blocks) : { black: medianLevel(x, width, height), slope: 0 };
  const grey = level.black + level.slope / 2;
  // Smeared noise has next to no finest details: there the quietest blocks tell more.
  const sigma = Math.sqrt(correlation > SMEARED ? Math.max(grey, CHOSEN_BIAS ** 2 * variance) : grey);
  return {
    sigma: 255 * sigma,
    growth: grey > 0 ? level.slope / 2 / grey : 0,
    correlation,
    shot: growsWithBrightness(level, blocks),
    impulses: yield* impulseShare(x, width, height, Math.max(IMPULSE, 4 * sigma)),
  };
}

function smallest(blocks: readonly Block[], key: (block: Block) => number, share: number): Block[] {
  const count = Math.max(8, Math.round(share * blocks.length));
  return blocks.toSorted((a, b) => key(a) - key(b)).slice(0, count);
}

/** 0 of none. */
const mean = <T>(items: readonly T[], f: (item: T) => number): number =>
  items.reduce((total, item) => total + f(item), 0) / (items.length || 1);

/** Variance of the noise at black, and how much it grows to white. */
interface Level {
  readonly black: number;
  readonly slope: number;
}

/** Shares of the blocks that are taken for flat: at first, and once the level is roughly known. */
const FLAT_AT_FIRST = 0.3;
const FLAT = 0.2;

/**
 * Poisson's and Gauss's noise together (Foi et al., IEEE TIP 17(10), 2008), from the blocks that are flat beside the
 * noise of their brightness. They are chosen by what is coarse and measured by what is fine, so that the choice does not
 * bias the measure; only at first, while the level is not known, their own fine details stand for it.
 */
function* levelOf(blocks: readonly Block[]): Pieces<Level> {
  let level = fitLine(smallest(blocks, (b) => b.coarse / (b.diagonal + TINY), FLAT_AT_FIRST));
  for (let i = 0; i < 2; i++) {
    yield;
    const { black, slope } = level;
    level = fitLine(smallest(blocks, (b) => b.coarse / (black + slope * b.mean + TINY), FLAT));
  }
  return level;
}

/** A variance far below that of rounding to 8 bits. */
const TINY = 1e-9;

/** Weighted least squares of the variance by brightness, where neither noise can be less than none. */
function fitLine(blocks: readonly Block[]): Level {
  const average = mean(blocks, (b) => b.diagonal);
  let level: Level = { black: average, slope: 0 };
  // The measured variances scatter in proportion to what they are, hence the weights, and hence the repetition.
  for (let i = 0; i < 3; i++) {
    let [w, wm, wd, wmm, wmd] = [0, 0, 0, 0, 0];
    for (const { mean: m, diagonal: d } of blocks) {
      const weight = 1 / (level.black + level.slope * m + TINY) ** 2;
      w += weight;
      wm += weight * m;
      wd += weight * d;
      wmm += weight * m * m;
      wmd += weight * m * d;
    }
    const determinant = w * wmm - wm * wm;
    if (determinant <= 1e-9 * w * wmm) break;
    const slope = (w * wmd - wm * wd) / determinant;
    const black = (wd - slope * wm) / w;
    if (slope < 0) level = { black: average, slope: 0 };
    else level = black < 0 ? { black: 0, slope: wd / wm } : { black, slope };
  }
  return level;
}

/** Median absolute deviation of a unit normal variate. */
const MAD_OF_NORMAL = 0.6745;

/** The variance by Donoho's median of the finest diagonal Haar coefficients (Biometrika 81(3), 1994). */
function medianLevel(x: Float32Array, width: number, height: number): number {
  const magnitudes: number[] = [];
  for (let i = 0; i + 1 < height; i += 2)
    for (let j = 0; j + 1 < width; j += 2) {
      const at = i * width + j;
      const diagonal = Math.abs(x[at] - x[at + 1] - x[at + width] + x[at + width + 1]) / 2;
      if (!Number.isNaN(diagonal)) magnitudes.push(diagonal);
    }
  if (magnitudes.length === 0) return 0;
  const sorted = Float64Array.from(magnitudes).sort();
  return (sorted[sorted.length >> 1] / MAD_OF_NORMAL) ** 2;
}

/** How many times more varied the bright parts are than the dark ones, if the noise is called shot noise. */
const SHOT = 1.6;

/** Whether the noise is so much stronger at the brightest tenth of the blocks than at the darkest. */
function growsWithBrightness({ black, slope }: Level, blocks: readonly Block[]): boolean {
  const means = blocks.map((b) => b.mean).sort((a, b) => a - b);
  const at = (share: number) => black + slope * means[Math.floor(share * (means.length - 1))];
  return means.length >= 24 && at(0.9) > SHOT * at(0.1);
}

/** How far, of the full range, an impulse stands out at least. */
const IMPULSE = 0.25;

/** Share of pixels that differ strongly, and to one side, from at least 7 of their 8 neighbours. */
function* impulseShare(x: Float32Array, width: number, height: number, least: number): Pieces<number> {
  let count = 0;
  for (let i = 1; i + 1 < height; i++) {
    for (let j = 1; j + 1 < width; j++) {
      const at = i * width + j;
      let [above, below] = [0, 0];
      for (let k = 0; k < 9; k++) {
        if (k === 4) continue;
        const difference = x[at] - x[at + (Math.floor(k / 3) - 1) * width + (k % 3) - 1];
        if (difference > least) above++;
        if (difference < -least) below++;
      }
      if (Math.max(above, below) >= 7) count++;
    }
    yield;
  }
  return count / (width * height);
}
