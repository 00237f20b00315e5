import { cutPicture } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { toBlocks } from './blocks.ts';
import { AREA } from './dct.ts';
import { samplesOf } from './decoded.ts';
import type { FileTiles } from './file-tiles.ts';
import { tilesOf } from './tiles.ts';
import { toPlanes } from './ycbcr.ts';

/** Against the sum of a file's levels, what those of a picture that is compressed again are off by, and by how much there are more of them. */
interface Again {
  readonly off: number;
  /** Below 0 = less. */
  readonly more: number;
}

/**
 * How pictures that are compressed again differ from a file, by the levels of their brightness' cosines: of what it was made of
 * none is off, what is sharper than that has more.
 *
 * @param picture the decoded one.
 * @param others [channels, height, width], of its size.
 */
export function* compressedAgain(
  picture: Picture,
  others: readonly Float32Array[],
  file: FileTiles,
): Pieces<Again[]> {
  const [luma] = file.components;
  const sums = others.map(() => ({ off: 0, more: 0 }));
  let all = 0;
  for (const tile of tilesOf(picture)) {
    const part = cutPicture(picture, tile.whole);
    const [{ data }] = yield* file.coefficients(part, tile);
    for (const [k, colour] of others.entries()) {
      const planes = toPlanes(cutPicture({ ...picture, colour }, tile.whole).colour, picture.channels);
      const own = toBlocks(samplesOf(planes, [luma], part)[0]).data;
      for (let i = 0; i < own.length; i++) {
        if (i % AREA === 0) continue;
        const [level, ours] = [data[i], own[i]].map((value) => Math.round(value / luma.table[i % AREA]));
        if (k === 0) all += Math.abs(level);
        sums[k].off += Math.abs(ours - level);
        sums[k].more += Math.abs(ours) - Math.abs(level);
      }
      yield;
    }
  }
  return sums.map(({ off, more }) => ({ off: off / Math.max(1, all), more: more / Math.max(1, all) }));
}
