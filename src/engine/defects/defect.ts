import type { Box } from '../image/box.ts';
import type { Mark } from './marks.ts';

/** 'fold': from edge to edge; 'hair': short and bent; 'dust': a speck. */
export const DEFECT_KINDS = ['scratch', 'fold', 'hair', 'dust', 'deadPixel'] as const;
export type DefectKind = (typeof DEFECT_KINDS)[number];

/** One mark that is not part of the picture. */
export interface Defect {
  readonly kind: DefectKind;
  /** Whether it is brighter or darker than the picture. */
  readonly polarity: 'bright' | 'dark';
  /** Around all of it, px. */
  readonly box: Box;
  /** Longer side of a speck, diagonal of the box of a line, px. */
  readonly length: number;
  /** Pixels that it covers. */
  readonly area: number;
  /** How sure it is to be damage, 0.5 … 1. */
  readonly confidence: number;
}

/** A mark, its pixels as indices into the picture. */
export type Spot = Omit<Mark, 'course'> & {
  /** Pieces of one line share it. */
  readonly course?: string;
  /** Whether it is one of a sensor. */
  readonly dead?: boolean;
};

/** A line whose box has this share of a side of the picture goes from edge to edge. */
const FOLD = 0.9;
/** A hair is no longer than this, px, and covers more than its box's diagonal by this factor times its width. */
const HAIR = { length: 120, bent: 1.15 } as const;
/** Lines shorter than this are specks, px. */
const SPECK = 16;

/** Marks as defects, the pieces of a line as one; the largest first. */
export function defectsOf(spots: readonly Spot[], width: number, height: number): Defect[] {
  const whole = new Map<string, Spot>();
  spots.forEach((spot, i) => {
    const key = spot.course ?? `speck ${i}`;
    const before = whole.get(key);
    const odds = Math.max(spot.odds, before?.odds ?? spot.odds);
    whole.set(key, before ? { ...spot, odds, pixels: [...before.pixels, ...spot.pixels] } : spot);
  });
  return Array.from(whole.values(), (spot) => defectOf(spot, width, height)).sort((a, b) => b.area - a.area);
}

function defectOf(
  { pixels, polarity, odds, course, dead = pixels.length === 1 }: Spot,
  width: number,
  height: number,
): Defect {
  const all = new Set(pixels);
  const box = boxOf(all, width);
  const diagonal = Math.hypot(box.width, box.height);
  const isLine = course !== undefined && diagonal >= SPECK;
  return {
    kind: isLine ? lineKind(all, box, width, height) : dead ? 'deadPixel' : 'dust',
    polarity,
    box,
    length: isLine ? diagonal : Math.max(box.width, box.height),
    area: all.size,
    confidence: Math.max(0.5, 1 / (1 + Math.exp(-odds))),
  };
}

function lineKind(pixels: ReadonlySet<number>, box: Box, width: number, height: number): DefectKind {
  if (box.width >= FOLD * width || box.height >= FOLD * height) return 'fold';
  return Math.hypot(box.width, box.height) <= HAIR.length && isBent(pixels, box, width) ? 'hair' : 'scratch';
}

/** Whether a line leaves the diagonals of its box: by how far its pixels lie off the nearer of them, of its length. */
function isBent(pixels: ReadonlySet<number>, box: Box, width: number): boolean {
  const [w, h] = [box.width, box.height];
  const off = (flip: boolean) => {
    let most = 0;
    for (const at of pixels) {
      const [x, y] = [(at % width) - box.x, Math.floor(at / width) - box.y];
      most = Math.max(most, Math.abs((flip ? w - x : x) * h - y * w) / Math.hypot(w, h));
    }
    return most;
  };
  return Math.min(off(false), off(true)) > (HAIR.bent - 1) * Math.hypot(w, h);
}

/** The smallest box around some pixels. */
export function boxOf(pixels: Iterable<number>, width: number): Box {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (const at of pixels) {
    const [x, y] = [at % width, Math.floor(at / width)];
    [left, right, top, bottom] = [
      Math.min(left, x),
      Math.max(right, x),
      Math.min(top, y),
      Math.max(bottom, y),
    ];
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}
