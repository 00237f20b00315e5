import type { Box, Size } from '../../image/box.ts';
import type { Picture } from '../../image/picture.ts';
import type { Ink } from './ink.ts';
import { type Looks, looksOf, type Row } from './rows.ts';

/** 'stamp': a date, of digits alike in height near a border; 'text': a line of letters. */
export const OVERLAY_KINDS = ['stamp', 'text'] as const;
export type OverlayKind = (typeof OVERLAY_KINDS)[number];

/** Writing over a photograph. It may be meant to be there: nothing fills it unasked. */
export interface Overlay {
  readonly kind: OverlayKind;
  /** Around all of it, px. */
  readonly box: Box;
  /** Pixels that it covers, with its rim, shadow or glow. */
  readonly area: number;
  /** How sure it is to be writing that lies over the picture, 0.5 … 1. */
  readonly confidence: number;
  /** Those pixels, as indices. */
  readonly pixels: Uint32Array;
}

type Range = readonly [least: number, most: number];

/** What writing looks like, each measure from … to; docs/results/filling.md says on which pictures that was chosen and checked. */
interface Bounds {
  readonly count: number;
  readonly feet: number;
  readonly heads: number;
  readonly tint: number;
  readonly cover: number;
  readonly strokes: number;
  readonly over: number;
}
const STROKE: Range = [0.06, 0.24];
const FULL: Range = [0.25, 0.6];
const GAP: Range = [-0.05, 1.25];
const STAMP: Bounds = { count: 5, feet: 0.8, heads: 0.8, tint: 0.07, cover: 0.06, strokes: 0.2, over: 0.25 };
/** What stands far out of its ground near a border, as digits do, need not be as even; the less if its ink is coloured. */
const OUTSTANDING = { count: 5, feet: 0.6, heads: 0.6, over: 0.45 } as const;
const COLOURED = { ...OUTSTANDING, tint: 0.07, cover: 0.075, strokes: 0.32, full: 0.9 };
const VIVID: Readonly<Record<Ink, Bounds & { readonly full: number }>> = {
  light: { ...OUTSTANDING, tint: 0.03, cover: 0.02, strokes: 0.2, full: FULL[1] },
  warm: COLOURED,
  green: COLOURED,
};
/**
 * Logarithm of the odds that a line is writing: of the logarithm of how many glyphs it has, of its looks, at most so much of each, and of how
 * much paper there is. Fitted to captions of seeds 0 to 2 and the lines of undamaged pictures, of which none has more than -0.7.
 */
const ODDS = {
  none: -9.2,
  count: 2.3,
  feet: { weight: 3.5, most: 1 },
  heads: { weight: 2.5, most: 1 },
  tint: { weight: -8, most: 0.15 },
  cover: { weight: -7, most: 0.15 },
  strokes: { weight: -7, most: 0.5 },
  over: { weight: 8, most: 0.5 },
  variety: { weight: -1.4, most: 1 },
  paper: -3,
} as const;
const TOLD = ['feet', 'heads', 'tint', 'cover', 'strokes', 'over', 'variety'] as const;
/** A stamp lies so near to the upper or lower border of a picture that is upright, of its height. */
const MARGIN = 0.2;
/** Digits, at most. */
const DIGITS = 18;

/** What a line of glyphs is, unless it is the picture's. */
export function judge(
  row: Row,
  ink: Ink,
  picture: Picture,
): { kind: OverlayKind; confidence: number } | undefined {
  const looks = looksOf(row);
  const { stroke, full, gap, count } = looks;
  if (!within(stroke, STROKE) || !within(full, [FULL[0], VIVID[ink].full]) || !within(gap, GAP))
    return undefined;
  const ground = groundOf(row, picture);
  if (isDrawn(ground, picture) || isCutOff(row, picture)) return undefined;
  const confidence = 1 - 0.5 ** (count - 3);
  const isThin = full <= FULL[1];
  const isStamp = (isThin && satisfies(looks, STAMP)) || satisfies(looks, VIVID[ink]);
  if (count <= DIGITS && isStamp && isNearBorder(row, picture)) return { kind: 'stamp', confidence };
  const isText = ink === 'light' && isThin && oddsOfText(looks, paperIn(ground, picture, looks)) > 0;
  return isText ? { kind: 'text', confidence } : undefined;
}

