import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { type Floor, floors, isSpread } from './floors.ts';
import {
  type FoundNoise,
  isDrawn,
  isOfAllColours,
  isRestless,
  type Looks,
  lookSpacing,
  photographic,
} from './noise-finder.ts';
import { halved, type Spectra, spectraOf } from './spectra.ts';

/** How often the picture is halved until blotches of 5 px blur lie apart as pixels do. */
const HALVINGS = 3;

/**
 * Of the picture at an eighth of its size: levels, 1/255, and evenness of what both colour differences have; how much more of it the
 * low band of one of them may have, since blotches are alike there and soft colours grow the coarser; how much `wider` they are than what
 * shows at half the size, where woven and sprayed colours have as much; and steps that are still. Of 60 photographs and 232
 * crops of them none has all.
 */
const WIDE = { blocks: 30, least: 5, evenness: 0.66, low: 1.7, wider: 1.3, still: 0.12 } as const;

/** Confetti, stone and soft colours are as strong in brightness, as even, and widen there as much as their colours do. */
const OWN = { brightness: 0.8, evenness: 0.8, wider: 1.25 } as const;

/** Blotches of colour too wide to be seen at half the size. */
export function* findWideBlotches(picture: Picture, { fine, coarse }: Looks): Pieces<FoundNoise | null> {
  if (picture.channels !== 3 || isDrawn(fine)) return null;
  let small = picture;
  for (let i = 0; i < HALVINGS; i++) {
    small = yield* halved(small);
    yield;
  }
  const spectra = yield* spectraOf(small, lookSpacing(small.width * small.height));
  const blocks = photographic(spectra);
  const isNoise =
    blocks.length >= WIDE.blocks &&
    areWide(spectra, blocks, floors(coarse, photographic(coarse), 'middle')) &&
    [1, 2].every((plane) => isSpread(spectra.power[plane], blocks, 'middle')) &&
    isOfAllColours(spectra, blocks, 'middle') &&
    isRestless(spectra, blocks, WIDE.still);
  if (!isNoise) return null;
  return { kind: 'blotches', spectra: fine, blocks: photographic(fine), ofColoursOnly: true };
}

/** Whether colours have more than at half the size, as evenly as noise, no more of it the coarser, and brightness has not. */
function areWide(spectra: Spectra, blocks: readonly number[], [halfY, halfU, halfV]: readonly Floor[]) {
  const [y, u, v] = floors(spectra, blocks, 'middle');
  const [, lowU, lowV] = floors(spectra, blocks, 'low');
  const level = Math.min(u.level, v.level);
  const half = Math.max(halfU.level, halfV.level);
  const isOwn =
    y.level >= OWN.brightness * level &&
    y.evenness >= OWN.evenness &&
    OWN.wider * y.level * half >= level * halfY.level;
  return (
    level >= Math.max(WIDE.least, WIDE.wider * half) &&
    Math.min(u.evenness, v.evenness) >= WIDE.evenness &&
    (lowU.level <= WIDE.low * u.level || lowV.level <= WIDE.low * v.level) &&
    !isOwn
  );
}
