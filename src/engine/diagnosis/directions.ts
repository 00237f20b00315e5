import type { Picture } from '../image/picture.ts';
import { AREA, SIDE } from '../jpeg/dct.ts';
import { floorOf } from './floors.ts';
import type { Spectra } from './spectra.ts';
import { brightnessOf, quietestOf, quietSteps } from './steps.ts';

/** Where neighbours lie, dx, dy: across, down, and along the falling and the rising diagonal. */
const WAYS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [-1, 1],
] as const;

/**
 * How much more alike neighbours are in one direction than in the one across it, in the quietest of some blocks: by their correlation,
 * of axes and of diagonals. Noise has no direction; what is lit from a side, woven or brushed has one.
 */
function directedness(picture: Picture, spectra: Spectra, blocks: readonly number[]): number {
  const quiet = quietestOf(spectra, blocks);
  let [axes, diagonals] = [0, 0];
  for (const b of quiet) {
    const way = directionOf(levelled(brightnessOf(picture, spectra.x[b], spectra.y[b])).block);
    axes += way.axes / quiet.length;
    diagonals += way.diagonals / quiet.length;
  }
  return Math.hypot(axes, diagonals);
}

/** How much more alike neighbours of a block are along rows than along columns, and along one diagonal than along the other. */
function directionOf(block: Float64Array) {
  const [across, down, falling, rising] = WAYS.map((way) => correlation(block, way));
  return { axes: across - down, diagonals: falling - rising };
}

/**
 * From what on a block goes one way, to how many times the variance of the quietest ones it tells (edges have more), how many are looked
 * at, and which share may: lines that wave or run in rings go in all directions together. Two such pictures that were called noise have
 * .28 and more, 29 noisy photographs (σ 7 to 35) .07 at most, 48 noisy pages and drawings (σ 10 and 25, grey ground) .09.
 */
const LINES = { directed: 1, variance: 5, blocks: 1024, most: 0.18 } as const;

/** Whether what looks like noise in some blocks of a picture is lines, which are as strong and go one way in many of its others. */
export function isOfLines(picture: Picture, spectra: Spectra, blocks: readonly number[]): boolean {
  const at = (b: number) => levelled(brightnessOf(picture, spectra.x[b], spectra.y[b]));
  const variances = Float64Array.from(thinned(quietestOf(spectra, blocks)), (b) => at(b).variance).sort();
  const most = LINES.variance * variances[variances.length >> 1];
  const seen = thinned(Array.from({ length: spectra.count }, (_, b) => b));
  const directed = seen.filter((b) => {
    const { block, variance } = at(b);
    const { axes, diagonals } = directionOf(block);
    return variance <= most && Math.hypot(axes, diagonals) > LINES.directed;
  });
  return directed.length > LINES.most * seen.length;
}

/** No more of them than are looked at, from all over the picture. */
function thinned(blocks: readonly number[]): number[] {
  const every = Math.ceil(blocks.length / LINES.blocks);
  return blocks.filter((_, i) => i % every === 0);
}

/** A block less the plane that lies nearest, with a mean square of 1 (all 0 where nothing is left), and what that was before. */
function levelled(block: Float64Array): { block: Float64Array; variance: number } {
  const middle = (SIDE - 1) / 2;
  const squares = (AREA * (AREA - 1)) / 12; // of either coordinate, from the middle on, all in all
  let [mean, across, down] = [0, 0, 0];
  block.forEach((value, i) => {
    mean += value / AREA;
    across += (value * ((i & 7) - middle)) / squares;
    down += (value * ((i >> 3) - middle)) / squares;
  });
  const rest = block.map(
    (value, i) => value - mean - across * ((i & 7) - middle) - down * ((i >> 3) - middle),
  );
  const variance = rest.reduce((sum, value) => sum + value ** 2, 0) / AREA;
  return { block: variance > 0 ? rest.map((value) => value / Math.sqrt(variance)) : rest, variance };
}

/** Mean product of neighbours that lie so. */
function correlation(block: Float64Array, [dx, dy]: readonly [number, number]): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < AREA - dy * SIDE; i++) {
    const x = (i & 7) + dx;
    if (x < 0 || x >= SIDE) continue;
    sum += block[i] * block[i + dy * SIDE + dx];
    count++;
  }
  return sum / count;
}

/**
 * Most direction that noise has, and how far the quietest steps of soft grain may be from a normal variate's; a closer look at what is
 * whiter than soft grain, by its finest frequencies beside the middle ones. Chosen on 17 game textures (concrete, canvas, soil, sand: .2 and
 * more where they look white) and 102 noisy crops (.09 at most, but for one of .15).
 */
const MOST = {
  white: 0.15,
  soft: { directed: 0.12, kurtosis: 3.2 },
  crisp: { directed: 0.06, kurtosis: 2.95 },
} as const;
const CRISP = 0.5;

/** Whether what looks like white noise of brightness goes in no direction, as noise does. */
export const goesAllWays = (picture: Picture, spectra: Spectra, blocks: readonly number[]): boolean =>
  directedness(picture, spectra, blocks) <= MOST.white;

/** The same of grain, and whether it is random. */
export function isRandomGrain(picture: Picture, spectra: Spectra, blocks: readonly number[]): boolean {
  const [high, middle] = (['high', 'middle'] as const).map((band) => floorOf(spectra, blocks, 0, band).level);
  const most = high > CRISP * middle ? MOST.crisp : MOST.soft;
  return (
    quietSteps(picture, spectra, blocks).kurtosis <= most.kurtosis &&
    directedness(picture, spectra, blocks) <= most.directed
  );
}
