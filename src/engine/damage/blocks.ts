import type { Pieces } from '../turns.ts';

const BLOCK = 8;

/** One block of 8×8 samples: what is left of it after its best plane is taken away. */
export interface Block {
  readonly mean: number;
  readonly variance: number;
  /** Mean product of neighbours' residuals. */
  readonly neighbours: number;
  /** Mean square of the means of 2×2 pixels: what a picture has and noise has little of. */
  readonly coarse: number;
  /** Mean square of diagonal Haar coefficients: the variance of white noise, and little of a picture. */
  readonly diagonal: number;
}

/** Whether a sample lies on the last of 8-bit steps at either end, as noise that was cut off does. */
export const isClipped = (value: number): boolean => value < 0.004 || value > 0.996;

/** Samples of a block that may be clipped: more hide too much of its noise. */
const MOST_CLIPPED = 8;
/** How much quieter a block looks with all of its samples clipped, by how it looks with some: half of them leave .35. */
const QUIETER = 1.3;

/** Of every block that is visible throughout and hardly clipped. */
export function* blocksOf(x: Float32Array, width: number, height: number): Pieces<Block[]> {
  const found: Block[] = [];
  const block = new Float64Array(BLOCK * BLOCK);
  for (let top = 0; top + BLOCK <= height; top += BLOCK) {
    for (let left = 0; left + BLOCK <= width; left += BLOCK) {
      let clipped = 0;
      for (let i = 0; i < block.length; i++) {
        block[i] = x[(top + (i >> 3)) * width + left + (i & 7)];
        if (isClipped(block[i])) clipped++;
      }
      if (clipped > MOST_CLIPPED || block.some(Number.isNaN)) continue;
      found.push(statisticsOf(block, 1 - (QUIETER * clipped) / block.length));
    }
    yield;
  }
  return found;
}

const CENTRE = (BLOCK - 1) / 2;
/** Σ (i − centre)² over a block. */
const SPREAD = BLOCK * Array.from({ length: BLOCK }, (_, i) => (i - CENTRE) ** 2).reduce((a, b) => a + b);

/** `left`: share of its noise's variance that clipping left. */
function statisticsOf(block: Float64Array, left: number): Block {
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
  return {
    mean,
    variance: squares / (block.length - 3) / left,
    neighbours: products / pairs / left,
    ...twoByTwo(residual, left),
  };
}

/** Over the 2×2 pixels at every place of a block. */
function twoByTwo(block: Float64Array, left: number): Pick<Block, 'coarse' | 'diagonal'> {
  let [coarse, diagonal] = [0, 0];
  for (let i = 0; i + BLOCK + 1 < block.length; i++) {
    if ((i & 7) === BLOCK - 1) continue;
    const [a, b, c, d] = [block[i], block[i + 1], block[i + BLOCK], block[i + BLOCK + 1]];
    coarse += ((a + b + c + d) / 4) ** 2;
    diagonal += ((a - b - c + d) / 2) ** 2;
  }
  const places = left * (BLOCK - 1) ** 2;
  return { coarse: coarse / places, diagonal: diagonal / places };
}
