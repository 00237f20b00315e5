import { marks } from '../image/binary-plane.ts';
import { distancesTo } from '../image/distance.ts';
import { type FlatColours, nearestOf } from '../image/flat-colours.ts';
import type { Picture } from '../image/picture.ts';
import { mapped, type Pieces } from '../time-slicing.ts';

/**
 * A pixel farther than `flat` deviations of the noise from every flat colour, and so many px from those that are nearer, lies on a soft
 * edge: strokes and what denoising leaves of sharp edges are thinner. What is drawn by few colours fades in from `from` to `to` px
 * around such. Chosen on six soft pictures and six drawings: .8 and 1.1 for `flat` differ by .1 dB, farther than 2.1 px for 2.9 takes letters, which lose .6.
 */
const SOFT = { flat: 1, px: 2.9, from: 6, to: 12 } as const;

/**
 * An estimate of a drawing, of which what was made by its being in few colours stays but on soft edges and around them, where they end:
 * shadows, glows and blurs are of all colours between two, and lose up to 2 dB if they are drawn to those.
 *
 * @param made [channels, height, width] of the estimate.
 */
export function* softAsEstimated(
  picture: Picture,
  estimate: Float32Array,
  made: Float32Array,
  colours: FlatColours,
  sigma: number,
): Pieces<Float32Array> {
  const { width, height } = picture;
  const nearest = yield* nearestOf({ ...picture, colour: estimate }, colours, SOFT.flat * sigma);
  const flat = marks(nearest, (colour) => colour >= 0);
  const away = yield* distancesTo(flat, width, height);
  const soft = marks(away, (px) => px > SOFT.px);
  const near = yield* distancesTo(soft, width, height);
  return yield* mapped(made, (value, i) => {
    const share = (SOFT.to - near[i % near.length]) / (SOFT.to - SOFT.from);
    return value + Math.min(1, Math.max(0, share)) * (estimate[i] - value);
  });
}
