import { cutPicture } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { type Coefficients, toBlocks } from './blocks.ts';
import { AREA } from './dct.ts';
import { samplesOf } from './decoded.ts';
import type { JpegComponent } from './file.ts';
import type { FileTiles } from './file-tiles.ts';
import { tilesOf } from './tiles.ts';
import { toPlanes } from './ycbcr.ts';

/** By how many levels a picture that is compressed again differs from a file, all in all. */
interface LevelsOff {
  /** The file's own levels. */
  readonly all: number;
  readonly off: number;
  /** How many more there are; below 0 = less. */
  readonly more: number;
}

/**
 * How pictures that are compressed again differ from a file, by the levels of their brightness' cosines and as a share of the file's:
 * of what it was made of none is off, what is sharper than that has more.
 *
 * @param picture the decoded one.
 * @param others [channels, height, width], of its size.
 */
export function* compressedAgain(
  picture: Picture,
  others: readonly Float32Array[],
  file: FileTiles,
): Pieces<Omit<LevelsOff, 'all'>[]> {
  const sums = others.map(() => ({ all: 0, off: 0, more: 0 }));
  for (const tile of tilesOf(picture)) {
    const part = cutPicture(picture, tile.whole);
    const [luma] = yield* file.coefficients(part, tile);
    for (const [k, colour] of others.entries()) {
      const ours = cutPicture({ ...picture, colour }, tile.whole);
      const { all, off, more } = levelsOff(ours, luma, file.components[0]);
      sums[k] = { all: sums[k].all + all, off: sums[k].off + off, more: sums[k].more + more };
      yield;
    }
  }
  return sums.map(({ all, off, more }) => ({ off: off / Math.max(1, all), more: more / Math.max(1, all) }));
}

/** Of a part of a picture; `luma`: the coefficients that the file has of it. */
export function levelsOff(part: Picture, luma: Coefficients, component: JpegComponent): LevelsOff {
  const [samples] = samplesOf(toPlanes(part.colour, part.channels), [component], part);
  const own = toBlocks(samples).data;
  let [all, off, more] = [0, 0, 0];
  for (let i = 0; i < own.length; i++) {
    const step = component.table[i % AREA];
    if (i % AREA === 0) continue;
    const [level, ours] = [Math.round(luma.data[i] / step), Math.round(own[i] / step)];
    all += Math.abs(level);
    off += Math.abs(ours - level);
    more += Math.abs(ours) - Math.abs(level);
  }
  return { all, off, more };
}
