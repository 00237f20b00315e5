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
  const sums = new Float64Array(4);
  const quiet = quietestOf(spectra, blocks);
  for (const b of quiet) {
    const block = levelled(brightnessOf(picture, spectra.x[b], spectra.y[b]));
    WAYS.forEach((way, i) => {
      sums[i] += correlation(block, way) / quiet.length;
    });
  }
  return Math.hypot(sums[0] - sums[1], sums[2] - sums[3]);
}

/** A block less the plane that lies nearest, with a mean square of 1; all 0 where nothing is left. */
function levelled(block: Float64Array): Float64Array {
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
  const size = Math.sqrt(rest.reduce((sum, value) => sum + value ** 2, 0) / AREA);
  return size > 0 ? rest.map((value) => value / size) : rest;
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
