import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../turns.ts';
import { isClipped } from './spectra.ts';

/** How far, of the full range, an impulse stands out at least. */
const STANDS_OUT = 0.25;
/** Share of isolated outliers above which they are noise. */
const LEAST = 0.003;
/** Of the outliers: how many are of the rarer of the two kinds, and at an end of the range, at least. */
const BOTH = 0.08;
const AT_ENDS = 0.7;
/** Share of the picture at an end of the range from which it is drawn in black or white, and its outliers with it. */
const DRAWN = 0.4;
/** Cells a side over which outliers that fell by chance are spread, and how much more unevenly than chance. */
const CELLS = 4;
const UNEVEN = 8;

interface Outliers {
  bright: number;
  dark: number;
  atEnds: number;
  readonly cells: Float64Array;
}

/**
 * Whether the picture is spoilt by impulses (salt and pepper): single pixels far off all their neighbours, both black and
 * white, scattered evenly over all of it. What drawings are full of is not that: dots, the insides of letters, patterns,
 * stars and snow are of one kind, or in places, or the whole picture is of the same two colours.
 */
export function* hasImpulses({ colour, channels, width, height }: Picture): Pieces<boolean> {
  const n = width * height;
  let guilty = 0;
  for (let c = 0; c < channels; c++)
    if (isSpoilt(yield* countOutliers(colour.subarray(c * n, (c + 1) * n), width, height), n)) guilty++;
  return 2 * guilty > channels && shareAtEnds(colour) < DRAWN;
}

function isSpoilt({ bright, dark, atEnds, cells }: Outliers, n: number): boolean {
  const count = bright + dark;
  if (count < LEAST * n || Math.min(bright, dark) < BOTH * count || atEnds < AT_ENDS * count) return false;
  const mean = count / cells.length;
  const spread = cells.reduce((sum, cell) => sum + (cell - mean) ** 2, 0) / cells.length;
  return spread <= UNEVEN * mean;
}

const shareAtEnds = (colour: Float32Array): number =>
  colour.reduce((sum, value) => sum + Number(isClipped(value)), 0) / colour.length;

/**
 * What an impulse hit differs from the mean of its neighbours within the range, by so much of it; and so many of them may
 * be like it, where impulses fell side by side.
 */
const HIT = { off: 0.08, alike: 2 } as const;

/** 1 for each sample that an impulse hit: at an end of the range, and nearly alone there. [channels, height, width] */
export function* outliersOf({ colour, channels, width, height }: Picture): Pieces<Uint8Array> {
  const hit = new Uint8Array(colour.length);
  for (let row = 0; row < channels * height; row++) {
    const y = row % height;
    for (let x = 0; x < width; x++) {
      const at = row * width + x;
      if (!isClipped(colour[at])) continue;
      let [alike, sum, others] = [-1, 0, 0];
      for (let dy = y > 0 ? -1 : 0; dy <= (y + 1 < height ? 1 : 0); dy++)
        for (let dx = x > 0 ? -1 : 0; dx <= (x + 1 < width ? 1 : 0); dx++) {
          const value = colour[at + dy * width + dx];
          if (Math.abs(value - colour[at]) < 1 / 64) alike++;
          if (isClipped(value)) continue;
          sum += value;
          others++;
        }
      if (alike <= HIT.alike && others > 0 && Math.abs(colour[at] - sum / others) > HIT.off) hit[at] = 1;
    }
    yield;
  }
  return hit;
}

/** Pixels that differ strongly, and to one side, from at least 7 of their 8 neighbours. */
function* countOutliers(x: Float32Array, width: number, height: number): Pieces<Outliers> {
  const found: Outliers = { bright: 0, dark: 0, atEnds: 0, cells: new Float64Array(CELLS * CELLS) };
  const around = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1];
  for (let i = 1; i + 1 < height; i++) {
    for (let j = 1; j + 1 < width; j++) {
      const at = i * width + j;
      let [above, below] = [0, 0];
      for (const step of around) {
        const difference = x[at] - x[at + step];
        if (difference > STANDS_OUT) above++;
        if (difference < -STANDS_OUT) below++;
      }
      if (Math.max(above, below) < 7) continue;
      if (above > below) found.bright++;
      else found.dark++;
      if (isClipped(x[at])) found.atEnds++;
      found.cells[Math.floor((CELLS * i) / height) * CELLS + Math.floor((CELLS * j) / width)]++;
    }
    yield;
  }
  return found;
}
