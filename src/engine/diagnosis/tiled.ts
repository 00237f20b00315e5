import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';

/**
 * Squares of so many pixels a side are compared; of these that are busy, where most pixels are not as the one before, so many repeat.
 * An eighth of them is enough: those whose first row says so, wherever it comes again.
 */
const TILE = { side: 8, busy: 0.5, share: 0.5, least: 64 } as const;

/** Whether most of what is not plain is there twice, to the last bit, as the tiles of games are: noise and dots by chance never are. */
export function* isTiled({ width, height, channels, colour }: Picture): Pieces<boolean> {
  const n = width * height;
  const colours = new Int32Array(n);
  for (let at = 0; at < n; at++) {
    if (at % width === 0) yield;
    for (let p = at; p < channels * n; p += n)
      colours[at] = Math.imul(colours[at], 257) + Math.round(255 * colour[p]);
  }
  const found = new Set<number>();
  let [busy, again] = [0, 0];
  for (let y = 0; y + TILE.side <= height; y++) {
    for (let x = 0; x + TILE.side <= width; x++) {
      let [hash, changes, before] = [0, 0, colours[y * width + x]];
      for (let i = 0; i < TILE.side ** 2; i++) {
        const pixel = colours[(y + (i >> 3)) * width + x + (i & 7)];
        if (pixel !== before) changes++;
        hash = (Math.imul(hash, 0x9e3779b1) + pixel) | 0;
        before = pixel;
        if (i + 1 === TILE.side && hash >>> 29) break;
      }
      if (changes < TILE.busy * TILE.side ** 2) continue;
      busy++;
      if (found.has(hash)) again++;
      else found.add(hash);
    }
    yield;
  }
  return busy >= TILE.least && again >= TILE.share * busy;
}
