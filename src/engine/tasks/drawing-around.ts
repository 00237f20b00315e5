import { distancesTo } from '../image/distance.ts';
import { findDrawn } from '../image/drawn.ts';
import { flatColours, laidFlat } from '../image/flat-colours.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';

/** Share of what lies that far around a hole, px, that is drawn in flat colours where it is taken for part of a drawing. */
const AROUND = [2, 16] as const;
const FLAT = 0.95;
/** Share of what may be copied that is exactly flat, at least, where compression is all that lies over flat colours: cloth and bricks have none. */
const EXACT = 0.3;
/**
 * Errors of compression that may lie over flat colours, least first, 1/255: those of JPEG quality 92 to 60.
 */
const ERRORS = [6, 10, 16, 24] as const;

/**
 * What the hole lies in, if that is drawn in flat colours: as it is, or, where it was compressed, laid in its colours. Undefined of
 * photographs.
 *
 * @param part its hole filled smoothly.
 * @param lack [height, width] 1 = to be filled.
 * @param allowed [height, width] 1 = may be copied from.
 */
export function* drawingAround(
  part: Picture,
  lack: Uint8Array,
  allowed: Uint8Array,
): Pieces<Picture | undefined> {
  if (yield* isFlatAround(part, lack, allowed)) return part;
  if (part.alpha || (yield* exactlyFlat(part, allowed)) < EXACT) return undefined;
  const n = lack.length;
  for (const error of ERRORS) {
    yield;
    const colours = yield* flatColours(part, error / 255, allowed);
    if (!colours) continue;
    const laid = yield* laidFlat(part, colours, error / 255);
    const colour = laid.map((value, i) => (lack[i % n] ? part.colour[i] : value));
    if (yield* isFlatAround({ ...part, colour }, lack, allowed)) return { ...part, colour };
  }
  return undefined;
}

function* exactlyFlat(part: Picture, allowed: Uint8Array): Pieces<number> {
  const { flat } = yield* findDrawn(part);
  let [sum, count] = [0, 0];
  for (let i = 0; i < flat.length; i++) {
    sum += flat[i] & allowed[i];
    count += allowed[i];
  }
  return sum / Math.max(1, count);
}

/** Whether what lies around a hole is all drawn in flat colours. */
function* isFlatAround(part: Picture, lack: Uint8Array, allowed: Uint8Array): Pieces<boolean> {
  const { share } = yield* findDrawn(part);
  const away = yield* distancesTo(lack, part.width, part.height);
  let [sum, count] = [0, 0];
  for (let i = 0; i < share.length; i++) {
    if (!allowed[i] || away[i] < AROUND[0] || away[i] > AROUND[1]) continue;
    sum += share[i];
    count++;
  }
  return sum > FLAT * count;
}
