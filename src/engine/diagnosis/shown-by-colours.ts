import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { floorOf } from './floors.ts';
import { isMonochrome } from './monochrome.ts';
import { measureNoise, type NoiseEstimate } from './noise.ts';
import { ENOUGH, type FoundNoise, type Looks, photographic } from './noise-finder.ts';
import { quietSteps, stepsTogether } from './steps.ts';

/**
 * σ up to which grey grain under compression is believed, 1/255, though colours show none of it; and of what shows in brightness' middle
 * frequencies how much both colour differences must have at half the size, in the lowest, which compression keeps best. Chosen on
 * photographs with σ 15 and 25 in each colour at quality 75 and 85 (.21 to .33) and ground without noise and with σ 8 and 15 (soil, sand,
 * mud, grass: .17 at most, told as 17.5 to 28). Grey grain of σ 14 is told as 13 to 18.
 */
const GREY = { most: 17, shown: 0.19 } as const;

/** Whether noise of brightness under compression shows in colours, too, or is weak enough to be grey: what does not is texture. */
export function* isBelievable(
  picture: Picture,
  { fine, coarse }: Looks,
  noise: NoiseEstimate,
): Pieces<boolean> {
  const [blocks, halved] = [photographic(fine), photographic(coarse)];
  if (noise.sigma <= GREY.most || halved.length < ENOUGH.colour || (yield* isMonochrome(picture)))
    return true;
  const brightness = floorOf(fine, blocks, 0, 'middle').level;
  return [1, 2].every((plane) => floorOf(coarse, halved, plane, 'low').level >= GREY.shown * brightness);
}

/**
 * Colours that are drawn: brightness has this level at least, 1/255, its steps a higher kurtosis than noise's, and they go together with
 * the colours' steps by this correlation. Cells of random colours, as mosaics and heat maps have them, that were taken for noise have 3.27
 * and .19 at least; of 48 noisy crops that were probed (white, smeared, of photons and in blotches, 4:2:0 and 4:4:4, quality 60 to 90) those
 * with more than 3.2 have .13 at most, or a level of 4.
 */
const DRAWN_TOO = { level: 8, kurtosis: 3.2, together: 0.16 } as const;

function* areDrawn(picture: Picture, { fine }: Looks): Pieces<boolean> {
  const blocks = photographic(fine);
  if (floorOf(fine, blocks, 0, 'middle').level < DRAWN_TOO.level) return false;
  yield;
  if (quietSteps(picture, fine, blocks).kurtosis <= DRAWN_TOO.kurtosis) return false;
  yield;
  return (yield* stepsTogether(picture, fine, blocks)) >= DRAWN_TOO.together;
}

/** What was found, measured; of blotches under compression only colours where brightness is not believable; undefined = texture. */
export function* measuredBelievably(
  picture: Picture,
  looks: Looks,
  found: FoundNoise,
  isCompressed: boolean,
): Pieces<NoiseEstimate | undefined> {
  if (isCompressed && picture.channels === 3 && (yield* areDrawn(picture, looks))) return undefined;
  const noise = yield* measureNoise(found);
  const byColours = found.brightness !== undefined;
  if (!isCompressed || byColours || (yield* isBelievable(picture, looks, noise))) return noise;
  return found.kind === 'blotches' ? yield* measureNoise({ ...found, ofColoursOnly: true }) : undefined;
}
