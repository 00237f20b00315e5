import type { Picture } from '../image/picture.ts';
import { AREA, SIDE } from '../jpeg/dct.ts';
import { toPlanes } from '../jpeg/ycbcr.ts';
import type { Pieces } from '../time-slicing.ts';
import { bandEnergy, type Spectra } from './spectra.ts';

/** How brightness steps from pixel to pixel, in the median of some blocks. */
export interface Steps {
  /** Share of steps that are next to nothing beside the block's others: of noise .2. */
  readonly still: number;
  /** Mean fourth power by the squared mean square: of noise 3, and a little less in so few. */
  readonly kurtosis: number;
}

/** Share of the blocks that are looked at. */
const QUIETEST = 0.3;
/** Blocks of a piece of work. */
const STRETCH = 500;
/** A step is still below this share of the block's root mean square. */
const STILL = 0.25;

/** Those of some blocks that have least in brightness' middle frequencies. */
export function quietestOf({ power }: Spectra, blocks: readonly number[]): number[] {
  const energy = new Map(blocks.map((b) => [b, bandEnergy(power[0], b, 'middle')]));
  return blocks
    .toSorted((a, b) => energy.get(a)! - energy.get(b)!)
    .slice(0, Math.ceil(QUIETEST * blocks.length));
}

/** The steps of the quietest of some blocks. */
export function quietSteps(picture: Picture, spectra: Spectra, blocks: readonly number[]): Steps {
  const quiet = quietestOf(spectra, blocks);
  const steps = quiet.map((b) => stepsOf(picture, spectra.x[b], spectra.y[b]));
  const median = (f: (steps: Steps) => number) => Float64Array.from(steps, f).sort()[steps.length >> 1];
  return { still: median(({ still }) => still), kurtosis: median(({ kurtosis }) => kurtosis) };
}

/** The brightness of a block's pixels, as a sum of colours. */
export function brightnessOf(
  { colour, channels, width, height }: Picture,
  left: number,
  top: number,
): Float64Array {
  const n = width * height;
  return Float64Array.from({ length: AREA }, (_, i) => {
    const at = (top + (i >> 3)) * width + left + (i & 7);
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += colour[c * n + at];
    return sum;
  });
}

function stepsOf(picture: Picture, left: number, top: number): Steps {
  const block = brightnessOf(picture, left, top);
  const squares: number[] = [];
  for (let i = 0; i < AREA - SIDE; i++) {
    if ((i & 7) === SIDE - 1) continue;
    for (const next of [i + 1, i + SIDE]) squares.push((block[next] - block[i]) ** 2);
  }
  const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  if (mean === 0) return { still: 1, kurtosis: 0 };
  return {
    still: squares.filter((square) => square < STILL ** 2 * mean).length / squares.length,
    kurtosis: squares.reduce((sum, square) => sum + square ** 2, 0) / squares.length / mean ** 2,
  };
}

/** How far brightness and colours step at the same places: the correlation of their steps' sizes from pixel to pixel, within some blocks. */
export function* stepsTogether(
  picture: Picture,
  { x, y }: Spectra,
  blocks: readonly number[],
): Pieces<number> {
  const { width } = picture;
  const [luma, cb, cr] = toPlanes(picture.colour, picture.channels);
  let [n, a, b, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  for (const [k, block] of blocks.entries()) {
    if (k % STRETCH === 0) yield;
    for (let i = 0; i < AREA - SIDE; i++) {
      if ((i & 7) === SIDE - 1) continue;
      const at = (y[block] + (i >> 3)) * width + x[block] + (i & 7);
      for (const next of [at + 1, at + width]) {
        const bright = Math.abs(luma[next] - luma[at]);
        const coloured = Math.hypot(cb[next] - cb[at], cr[next] - cr[at]);
        n++;
        a += bright;
        b += coloured;
        aa += bright ** 2;
        bb += coloured ** 2;
        ab += bright * coloured;
      }
    }
  }
  const variances = (n * aa - a ** 2) * (n * bb - b ** 2);
  return variances > 0 ? (n * ab - a * b) / Math.sqrt(variances) : 0;
}