export const within = (value: number, [least, most]: Range): boolean => value >= least && value <= most;

export const satisfies = (looks: Looks, bounds: Bounds): boolean =>
  looks.count >= bounds.count &&
  looks.feet >= bounds.feet &&
  looks.heads >= bounds.heads &&
  looks.tint <= bounds.tint &&
  looks.cover <= bounds.cover &&
  looks.strokes <= bounds.strokes &&
  looks.over >= bounds.over;

const oddsOfText = (looks: Looks, paper: number): number =>
  ODDS.none +
  ODDS.count * Math.log(looks.count) +
  TOLD.reduce((sum, key) => sum + ODDS[key].weight * Math.min(looks[key], ODDS[key].most), 0) +
  ODDS.paper * paper;

function isNearBorder({ turned, glyphs }: Row, { width, height }: Size): boolean {
  const side = turned ? width : height;
  const top = Math.min(...glyphs.map((one) => one.top));
  const bottom = Math.max(...glyphs.map((one) => one.bottom));
  return bottom <= MARGIN * side || top >= (1 - MARGIN) * side;
}

/** Stripes go on to the borders, letters do not. */
function isCutOff({ turned, glyphs }: Row, { width, height }: Size): boolean {
  const side = turned ? width : height;
  return 2 * glyphs.filter(({ top, bottom }) => top === 0 || bottom === side).length > glyphs.length;
}

/** Share of exact repetitions above and below a line from which the letters belong to a page; how far these are looked for, of the height; and from which px to which, farther than a block of JPEG. */
const DRAWN = { share: 0.6, beside: 0.6, apart: 9 } as const;

function isDrawn({ pixels, on }: Ground, { colour, channels, width, height }: Picture): boolean {
  const n = width * height;
  let repeats = 0;
  for (const at of pixels) {
    let alike = true;
    for (let i = at; i < channels * n && alike; i += n) alike = colour[i] === colour[i + on];
    if (alike) repeats++;
  }
  return repeats > DRAWN.share * pixels.length;
}

/** Which share of what is above and below is nearer to the letters than to what lies between them: those of a page are dark, and its paper light. */
function paperIn(
  { pixels }: Ground,
  { colour, channels, width, height }: Picture,
  { ink, over }: Looks,
): number {
  const n = width * height;
  let light = 0;
  for (const at of pixels) {
    let least = 1;
    for (let c = 0; c < Math.min(3, channels); c++) least = Math.min(least, colour[c * n + at]);
    if (least >= ink - over / 2) light++;
  }
  return light / Math.max(1, pixels.length);
}

interface Ground {
  /** Above and below the glyphs of a line, as indices. */
  readonly pixels: readonly number[];
  /** From each to the one that it is compared with. */
  readonly on: number;
}

function groundOf({ turned, glyphs }: Row, { width, height }: Size): Ground {
  const [along, across, side, end] = turned ? [width, 1, width, height] : [1, width, height, width];
  const pixels: number[] = [];
  for (const { from, to, top, bottom, tall } of glyphs) {
    const beside = Math.max(2, Math.round(DRAWN.beside * tall));
    for (let v = Math.max(0, top - beside); v < Math.min(side, bottom + beside); v++) {
      if (v >= top - 1 && v <= bottom) continue;
      for (let u = from; u < Math.min(to, end - DRAWN.apart); u++) pixels.push(v * across + u * along);
    }
  }
  return { pixels, on: DRAWN.apart * along };
}
