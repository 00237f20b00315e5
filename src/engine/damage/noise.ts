import type { Picture } from '../image/picture.ts';

/** What kind of noise an image carries, and how much. */
export interface NoiseEstimate {
  /** Standard deviation, in 1/255, mean over the channels. */
  readonly sigma: number;
  /** Correlation of neighbouring pixels' noise in flat areas: near 0 = white, above .2 = smeared or rescaled. */
  readonly correlation: number;
  /** The noise grows with brightness, as photon counts do. */
  readonly shot: boolean;
  /** Share of isolated pixels far off all their neighbours: salt and pepper, dust. */
  readonly impulses: number;
}

const BLOCK = 8;
/** Share of the blocks that are flat enough to show noise alone. */
const FLATTEST = 0.1;
/** The flattest blocks were chosen for their small variance; this undoes that for white noise. */
const CHOSEN_BIAS = 1.12;
/** Median absolute deviation of a unit normal variate. */
const MAD_OF_NORMAL = 0.6745;

/**
 * Noise level, correlation and kind, from the finest details and the flattest blocks of each channel. Samples that are
 * not a number are left out: colour that alpha hides.
 */
export function estimateNoise({ colour, channels, width, height }: Picture): NoiseEstimate {
  const n = width * height;
  const each = Array.from({ length: channels }, (_, c) =>
    estimatePlane(colour.subarray(c * n, (c + 1) * n), width, height),
  );
  const mean = (f: (estimate: NoiseEstimate) => number) => each.reduce((sum, e) => sum + f(e), 0) / channels;
  return {
    sigma: Math.sqrt(mean((e) => e.sigma ** 2)),
    correlation: mean((e) => e.correlation),
    shot: 2 * each.filter((e) => e.shot).length > channels,
    impulses: mean((e) => e.impulses),
  };
}

function estimatePlane(x: Float32Array, width: number, height: number): NoiseEstimate {
  const blocks = blockStatistics(x, width, height);
  const detail = detailSigma(x, width, height);
  const flattest = blocks
    .toSorted((a, b) => a.variance - b.variance)
    .slice(0, Math.max(4, Math.round(FLATTEST * blocks.length)));
  const sum = (f: (block: BlockStatistics) => number) => flattest.reduce((total, b) => total + f(b), 0);
  const variance = flattest.length > 0 ? sum((b) => b.variance) / flattest.length : detail ** 2;
  const flat = CHOSEN_BIAS * Math.sqrt(variance);
  const squares = sum((b) => b.variance);
  // Texture looks like noise to the finest details, smeared noise like none: the flat blocks bound both errors.
  const sigma = detail < flat ? flat : Math.min(detail, 1.25 * flat);
  return {
    sigma: 255 * sigma,
    correlation: squares > 1e-9 ? sum((b) => b.neighbours) / squares : 0,
    shot: growsWithBrightness(blocks),
    impulses: impulseShare(x, width, height, Math.max(IMPULSE, 4 * sigma)),
  };
}

/** Donoho's estimate: the median of the finest diagonal Haar coefficients (Biometrika 81(3), 1994). */
function detailSigma(x: Float32Array, width: number, height: number): number {
  const magnitudes: number[] = [];
  for (let i = 0; i + 1 < height; i += 2)
    for (let j = 0; j + 1 < width; j += 2) {
      const at = i * width + j;
      const diagonal = Math.abs(x[at] - x[at + 1] - x[at + width] + x[at + width + 1]) / 2;
      if (!Number.isNaN(diagonal)) magnitudes.push(diagonal);
    }
  if (magnitudes.length === 0) return 0;
  const sorted = Float64Array.from(magnitudes).sort();
  return sorted[sorted.length >> 1] / MAD_OF_NORMAL;
}

/** A block's residual after its best plane is taken away. */
interface BlockStatistics {
  readonly mean: number;
  readonly variance: number;
  /** Mean product of neighbours' residuals. */
  readonly neighbours: number;
}

/** Of every block that is visible throughout and without clipped samples, which would look quieter than they are. */
function blockStatistics(x: Float32Array, width: number, height: number): BlockStatistics[] {
  const found: BlockStatistics[] = [];
  const block = new Float64Array(BLOCK * BLOCK);
  for (let top = 0; top + BLOCK <= height; top += BLOCK)
    for (let left = 0; left + BLOCK <= width; left += BLOCK) {
      let clipped = 0;
      for (let i = 0; i < block.length; i++) {
        block[i] = x[(top + (i >> 3)) * width + left + (i & 7)];
        if (block[i] < 0.004 || block[i] > 0.996) clipped++;
      }
      if (clipped <= 2 && !block.some(Number.isNaN)) found.push(statisticsOf(block));
    }
  return found;
}

const CENTRE = (BLOCK - 1) / 2;
/** Σ (i − centre)² over a block. */
const SPREAD = BLOCK * Array.from({ length: BLOCK }, (_, i) => (i - CENTRE) ** 2).reduce((a, b) => a + b);

function statisticsOf(block: Float64Array): BlockStatistics {
  let [mean, down, across] = [0, 0, 0];
  for (let i = 0; i < block.length; i++) {
    mean += block[i] / block.length;
    down += (block[i] * ((i >> 3) - CENTRE)) / SPREAD;
    across += (block[i] * ((i & 7) - CENTRE)) / SPREAD;
  }
  const residual = block.map(
    (value, i) => value - mean - down * ((i >> 3) - CENTRE) - across * ((i & 7) - CENTRE),
  );
  let [squares, products] = [0, 0];
  for (let i = 0; i < residual.length; i++) {
    squares += residual[i] ** 2;
    if ((i & 7) < BLOCK - 1) products += residual[i] * residual[i + 1];
    if (i >> 3 < BLOCK - 1) products += residual[i] * residual[i + BLOCK];
  }
  const pairs = 2 * BLOCK * (BLOCK - 1);
  return { mean, variance: squares / (block.length - 3), neighbours: products / pairs };
}

/** Whether the quieter blocks of the bright third vary at least twice as much as those of the dark third. */
function growsWithBrightness(blocks: readonly BlockStatistics[]): boolean {
  const third = Math.floor(blocks.length / 3);
  if (third < 8) return false;
  const sorted = blocks.toSorted((a, b) => a.mean - b.mean);
  const quiet = (part: readonly BlockStatistics[]) =>
    part.map((b) => b.variance).sort((a, b) => a - b)[Math.floor(part.length / 5)];
  const [dark, bright] = [quiet(sorted.slice(0, third)), quiet(sorted.slice(-third))];
  const contrast = sorted[blocks.length - 1 - (third >> 1)].mean / Math.max(0.02, sorted[third >> 1].mean);
  return contrast > 1.5 && dark > 1e-5 && bright > 2 * dark;
}

/** How far, of the full range, an impulse stands out at least. */
const IMPULSE = 0.25;

/** Share of pixels that differ strongly, and to one side, from at least 7 of their 8 neighbours. */
function impulseShare(x: Float32Array, width: number, height: number, least: number): number {
  let count = 0;
  for (let i = 1; i + 1 < height; i++)
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
  return count / (width * height);
}
