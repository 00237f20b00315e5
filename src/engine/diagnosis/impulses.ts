import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';
import { isClipped } from './spectra.ts';

/** How far, of the full range, an impulse stands out at least. */
const STANDS_OUT = 0.25;
/** Isolated outliers above which they are noise: their share, and how many; icons have a few, as eyes and buttons. */
const LEAST = { share: 0.003, count: 40 } as const;
/**
 * Outliers of a row or column that are no chance but a dashed line or a row of handles: more than so many times the mean
 * and so many more.
 */
const IN_LINE = { times: 3, more: 8 } as const;
/** Of the outliers: how many are of the rarer of the two kinds, and at an end of the range, at least. */
const BOTH = 0.08;
const AT_ENDS = 0.7;
/** Share of the picture at an end of the range from which it is drawn in black or white, and its outliers with it. */
const DRAWN = 0.4;
/** Cells a side over which outliers that fell by chance are spread, and how much more unevenly than chance. */
const CELLS = 4;
const UNEVEN = 8;

/**
 * Ordered dither and textures that are laid side by side have their dots at the same places of every tile of so many pixels a side.
 * How unevenly outliers lie over these places, by chi-square: more than so many times its mean, and more than so much for each of them.
 */
const TILES = Array.from({ length: 61 }, (_, i) => 4 + i);
const ORDERED = { times: 3, each: 0.5 } as const;

interface Outlier {
  readonly row: number;
  readonly column: number;
  readonly bright: boolean;
  readonly atEnd: boolean;
}

/**
 * Whether the picture is spoilt by impulses (salt and pepper): single pixels far off all their neighbours, both black and
 * white, scattered evenly over all of it. What drawings are full of is not that: dots, the insides of letters, patterns,
 * stars and snow are of one kind, few, in lines or in places, or the whole picture is of the same two colours.
 */
export function* hasImpulses({ colour, channels, width, height }: Picture): Pieces<boolean> {
  const n = width * height;
  let guilty = 0;
  for (let c = 0; c < channels; c++) {
    const outliers = yield* findOutliers(colour.subarray(c * n, (c + 1) * n), width, height);
    if (isSpoilt(withoutLines(outliers, width, height), width, height)) guilty++;
  }
  return 2 * guilty > channels && shareAtEnds(colour) < DRAWN;
}

/** Those that are not in a row or column with far more of them than the others have. */
function withoutLines(outliers: readonly Outlier[], width: number, height: number): Outlier[] {
  const rows = new Float64Array(height);
  const columns = new Float64Array(width);
  for (const { row, column } of outliers) {
    rows[row]++;
    columns[column]++;
  }
  const most = (lines: number) => (IN_LINE.times * outliers.length) / lines + IN_LINE.more;
  return outliers.filter(({ row, column }) => rows[row] <= most(height) && columns[column] <= most(width));
}

function isSpoilt(outliers: readonly Outlier[], width: number, height: number): boolean {
  const count = outliers.length;
  if (count < LEAST.count || count < LEAST.share * width * height) return false;
  const bright = outliers.filter((outlier) => outlier.bright).length;
  const atEnds = outliers.filter(({ atEnd }) => atEnd).length;
  if (Math.min(bright, count - bright) < BOTH * count || atEnds < AT_ENDS * count) return false;
  if (TILES.some((side) => isOrdered(outliers, side))) return false;
  const cells = new Float64Array(CELLS * CELLS);
  for (const { row, column } of outliers)
    cells[Math.floor((CELLS * row) / height) * CELLS + Math.floor((CELLS * column) / width)]++;
  const mean = count / cells.length;
  const spread = cells.reduce((sum, cell) => sum + (cell - mean) ** 2, 0) / cells.length;
  return spread <= UNEVEN * mean;
}

function isOrdered(outliers: readonly Outlier[], side: number): boolean {
  const places = new Float64Array(side * side);
  for (const { row, column } of outliers) places[(row % side) * side + (column % side)]++;
  const mean = outliers.length / places.length;
  const chiSquare = places.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
  return chiSquare > ORDERED.times * places.length && chiSquare > ORDERED.each * outliers.length;
}

const shareAtEnds = (colour: Float32Array): number =>
  colour.reduce((sum, value) => sum + Number(isClipped(value)), 0) / colour.length;

/** Pixels that differ strongly, and to one side, from at least 7 of their 8 neighbours. */
function* findOutliers(x: Float32Array, width: number, height: number): Pieces<Outlier[]> {
  const found: Outlier[] = [];
  const around = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1];
  for (let row = 1; row + 1 < height; row++) {
    for (let column = 1; column + 1 < width; column++) {
      const at = row * width + column;
      let [above, below] = [0, 0];
      for (const step of around) {
        const difference = x[at] - x[at + step];
        if (difference > STANDS_OUT) above++;
        if (difference < -STANDS_OUT) below++;
      }
      if (Math.max(above, below) < 7) continue;
      found.push({ row, column, bright: above > below, atEnd: isClipped(x[at]) });
    }
    yield;
  }
  return found;
}
