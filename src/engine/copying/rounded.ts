import type { Pieces } from '../time-slicing.ts';
import type { Corner } from './corners.ts';
import type { Crossing } from './crossings.ts';
import type { Level } from './level.ts';
import { BROAD, type Drawing } from './strokes.ts';

/** How far from its point a corner may be rounded, px: the shortest first, so that where one like it is pointed it stays so. */
const FARTHEST = [2, 4, 6, 8, 10, 13, 16, 20, 25, 32];
/** How much farther both sides must be the same, and how far out there must be nothing else, px. */
const ALONG = 6;
const OUT = 5;
/** What differs by less, as a share of how much the sides stand out, is the same; of sides that stand out by less nothing is told. */
const SAME = 0.2;
const FAINT = 0.02;
/** By how much what lies outside and what lies inside may differ in the mean, [0, 1]: other cards have other grounds. */
const GROUND = 0.012;
/** How nearly along rows and columns sides lead, a sine. */
const LEVEL = 0.03;
/** How far off others are looked for, px. */
const OFF = 400;

/** A picture, and where a part of it lies. */
export interface Whole extends Level {
  readonly x: number;
  readonly y: number;
}

/** A pixel by its distances from the corner's point along its two sides, level and upright. */
type Place = readonly [along: number, below: number];
/** Which way the sides of the other corner lead, where those of this one lead to 1, 1. */
type Mirror = readonly [x: 1 | -1, y: 1 | -1];

/** Where a corner's point is, and which way its sides lead. */
interface Point {
  readonly x: number;
  readonly y: number;
  readonly right: number;
  readonly down: number;
}

interface Wanted extends Point {
  /** What lies outside of it, and how much its sides stand out of that. */
  readonly outside: readonly number[];
  readonly contrast: number;
}

/** What a corner must have at a place. */
interface Asked {
  readonly place: Place;
  readonly colour: readonly number[];
}

/** Where others are looked for. */
interface Search {
  readonly columns: readonly number[];
  readonly rows: readonly number[];
  readonly mirrors: readonly Mirror[];
}

/** Another corner, and from how far off its point on it is the same. */
type Other = Point & { readonly far: number };
/** What others are judged by besides. */
type IsMeant = (other: Point) => boolean;
/** What is drawn so far. */
type Drawn = Pick<Drawing, 'colour' | 'hole'>;

/**
 * Draws a corner, pointed so far, as another one of the picture or its mirror image whose sides and what lies outside of them are the same: cards
 * and buttons are rounded alike. First as that of another thing just above or below whose next corner is as this one's is (speech bubbles are pointed
 * at one corner), then as that beside it, then as that above or below, then as any. Whether there is one.
 */
export function* drawRounded(level: Level, corner: Corner, drawing: Drawing, whole: Whole): Pieces<boolean> {
  const wanted = wantedOf(corner);
  if (!wanted) return false;
  const [x, y] = [wanted.x + whole.x, wanted.y + whole.y];
  const [columns, rows] = [around(x, whole.width), around(y, whole.height)];
  const beside = yield* otherOf(level, wanted, drawing, whole, { columns, rows: [y], mirrors: [[-1, 1]] });
  const isAlike = beside && hasInRow(whole, { ...wanted, ...beside }, columns);
  const searches: Search[] = [
    { columns: [x], rows, mirrors: [[1, -1]] },
    {
      columns,
      rows,
      mirrors: [
        [1, 1],
        [-1, 1],
        [1, -1],
        [-1, -1],
      ],
    },
  ];
  const aligned: Search = { columns: [x], rows, mirrors: [[1, 1]] };
  let other = isAlike && (yield* otherOf(level, wanted, drawing, whole, aligned, isAlike));
  other ??= beside;
  for (const search of searches) other ??= yield* otherOf(level, wanted, drawing, whole, search);
  if (!other) return false;
  const [n, size] = [level.hole.length, whole.hole.length];
  for (const place of insideOf(other.far)) {
    const to = indexOf(level, wanted, place);
    if (to < 0 || !level.hole[to]) continue;
    const from = indexOf(whole, other, place);
    for (let c = 0; c < level.channels; c++) drawing.colour[c * n + to] = whole.colour[c * size + from];
    drawing.hole[to] = 0;
  }
  return true;
}

/** Whether in the row of another corner there is one that looks as this one, all of which is seen, does. */
function hasInRow(whole: Whole, corner: Wanted & Other, columns: readonly number[]): IsMeant {
  const asked = askedOf(whole, corner, whole, corner.far);
  return ({ y }) =>
    columns.some((x) =>
      asked.every(({ place, colour }) =>
        isLike(whole, indexOf(whole, { ...corner, x, y }, place), colour, corner),
      ),
    );
}

