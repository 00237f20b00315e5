import { cutPicture } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { findCoefficients } from './decoded.ts';
import type { JpegComponent } from './file.ts';
import { nearestQuality, tableOfQuality } from './tables.ts';

/** Pixels a chroma sample may span, the usual first. */
const SAMPLINGS = [
  { across: 2, down: 2 },
  { across: 1, down: 1 },
  { across: 2, down: 1 },
];
/** Side of the part that is looked at, px. */
const ENOUGH = 256;
/** Share of blocks that must be decoded again to what they are; sampled in another way few are. */
const SHARE = 0.5;

/**
 * How the chroma of a decoded JPEG was sampled and quantised, whose luma is known: of the usual ways the one that
 * decodes to most of its pixels.
 *
 * @param picture with NaN where nothing is to be seen.
 * @returns Cb and Cr, and the share of blocks they explain; nothing for grey pictures, or where no way explains half of them.
 */
export function* findChroma(
  picture: Picture,
  luma: JpegComponent,
): Pieces<{ chroma: readonly JpegComponent[]; share: number }> {
  if (picture.channels < 3) return { chroma: [], share: 0 };
  const part = middle(picture);
  const standard = tableOfQuality(nearestQuality(luma.table).quality, 'chroma');
  let best: { share: number; chroma: JpegComponent } | undefined;
  search: for (const table of [standard, luma.table]) {
    for (const sampling of SAMPLINGS) {
      const chroma = { table, ...sampling };
      const { certain } = yield* findCoefficients(part, [luma, chroma, chroma]);
      const share = certain[1].reduce((sum, yes) => sum + yes, 0) / certain[1].length;
      if (share >= SHARE && share > (best?.share ?? 0)) best = { share, chroma };
      if (share === 1) break search;
    }
  }
  return best ? { chroma: [best.chroma, best.chroma], share: best.share } : { chroma: [], share: 0 };
}

/** The middle of a picture, from the grid of its blocks. */
function middle(picture: Picture): Picture {
  const [width, height] = [Math.min(ENOUGH, picture.width), Math.min(ENOUGH, picture.height)];
  const onGrid = (n: number) => 16 * Math.floor(n / 32);
  const x = onGrid(picture.width - width);
  const y = onGrid(picture.height - height);
  return cutPicture(picture, { x, y, width, height });
}
