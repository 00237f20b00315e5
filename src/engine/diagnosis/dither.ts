import { mixtureIn } from '../dither/mixture.ts';
import { asDithered, undithered } from '../dither/undithered.ts';
import { cutPicture, cutPlane } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import { AREA, SIDE } from '../jpeg/dct.ts';
import { never } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';
import { isTiled } from './tiled.ts';

/**
 * A photograph has so many colours, and not more of one colour all around; how much of it mixes at least; side of the middle that is
 * smoothed to tell. Its colours have `company` of many others: 4 and more in 60 crops of sixteen photographs, where drawings that are
 * shaded with dots by hand, as pixel art is, have 3.1 at most: two or three lie within each other there.
 */
const PHOTOGRAPH = { colours: 12, flat: 0.25, mixed: 0.1, company: 3.8, side: 256 } as const;

/**
 * What is smoothed away of dots goes `toAndFro`: its correlations along rows and columns, less those along both diagonals. By error diffusion
 * less than lines aslant do, more than grain, which is white (-.18 to -.28 of 40 textures, sprays and posters), and at no places more than at
 * others; by ordered dither at its own `places` of a tile. Along one diagonal about as much as along the other, which hatching does `aslant`.
 */
const DIFFUSED = { least: -1.2, most: -0.29 } as const;
const ASLANT = 0.3;
const ORDERED = { tile: 8, places: 0.3, mixed: 0.4, most: -0.9 } as const;

/** Whether an opaque picture is a photograph whose colours were reduced to a few that are mixed of dots. */
export function* isDithered(picture: Picture): Pieces<boolean> {
  const mixture = yield* mixtureIn(picture);
  if (!mixture || mixture.colours < PHOTOGRAPH.colours || mixture.flat > PHOTOGRAPH.flat) return false;
  if (mixture.share < PHOTOGRAPH.mixed || mixture.company < PHOTOGRAPH.company) return false;
  const [width, height] = [picture.width, picture.height].map((n) => Math.min(n, PHOTOGRAPH.side));
  const box = { x: (picture.width - width) >> 1, y: (picture.height - height) >> 1, width, height };
  const part = cutPicture(picture, box);
  const colourAt = cutPlane(mixture.colourAt, picture.width, box);
  const smooth = yield* asDithered(part, yield* undithered(part, { ...mixture, colourAt }, never), never);
  const dots = { ...part, colour: part.colour.map((value, i) => value - smooth[i]) };
  const { change, aslant } = toAndFro(dots);
  if (Math.abs(aslant) > ASLANT) return false;
  if (atPlaces(dots) >= ORDERED.places) return mixture.share >= ORDERED.mixed && change <= ORDERED.most;
  return change >= DIFFUSED.least && change <= DIFFUSED.most && !(yield* isTiled(part));
}

/** Correlations along rows and columns, less those along both diagonals; and these less each other. */
function toAndFro({ width, height, channels, colour }: Picture): { change: number; aslant: number } {
  let [straight, falling, rising, energy] = [0, 0, 0, 0];
  for (let c = 0; c < channels; c++)
    for (let y = 0; y + 1 < height; y++)
      for (let x = 1; x + 1 < width; x++) {
        const at = (c * height + y) * width + x;
        const below = at + width;
        straight += colour[at] * (colour[at + 1] + colour[below]);
        falling += colour[at] * colour[below + 1];
        rising += colour[at] * colour[below - 1];
        energy += colour[at] ** 2;
      }
  const all = energy || 1;
  return { change: (straight - falling - rising) / all, aslant: (falling - rising) / all };
}

/** Share of the energy that lies in the mean over all tiles. */
function atPlaces({ width, height, channels, colour }: Picture): number {
  const { tile } = ORDERED;
  const [across, down] = [Math.floor(width / tile), Math.floor(height / tile)];
  const sums = new Float64Array(channels * tile ** 2);
  let energy = 0;
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < down * tile; y++)
      for (let x = 0; x < across * tile; x++) {
        const value = colour[(c * height + y) * width + x];
        sums[(c * tile + (y % tile)) * tile + (x % tile)] += value;
        energy += value ** 2;
      }
  return sums.reduce((total, sum) => total + sum ** 2, 0) / (across * down * energy || 1);
}

/**
 * Error diffusion among detail: in blocks of few colours, which lie as near each other, `range`, as dots that are to mix, so many of
 * the pixels between two of one colour have another, along rows and along columns, and at no places of a tile more than at others. Of 59
 * photographs and pages with one that have 16 colours 46 have that when they are dithered, and 1 when they are not. So many colours and blocks tell.
 */
const DOTS = {
  ...{ few: 4, range: 64, step: 4, share: 0.08, blocks: 30 },
  ...{ tile: 8, ordered: 0.1, colours: { least: 8, most: 256 } },
} as const;

/** Whether a picture of few colours mixes them of dots. */
export function* isOfDots(picture: Picture): Pieces<boolean> {
  const { width, height } = picture;
  const colours = indexed(picture);
  if (!colours) return false;
  const places = new Float64Array(DOTS.tile ** 2);
  let [shares, blocks, dots] = [0, 0, 0];
  for (let top = 0; top + SIDE <= height; top += DOTS.step) {
    for (let left = 0; left + SIDE <= width; left += DOTS.step) {
      const block = Array.from(
        { length: AREA },
        (_, i) => colours[(top + (i >> 3)) * width + left + (i & 7)],
      );
      const count = new Set(block).size;
      if (count < 2 || count > DOTS.few || rangeOf(block) > DOTS.range) continue;
      const [along, down] = [dotsOf(block, 1), dotsOf(block, SIDE)];
      blocks++;
      shares += Math.min(along.length, down.length) / (AREA - 2 * SIDE);
      // Of overlapping blocks, the middle columns: each place of a tile as often as any.
      for (const i of along.filter((i) => (i & 7) >= 2 && (i & 7) < 2 + DOTS.step)) {
        dots++;
        places[((top + (i >> 3)) % DOTS.tile) * DOTS.tile + ((left + (i & 7)) % DOTS.tile)]++;
      }
    }
    yield;
  }
  const mean = dots / places.length;
  const chiSquare = places.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
  return blocks >= DOTS.blocks && shares >= DOTS.share * blocks && chiSquare <= DOTS.ordered * dots;
}

/** How far the colours of a block lie apart in the channel where most, 1/255. */
function rangeOf(block: readonly number[]): number {
  const ranges = [0, 8, 16].map((shift) => {
    const values = block.map((colour) => (colour >> shift) & 255);
    return Math.max(...values) - Math.min(...values);
  });
  return Math.max(...ranges);
}

/** The pixels of a block whose neighbours on both sides have the same colour, and another one. */
function dotsOf(block: readonly number[], step: number): number[] {
  const dots: number[] = [];
  for (let i = step; i + step < AREA; i++) {
    if (step === 1 && ((i & 7) === 0 || (i & 7) === SIDE - 1)) continue;
    if (block[i - step] === block[i + step] && block[i] !== block[i + step]) dots.push(i);
  }
  return dots;
}

/** The colour of each pixel in 8 bits, as a number; undefined where they are too few or too many. */
function indexed({ colour, channels, width, height }: Picture): Uint32Array | undefined {
  const n = width * height;
  const found = new Set<number>();
  const out = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < channels; c++) out[i] = 256 * out[i] + Math.round(255 * colour[c * n + i]);
    found.add(out[i]);
    if (found.size > DOTS.colours.most) return undefined;
  }
  return found.size >= DOTS.colours.least ? out : undefined;
}
