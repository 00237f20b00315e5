import { median } from '../../quantile.ts';
import type { Pieces } from '../../time-slicing.ts';
import type { Glyph } from './glyphs.ts';

/** A glyph along and across its line. */
export interface Placed {
  readonly glyph: Glyph;
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly bottom: number;
  readonly tall: number;
}

/** Glyphs that stand in one line. */
export interface Row {
  /** Whether it runs down the picture, as in one that was turned. */
  readonly turned: boolean;
  /** In the order of reading. */
  readonly glyphs: readonly Placed[];
}

/** Least height of a letter, px. */
const TALL = 6;
/** What stands in one line: tops or bottoms so near, and gaps of at most so much, of the height; heights and widths of so many others; colours so near. */
const ALIKE = {
  edge: 0.14,
  gap: 1.9,
  over: 0.25,
  tall: 0.5,
  wide: 3.2,
  colour: 0.16,
  ink: 0.2,
  stroke: 1.8,
} as const;

/** Glyphs that stand in lines, of at least so many, in pieces. */
export function* rowsOf(glyphs: readonly Glyph[], turned: boolean, least: number): Pieces<Row[]> {
  const placed = glyphs
    .map((glyph) => place(glyph, turned))
    .filter(({ tall, from, to }) => tall >= TALL && to - from <= ALIKE.wide * tall)
    .sort((a, b) => a.from - b.from);
  const parent = placed.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]];
    return at;
  };
  const cells = new Map<number, number[]>();
  for (const [i, one] of placed.entries()) {
    for (const cell of cellsOf(one)) {
      const before = cells.get(cell);
      for (const other of before ?? []) if (standTogether(placed[other], one)) parent[root(other)] = root(i);
      if (before) before.push(i);
      else cells.set(cell, [i]);
    }
    yield;
  }
  const rows = new Map<number, Placed[]>();
  placed.forEach((one, i) => {
    const row = rows.get(root(i));
    if (row) row.push(one);
    else rows.set(root(i), [one]);
  });
  return [...rows.values()].filter((row) => row.length >= least).map((row) => ({ turned, glyphs: row }));
}

export function place(glyph: Glyph, turned: boolean): Placed {
  const { x, y, width, height } = glyph;
  return turned
    ? { glyph, from: y, to: y + height, top: x, bottom: x + width, tall: width }
    : { glyph, from: x, to: x + width, top: y, bottom: y + height, tall: height };
}

/** Side of the cells by which neighbours are found, px. */
const CELL = 64;

/** Cells that a glyph, or its gap to the next, may share with another. */
function cellsOf({ from, to, top, bottom, tall }: Placed): number[] {
  const cells: number[] = [];
  const cell = (value: number) => Math.floor(value / CELL);
  for (let v = cell(top); v <= cell(bottom); v++)
    for (let u = cell(from - ALIKE.gap * tall); u <= cell(to + ALIKE.gap * tall); u++)
      cells.push((v + 8) * 65536 + u + 64);
  return cells;
}

/** Whether two glyphs, the first one's start being before the second's, are letters of one line. */
function standTogether(a: Placed, b: Placed): boolean {
  const tall = Math.max(a.tall, b.tall);
  if (Math.min(a.tall, b.tall) < ALIKE.tall * tall) return false;
  const near = Math.max(1, ALIKE.edge * tall);
  if (Math.abs(a.top - b.top) > near && Math.abs(a.bottom - b.bottom) > near) return false;
  if (b.from - a.to > ALIKE.gap * tall || b.from - a.to < -ALIKE.over * tall) return false;
  if (Math.abs(a.glyph.ink - b.glyph.ink) > ALIKE.ink) return false;
  const [s, t] = [a.glyph.stroke, b.glyph.stroke];
  if (Math.max(s, t) > ALIKE.stroke * Math.min(s, t)) return false;
  return a.glyph.colour.every((value, c) => Math.abs(value - b.glyph.colour[c]) <= ALIKE.colour);
}

/** What is measured of a line; chosen and checked on the photographs that docs/results/filling.md names. */
export interface Looks {
  readonly count: number;
  /** Middle height, px. */
  readonly tall: number;
  /** Shares of its glyphs whose feet, and whose heads, lie on one line. */
  readonly feet: number;
  readonly heads: number;
  /** Greatest deviation of a colour from glyph to glyph; of how much of the ground shows through. */
  readonly tint: number;
  readonly cover: number;
  /** Width of strokes, of the height; and how it varies, of itself. */
  readonly stroke: number;
  readonly strokes: number;
  /** Ink over its ground. */
  readonly over: number;
  readonly ink: number;
  /** How much glyphs differ in their fill and width, and how much of its box one fills in the middle. */
  readonly variety: number;
  readonly full: number;
  readonly gap: number;
}

export function looksOf({ glyphs }: Row): Looks {
  const tall = median(glyphs.map((one) => one.tall));
  const full = glyphs.filter((one) => one.tall > 0.75 * tall);
  const colours = glyphs[0].glyph.colour.map((_, c) => deviation(full.map(({ glyph }) => glyph.colour[c])));
  const covers = full.map(({ glyph: { ink, ground } }) => (ink - ground) / Math.max(0.1, 1 - ground));
  const strokes = full.map(({ glyph }) => glyph.stroke);
  const fills = full.map(({ glyph }) => glyph.pixels.length / (glyph.width * glyph.height));
  const widths = full.map(({ from, to, tall: own }) => (to - from) / own);
  const gaps = full.slice(1).map((one, i) => (one.from - full[i].to) / tall);
  return {
    count: full.length,
    tall,
    feet: onOneLine(glyphs, ({ bottom }) => bottom, tall),
    heads: onOneLine(glyphs, ({ top }) => top, tall),
    tint: Math.max(...colours),
    cover: deviation(covers),
    stroke: median(strokes) / tall,
    strokes: deviation(strokes) / median(strokes),
    over: median(full.map(({ glyph }) => glyph.ink - glyph.ground)),
    ink: median(full.map(({ glyph }) => glyph.ink)),
    variety: deviation(fills) + deviation(widths),
    full: median(fills),
    gap: gaps.length > 0 ? median(gaps) : 0,
  };
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** How far writing is turned at most, of its length; how far a glyph is off its line, of its height and px; and of how many its line is looked for. */
const LINE = { slope: 0.035, off: 0.05, least: 0.75, most: 48 } as const;

/** The largest share of glyphs whose edges lie on one nearly level line. */
function onOneLine(glyphs: readonly Placed[], edge: (one: Placed) => number, tall: number): number {
  const off = Math.max(LINE.least, LINE.off * tall);
  const points = glyphs.slice(0, LINE.most).map((one) => [(one.from + one.to) / 2, edge(one)] as const);
  let most = 1;
  for (const [x0, y0] of points)
    for (const [x1, y1] of points) {
      const slope = (y1 - y0) / (x1 - x0);
      if (!(x1 > x0 && Math.abs(slope) <= LINE.slope)) continue;
      const on = points.filter(([x, y]) => Math.abs(y - y0 - slope * (x - x0)) <= off).length;
      most = Math.max(most, on);
    }
  return most / points.length;
}
