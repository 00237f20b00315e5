import type { Picture } from '../image/picture.ts';
import { AREA, SIDE } from '../jpeg/dct.ts';
import type { Pieces } from '../time-slicing.ts';
import { all, type FoundNoise, type Looks } from './noise-finder.ts';
import { type Band, bandEnergy } from './spectra.ts';

/** Level of the finest frequencies that dithering leaves, 1/255; how they compare with the middle ones; share of blocks. */
const DITHER = { least: 3, blue: 0.9, share: 0.6, blocks: 200 } as const;

/**
 * Error diffusion (Floyd & Steinberg, 1976), as files of few colours have it: in most places the finest frequencies are
 * the strongest, where pictures have least. In drawings it is meant, so it counts only where the file says that colours
 * were taken away.
 */
export function findDither({ fine }: Looks): FoundNoise | null {
  const mean = (block: number, band: Band) =>
    fine.power.reduce((sum, power) => sum + bandEnergy(power, block, band), 0) / fine.power.length;
  const blocks = all(fine).filter((b) => {
    const high = mean(b, 'high');
    return high >= (DITHER.least / 255) ** 2 && high >= DITHER.blue ** 2 * mean(b, 'middle');
  });
  const most = fine.count >= DITHER.blocks && blocks.length >= DITHER.share * fine.count;
  return most ? { kind: 'dither', spectra: fine, blocks } : null;
}

/**
 * Error diffusion where there is detail too: in blocks of few colours, which lie as near each other, `range`, as dots that are to mix, so many of
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