/** Sides along a row and a column; undefined where they lead otherwise. */
function wantedOf({ from, to, x, y }: Corner): Wanted | undefined {
  const [level, upright] = Math.abs(from.outX) > Math.abs(to.outX) ? [from, to] : [to, from];
  if (Math.abs(level.outY) > LEVEL || Math.abs(upright.outX) > LEVEL) return undefined;
  const [right, down] = [Math.sign(level.outX), Math.sign(upright.outY)];
  // What is below a side that leads right is to the right of it, looking outwards.
  const out = (end: Crossing, sign: number) => end.profile.at(-sign * right * down * (BROAD + 1));
  const outside = out(level, 1);
  const across = upTo(-BROAD, BROAD).map((px) => level.profile.at(px));
  const contrast = Math.max(...across.map((colour) => unlike(colour, outside)));
  if (contrast < FAINT || unlike(out(upright, -1), outside) > SAME * contrast) return undefined;
  return { x: Math.round(x), y: Math.round(y), right, down, outside, contrast };
}

const unlike = (one: readonly number[], other: readonly number[]): number =>
  Math.max(...one.map((value, c) => Math.abs(value - other[c])));

/** The first other corner that is the same from so far on, of all the one that is so from nearest to its point. */
function* otherOf(
  level: Level,
  wanted: Wanted,
  drawing: Drawn,
  whole: Whole,
  { columns, rows, mirrors }: Search,
  isMeant: IsMeant = () => true,
): Pieces<Other | undefined> {
  for (const far of FARTHEST) {
    const asked = askedOf(level, wanted, drawing, far);
    const inside = insideOf(far);
    for (const [mx, my] of mirrors)
      for (const y of rows) {
        for (const x of columns) {
          const other = { x, y, right: mx * wanted.right, down: my * wanted.down };
          const at = (place: Place) => indexOf(whole, other, place);
          if (!asked.every(({ place, colour }) => isLike(whole, at(place), colour, wanted))) continue;
          if (!isGround(whole, asked, at) || !inside.every((place) => whole.source[at(place)])) continue;
          if (isMeant(other)) return { ...other, far };
        }
        if (columns.length > 1 && y % 32 === 0) yield;
      }
  }
  return undefined;
}

/** Whether the grounds inside and outside of both sides are the same in the mean, too. */
function isGround({ colour, hole }: Level, asked: readonly Asked[], at: (place: Place) => number): boolean {
  const grounds = [
    asked.filter(({ place }) => Math.min(...place) < -BROAD),
    asked.filter(({ place }) => Math.min(...place) === BROAD),
  ];
  return grounds.every((ground) =>
    (ground[0]?.colour ?? []).every((_, c) => {
      const sum = ground.reduce(
        (all, { place, colour: want }) => all + colour[c * hole.length + at(place)] - want[c],
        0,
      );
      return Math.abs(sum) <= GROUND * ground.length;
    }),
  );
}

/** What another corner must have: the sides from so far on, what is known of what is nearer, and nothing outside. */
function askedOf({ hole, ...level }: Level, wanted: Wanted, drawing: Drawn, far: number): Asked[] {
  const told = (places: readonly Place[], lack: Uint8Array): Asked[] =>
    places.flatMap((place) => {
      const i = indexOf(level, wanted, place);
      if (i < 0 || lack[i]) return [];
      return [
        {
          place,
          colour: Array.from({ length: level.channels }, (_, c) => drawing.colour[c * hole.length + i]),
        },
      ];
    });
  const outside = outOf(far).map((place) => ({ place, colour: wanted.outside }));
  return [...told(sidesOf(far), drawing.hole), ...outside, ...told(insideOf(far), hole)];
}

function isLike(
  { source, colour, hole }: Level,
  i: number,
  wanted: readonly number[],
  { contrast }: Wanted,
): boolean {
  if (i < 0 || !source[i]) return false;
  return wanted.every((value, c) => Math.abs(colour[c * hole.length + i] - value) <= SAME * contrast);
}

function indexOf(
  { width, height }: Pick<Level, 'width' | 'height'>,
  { x, y, right, down }: Point,
  [along, below]: Place,
): number {
  const [u, v] = [x + right * along, y + down * below];
  return u < 0 || v < 0 || u >= width || v >= height ? -1 : v * width + u;
}

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, k) => from + k);
const around = (middle: number, end: number): number[] =>
  upTo(Math.max(0, middle - OFF), Math.min(end - 1, middle + OFF));

const both = (places: readonly Place[]): Place[] =>
  places.flatMap(([a, b]): Place[] => [
    [a, b],
    [b, a],
  ]);

/** Both sides, beyond what may be rounded. */
const sidesOf = (far: number): Place[] =>
  both(
    upTo(far, far + ALONG).flatMap((along) => upTo(-BROAD, BROAD).map((across): Place => [along, across])),
  );

/** What may be rounded. */
const insideOf = (far: number): Place[] =>
  upTo(-BROAD, far - 1).flatMap((a) =>
    upTo(-BROAD, far - 1).flatMap((b): Place[] => (a + b <= far + BROAD ? [[a, b]] : [])),
  );

/** What lies outside of both sides. */
const outOf = (far: number): Place[] =>
  both(upTo(-OUT, far + ALONG).flatMap((a) => upTo(-OUT, -BROAD - 1).map((b): Place => [a, b])));
