import { inStretches, type Pieces } from '../time-slicing.ts';

/** Changes of samples below this are none. */
const NONE = 1e-6;

/**
 * How much of the change from `before` to `wanted` is left in `after`, 0 … 1, for each pixel: [height, width], of
 * [channels, height, width]; 1 where none was wanted.
 */
export function* keptMap(
  before: Float32Array,
  wanted: Float32Array,
  after: Float32Array,
  pixels: number,
): Pieces<Float32Array> {
  const map = new Float32Array(pixels).fill(1);
  yield* inStretches(pixels, (from, to) => {
    for (let i = from; i < to; i++) {
      let [all, kept] = [0, 0];
      for (let at = i; at < before.length; at += pixels) {
        all += (wanted[at] - before[at]) ** 2;
        kept += (after[at] - before[at]) ** 2;
      }
      if (all > NONE ** 2) map[i] = Math.min(1, Math.sqrt(kept / all));
    }
  });
  return map;
}
