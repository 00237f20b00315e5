import { median } from '../../quantile.ts';
import type { Pieces } from '../../time-slicing.ts';
import type { Glyph } from './glyphs.ts';
import { type Placed, type Row, rowsOf } from './rows.ts';

/** Pieces of a line that lost letters between them to what is behind: of so many glyphs, so far apart, so alike in height, feet and heads, of the height, and in colour. */
const PIECE = { least: 3, apart: 10, tall: 0.75, off: 0.12, colour: 0.08 } as const;

/** Lines of glyphs, at least so many, their pieces together, in pieces. */
export function* wholeRowsOf(all: readonly Glyph[], turned: boolean, least: number): Pieces<Row[]> {
  const whole: { glyphs: readonly Placed[]; looks: Piece }[] = [];
  const pieces = (yield* rowsOf(all, turned, PIECE.least)).map((row) => row.glyphs);
  for (const glyphs of pieces.sort((a, b) => a[0].from - b[0].from)) {
    yield;
    const looks = pieceOf(glyphs);
    const before = whole.find((one) => goOn(one.looks, looks));
    if (before === undefined) whole.push({ glyphs, looks });
    else {
      before.glyphs = [...before.glyphs, ...glyphs];
      before.looks = pieceOf(before.glyphs);
    }
  }
  return whole.filter((one) => one.glyphs.length >= least).map((one) => ({ turned, glyphs: one.glyphs }));
}

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly bottom: number;
  readonly colour: readonly number[];
}

const pieceOf = (glyphs: readonly Placed[]): Piece => ({
  from: Math.min(...glyphs.map((one) => one.from)),
  to: Math.max(...glyphs.map((one) => one.to)),
  top: median(glyphs.map((one) => one.top)),
  bottom: median(glyphs.map((one) => one.bottom)),
  colour: glyphs[0].glyph.colour.map((_, c) => median(glyphs.map(({ glyph }) => glyph.colour[c]))),
});

function goOn(a: Piece, b: Piece): boolean {
  const [tall, other] = [a.bottom - a.top, b.bottom - b.top];
  const most = Math.max(tall, other);
  return (
    Math.min(tall, other) >= PIECE.tall * most &&
    b.from >= a.to &&
    b.from - a.to <= PIECE.apart * most &&
    Math.abs(a.bottom - b.bottom) <= Math.max(1, PIECE.off * most) &&
    a.colour.every((value, c) => Math.abs(value - b.colour[c]) <= PIECE.colour)
  );
}
