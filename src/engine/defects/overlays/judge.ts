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
const TEXT: Bounds = { count: 6, feet: 0.7, heads: 0.4, tint: 0.05, cover: 0.045, strokes: 0.18, over: 0.18 };
const VIVID_TEXT: Bounds = {
  count: 7,
  feet: 0.6,
  heads: 0.4,
  tint: 0.03,
  cover: 0.03,
  strokes: 0.2,
  over: 0.4,
};
/** So many letters in one line are no chance, even where the picture shines through them. */
const LONG_TEXT: Bounds = {
  count: 9,
  feet: 0.65,
  heads: 0.35,
  tint: 0.1,
  cover: 0.08,
  strokes: 0.25,
  over: 0.18,
};
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
  if (isOnDrawnGround(row, picture)) return undefined;
  const confidence = 1 - 0.5 ** (count - 3);
  const isThin = full <= FULL[1];
  const isStamp = (isThin && satisfies(looks, STAMP)) || satisfies(looks, VIVID[ink]);
  if (count <= DIGITS && isStamp && isNearBorder(row, picture)) return { kind: 'stamp', confidence };
  const isText = [TEXT, VIVID_TEXT, LONG_TEXT].some((bounds) => satisfies(looks, bounds));
  return ink === 'light' && isThin && isText ? { kind: 'text', confidence } : undefined;
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

function isNearBorder({ turned, glyphs }: Row, { width, height }: Size): boolean {
  const side = turned ? width : height;
  const top = Math.min(...glyphs.map((one) => one.top));
  const bottom = Math.max(...glyphs.map((one) => one.bottom));
  return bottom <= MARGIN * side || top >= (1 - MARGIN) * side;
}

/** Share of exact repetitions above and below a line from which the letters belong to a page; and how far these are looked for, of the height. */
const DRAWN = { share: 0.6, beside: 0.6 } as const;

function isOnDrawnGround({ turned, glyphs }: Row, { colour, channels, width, height }: Picture): boolean {
  const n = width * height;
  const [along, across, side] = turned ? [width, 1, width] : [1, width, height];
  let [repeats, pairs] = [0, 0];
  for (const { from, to, top, bottom, tall } of glyphs) {
    const beside = Math.max(2, Math.round(DRAWN.beside * tall));
    for (let v = Math.max(0, top - beside); v < Math.min(side, bottom + beside); v++) {
      if (v >= top - 1 && v <= bottom) continue;
      for (let u = from; u + 1 < to; u++) {
        const at = v * across + u * along;
        let alike = true;
        for (let i = at; i < channels * n && alike; i += n) alike = colour[i] === colour[i + along];
        pairs++;
        if (alike) repeats++;
      }
    }
  }
  return repeats > DRAWN.share * pairs;
}
