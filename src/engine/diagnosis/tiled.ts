import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';

/** Squares of so many pixels a side are compared; of these that are busy, which differ from the next pixel at most places, so many repeat. */
const TILE = { side: 8, busy: 0.5, share: 0.5, least: 64 } as const;

/** Whether most of what is not plain is there twice, to the last bit, as the tiles of games are: noise and dots by chance never are. */
export function* isTiled({ width, height, channels, colour }: Picture): Pieces<boolean> {
  const { side } = TILE;
  const n = width * height;
  let hashes = new Int32Array(n);
  let changes = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    if (i % width === 0) yield;
    for (let p = i; p < channels * n; p += n)
      hashes[i] = Math.imul(hashes[i], 257) + Math.round(255 * colour[p]);
    if (i > 0 && hashes[i] !== hashes[i - 1]) changes[i] = 1;
  }
  for (const step of [1, width]) {
    hashes = yield* summed(hashes, width, step, 0x9e3779b1);
    changes = yield* summed(changes, width, step, 1);
  }
  const found = new Set<number>();
  let [busy, again] = [0, 0];
  for (let y = 0; y + side <= height; y++) {
    for (let x = 0; x + side <= width; x++) {
      const at = y * width + x;
      if (changes[at] < TILE.busy * side ** 2) continue;
      busy++;
      if (found.has(hashes[at])) again++;
      else found.add(hashes[at]);
    }
    yield;
  }
  return busy >= TILE.least && again >= TILE.share * busy;
}

/** Of each pixel and those after it along an axis, up to a tile's side, the sum, each times another power of a factor. */
function* summed(
  values: Int32Array,
  width: number,
  step: number,
  factor: number,
): Pieces<Int32Array<ArrayBuffer>> {
  const sums = new Int32Array(values.length);
  const last = values.length - (TILE.side - 1) * step;
  for (let i = 0; i < last; i++) {
    if (i % width === 0) yield;
    for (let k = 0; k < TILE.side; k++) sums[i] = Math.imul(sums[i], factor) + values[i + k * step];
  }
  return sums;
}
