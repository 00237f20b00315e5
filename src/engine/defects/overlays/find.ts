import { type Box, sharedArea } from '../../image/box.ts';
import type { Picture } from '../../image/picture.ts';
import { type IsOver, never } from '../../stopping/pace.ts';
import type { Pieces } from '../../time-slicing.ts';
import { type Glyph, glyphsIn } from './glyphs.ts';
import { INKS, type Ink, inkPlane, strokesIn } from './ink.ts';
import { judge, type Overlay } from './judge.ts';
import { paintRow } from './paint.ts';
import { wholeRowsOf } from './pieces.ts';
import { tonesIn } from './tones.ts';

/** Half of the widest strokes that are looked for, px; and the shorter side of a picture from which they may be so wide. */
const REACHES: Readonly<Record<Ink, readonly { reach: number; from: number }[]>> = {
  light: [
    { reach: 4, from: 0 },
    { reach: 10, from: 300 },
  ],
  warm: [
    { reach: 4, from: 0 },
    { reach: 10, from: 640 },
  ],
  green: [
    { reach: 4, from: 0 },
    { reach: 10, from: 640 },
  ],
};
/** How far the pieces of a digit lie apart at most, px: of light ones displays have none. */
const BRIDGES: Readonly<Record<Ink, readonly number[]>> = { light: [1], warm: [1, 2, 3], green: [1, 2, 3] };
/** Glyphs of a line, at least. */
const LEAST = 5;
/** Lines at most that lie over a picture: what has more of them is a page or a screen. */
const MOST = 4;
/** Share of the smaller of two lines that lies in the other, from which they are one. */
const SAME = 0.3;

interface Found {
  readonly overlay: Omit<Overlay, 'pixels' | 'area' | 'box'>;
  readonly pixels: readonly number[];
  readonly box: Box;
  readonly count: number;
}

/** Date stamps and lines of light letters that lie over a photograph, the surest first; once the time is `over`, those found so far. */
export function* findOverlays(picture: Picture, over: IsOver = never): Pieces<Overlay[]> {
  const found: Found[] = [];
  for (const ink of picture.channels >= 3 ? INKS : (['light'] as const)) {
    yield;
    const plane = inkPlane(picture, ink);
    for (const { reach, from } of REACHES[ink]) {
      if (Math.min(picture.width, picture.height) < from) continue;
      if (over()) return distinct(found);
      const { over: thin, strokes } = yield* strokesIn(plane, picture.width, picture.height, ink, reach);
      for (const bridge of BRIDGES[ink]) {
        const glyphs = yield* glyphsIn(picture, plane, strokes.slice(), bridge);
        yield* linesOf(picture, glyphs, ink, found);
      }
      if (ink !== 'light' || from > 0) continue;
      for (const tone of yield* tonesIn(picture, thin))
        yield* linesOf(picture, yield* glyphsIn(picture, plane, tone, BRIDGES.light[0]), ink, found);
    }
  }
  return distinct(found);
}

function* linesOf(picture: Picture, glyphs: readonly Glyph[], ink: Ink, found: Found[]): Pieces<void> {
  for (const turned of [false, true])
    for (const row of yield* wholeRowsOf(glyphs, turned, LEAST)) {
      const overlay = judge(row, ink, picture);
      if (!overlay) continue;
      found.push({ overlay, count: row.glyphs.length, ...paintRow(picture, row, glyphs) });
      yield;
    }
}

/** Each line once, as the one of its copies that has most glyphs; none of a page. */
function distinct(found: readonly Found[]): Overlay[] {
  const kept: Found[] = [];
  for (const one of [...found].sort((a, b) => b.count - a.count))
    if (kept.every(({ box }) => shared(box, one.box) < SAME)) kept.push(one);
  if (kept.length > MOST) return [];
  return kept
    .map(({ overlay, pixels, box }) => ({
      ...overlay,
      box,
      area: pixels.length,
      pixels: Uint32Array.from(pixels),
    }))
    .sort((a, b) => b.confidence - a.confidence || a.pixels[0] - b.pixels[0]);
}

/** Share of the smaller box that lies in the other. */
const shared = (a: Box, b: Box): number =>
  sharedArea(a, b) / Math.min(a.width * a.height, b.width * b.height);
