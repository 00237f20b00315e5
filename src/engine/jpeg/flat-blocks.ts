import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { type Coefficients, fromBlocks, toBlocks } from './blocks.ts';
import { AREA } from './dct.ts';
import { toPlanes } from './ycbcr.ts';

/**
 * Frequencies that may change where a file holds but a block's mean: both axes' together. Of 22 pictures at quality 20 none differs by more than
 * .02 dB; with 2 a gradient loses .07.
 */
const COARSE = 4;

/**
 * Blocks of which a file holds the mean alone are plain, or nearly: what an estimate does there is kept smooth, in place. Corners of
 * shapes that lie on the blocks' grid are nothing that compression did.
 *
 * @param estimate of `part`, whose top left corner is on the grid.
 * @param luma the coefficients that the file has of it.
 */
export function* smoothWherePlain(part: Picture, estimate: Float32Array, luma: Coefficients): Pieces<void> {
  const { width, height, channels, colour } = part;
  const n = width * height;
  const [before] = toPlanes(colour, channels);
  const [after] = toPlanes(estimate, channels);
  yield;
  const change = toBlocks({ data: after.map((value, i) => before[i] - value), width, height });
  yield;
  for (let b = 0; b < change.data.length; b += AREA) {
    const isPlain = luma.data.subarray(b + 1, b + AREA).every((value) => value === 0);
    for (let i = 0; i < AREA; i++) if (!isPlain || (i >> 3) + (i & 7) <= COARSE) change.data[b + i] = 0;
  }
  yield;
  const { data } = fromBlocks(change, width, height);
  for (let i = 0; i < channels * n; i++) estimate[i] += data[i % n] / 255;
}

/** Whether a file's components hold one colour and nothing else: there is nothing to tell any error by. */
export const holdOneColour = (components: readonly Coefficients[]): boolean =>
  components.every(({ data }) => data.every((value, i) => value === (i % AREA === 0 ? data[0] : 0)));
