import type { Box } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import { inStretches, type Pieces } from '../time-slicing.ts';
import type { Curve } from './curves.ts';
import { glyphsIn } from './overlays/glyphs.ts';
import { strokesIn } from './overlays/ink.ts';
import { satisfies, within } from './overlays/judge.ts';
import { type Looks, looksOf, type Placed, type Row, rowsOf } from './overlays/rows.ts';
import type { Sheet } from './sheet.ts';

/** Half of the widest strokes that could be taken for scratches, px; letters of a line, at least. */
const STROKES = { reach: 4, least: 4 } as const;
/** What belongs to a line of letters beyond them, of their height: other letters along it, outlines and tails across. */
const BELONGS = { along: 1.3, across: 0.4 } as const;

/** Lines of letters that are the bright ones of a sheet, as they are printed over photographs and stand on pages: no damage. */
export function* lettersIn(picture: Picture, { x, width, height }: Sheet): Pieces<Box[]> {
  const plane = new Uint8Array(x.length);
  yield* inStretches(x.length, (from, to) => {
    for (let i = from; i < to; i++) plane[i] = Math.round(255 * x[i]); // NaN is what alpha hides
  });
  const { strokes } = yield* strokesIn(plane, width, height, 'light', STROKES.reach);
  const glyphs = yield* glyphsIn(picture, plane, strokes, 1);
  const letters: Box[] = [];
  for (const turned of [false, true]) {
    for (const row of yield* rowsOf(glyphs, turned, STROKES.least)) {
      const looks = looksOf(row);
      if (areLetters(looks)) letters.push(boxOf(row, looks.tall));
      yield;
    }
  }
  return letters;
}

/** Looser than what is proposed to be taken out: these stay. Many that stand far out are letters however uneven they look. */
const LETTERS = {
  many: { count: 6, feet: 0.6, heads: 0.4, strokes: 0.6, tint: 0.2, over: 0.5 },
  faint: { count: 6, feet: 0.7, heads: 0.4, strokes: 0.2, tint: 0.1, over: 0.3 },
  few: { count: STROKES.least, feet: 0.8, heads: 0.75, strokes: 0.2, tint: 0.1, over: 0.3 },
} as const;
const STROKE = [0.06, 0.35] as const;
const FULL = [0.25, 0.75] as const;
const GAP = [-0.05, 1.25] as const;

const areLetters = (looks: Looks): boolean =>
  within(looks.stroke, STROKE) &&
  within(looks.full, FULL) &&
  within(looks.gap, GAP) &&
  Object.values(LETTERS).some((bounds) => satisfies(looks, { cover: 1, ...bounds }));

function boxOf({ turned, glyphs }: Row, tall: number): Box {
  const [along, across] = [BELONGS.along, BELONGS.across].map((share) => Math.ceil(share * tall));
  const least = (of: (one: Placed) => number, reach: number) => Math.min(...glyphs.map(of)) - reach;
  const [from, top] = [least(({ from }) => from, along), least(({ top }) => top, across)];
  const [to, bottom] = [-least(({ to }) => -to, along), -least(({ bottom }) => -bottom, across)];
  const [x, y, u, v] = turned ? [top, from, bottom, to] : [from, top, to, bottom];
  return { x, y, width: u - x, height: v - y };
}

/** Share of a line that lies among letters, so that it is a stroke or outline of them: scratches go on beyond. */
const AMONG = 0.9;

export const isOfLetters = ({ at }: Curve, width: number, letters: readonly Box[]): boolean =>
  letters.some(
    (box) => at.reduce((sum, pixel) => sum + Number(isIn(box, pixel, width)), 0) >= AMONG * at.length,
  );

export function isIn({ x, y, width, height }: Box, pixel: number, stride: number): boolean {
  const [u, v] = [(pixel % stride) - x, Math.floor(pixel / stride) - y];
  return u >= 0 && v >= 0 && u < width && v < height;
}
