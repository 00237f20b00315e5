import { quantile, spreadOf } from '../quantile.ts';
import type { Curve } from './curves.ts';
import { RIM } from './profile.ts';
import { colourAt, type Sheet } from './sheet.ts';
import { type Point, pointOn, type Way, wayThrough } from './way.ts';

/** A scratch that is known: all of its pieces, and how far it reaches to the farther of its sides, px. */
export interface Known {
  readonly curves: readonly Curve[];
  readonly reach: number;
}

/** Scratches of so many px are traced. */
const LEAST = 24;
/** How far beyond what is known of it a scratch is looked for, px, and how far off its way, px to either side. */
const AHEAD = { reach: 40, off: 2 } as const;
/** In a stretch of so many px at least so many have the scratch's colour, and of so many the sides do not; fewer right beside what is known, px. */
const STRETCH = { length: 8, alike: 7, seen: 5, beside: { px: 3, seen: 3 } } as const;
/** How far off its colour a scratch is: by how much that varies, at least and at most; and how far its sides are, of the full range. */
const COLOUR = { bySpread: 2.5, least: 0.02, most: 0.045, sides: 0.035 } as const;
/** How much of its ground a scratch may let through: known pieces on one ground do not tell. */
const SHINES = [0, 0.07, 0.14] as const;
/** How far beyond its rim its sides lie, px. */
const BESIDE = 2;
/** How often what was found leads further. */
const ROUNDS = 8;

/** One px of a way, of each channel: the colour there, and of either side. */
interface Look {
  readonly own: readonly number[];
  readonly sides: readonly [readonly number[], readonly number[]];
}

/**
 * Where a known scratch goes on unseen by its brightness: over what is as bright or brighter, and between lines and edges. Its way is
 * known, and its colour, which hardly depends on what is below.
 *
 * @param covered [height, width] 1 = found already
 * @returns pixels of it, as indices; none where it keeps to no way
 */
export function trace(sheet: Sheet, { curves, reach }: Known, covered: Uint8Array): number[] {
  const points = curves.flatMap(({ at }) => Array.from(at, (i): Point => pointOf(i, sheet.width)));
  const taken = new Set<number>();
  const pixels = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    const way = wayThrough(points);
    if (!way || way.to - way.from < LEAST) break;
    for (const { t } of way.places) taken.add(t);
    const found = stretchesOn(sheet, way, reach, taken);
    if (found.length === 0) break;
    for (const [t, off] of found) {
      taken.add(t);
      points.push(pointOn(way, t, off));
      if (covered[indexOf(sheet, pointOn(way, t, off))]) continue;
      for (const at of acrossOf(sheet, way, t, off, reach)) pixels.add(at);
    }
    if (found.every(([t]) => t >= way.from && t <= way.to)) break;
  }
  return [...pixels];
}

const pointOf = (at: number, width: number): Point => [at % width, Math.floor(at / width)];

/** The steps of a way that show the scratch beside what is `taken`, and how far off the way. */
function stretchesOn(sheet: Sheet, way: Way, reach: number, taken: ReadonlySet<number>): [number, number][] {
  const looks = way.places.flatMap(({ t, off }) => lookAt(sheet, way, t, off, reach) ?? []);
  const likenesses = SHINES.map((shine) => likenessOf(looks, shine, sheet.channels));
  const found = new Map<number, number>();
  const step = (from: number): void => {
    const steps = Array.from({ length: STRETCH.length }, (_, i) => from + i).filter((t) => !taken.has(t));
    if (steps.length < STRETCH.length) return;
    const { px, seen: few } = STRETCH.beside;
    const isBeside = [from - px, from + STRETCH.length - 1 + px].some((t) => taken.has(t));
    let best = { off: 0, seen: (isBeside ? few : STRETCH.seen) - 1, like: [] as Likeness[] };
    for (let off = -AHEAD.off; off <= AHEAD.off; off++) {
      const there = steps.map((t) => lookAt(sheet, way, t, off, reach));
      for (const likeness of likenesses) {
        const like = there.map((look) => (look ? likeness(look) : 'other'));
        const seen = like.filter((one) => one === 'seen').length;
        if (seen > best.seen && like.filter((one) => one !== 'other').length >= STRETCH.alike)
          best = { off, seen, like };
      }
    }
    best.like.forEach((one, i) => {
      if (one !== 'other') found.set(steps[i], best.off);
    });
  };
  for (let t = way.from; t <= way.to; t++) step(t);
  for (const [end, towards] of [
    [way.to + 1, 1],
    [way.from - STRETCH.length, -1],
  ])
    for (let t = end, last = end; Math.abs(t - last) <= AHEAD.reach; t += towards) {
      const before = found.size;
      step(t);
      if (found.size > before) last = t;
    }
  return [...found];
}

type Likeness = 'seen' | 'hidden' | 'other';

/** Whether a step looks as the known ones do: of their colour, on a ground of another one, or of the same. */
function likenessOf(known: readonly Look[], shine: number, channels: number): (look: Look) => Likeness {
  const rest = ({ own, sides }: Look, c: number) => own[c] - (shine * (sides[0][c] + sides[1][c])) / 2;
  const rests = Array.from({ length: channels }, (_, c) => Float32Array.from(known, (look) => rest(look, c)));
  const base = rests.map((values) => quantile(values, 0.5));
  const spread = Math.max(...rests.map(spreadOf));
  const off = Math.min(COLOUR.most, Math.max(COLOUR.least, COLOUR.bySpread * spread));
  return (look) => {
    if (base.some((value, c) => Math.abs(rest(look, c) - value) > off)) return 'other';
    const isSeen = look.sides.every((side) => side.some((v, c) => Math.abs(v - look.own[c]) > COLOUR.sides));
    return isSeen ? 'seen' : 'hidden';
  };
}

function lookAt(sheet: Sheet, way: Way, t: number, off: number, reach: number): Look | null {
  const beside = reach + BESIDE;
  const [own, a, b] = [off, off - beside, off + beside].map((o) => colourOn(sheet, way, t, o));
  return own && a && b ? { own, sides: [a, b] } : null;
}

function colourOn(sheet: Sheet, way: Way, t: number, off: number): number[] | null {
  const at = indexOf(sheet, pointOn(way, t, off));
  return at < 0 ? null : colourAt(sheet, at);
}

/** The pixel that a point lies in, or -1 outside of the picture. */
function indexOf({ width, height }: Sheet, point: Point): number {
  const [x, y] = point.map(Math.round);
  return x < 0 || y < 0 || x >= width || y >= height ? -1 : y * width + x;
}

/** The pixels of one step, from rim to rim. */
function acrossOf(sheet: Sheet, way: Way, t: number, off: number, reach: number): number[] {
  const look = lookAt(sheet, way, t, off, reach);
  const pixels: number[] = [];
  for (let along = -0.5; along <= 0.5; along += 0.5)
    for (let side = -reach; side <= reach; side += 0.5) {
      const at = indexOf(sheet, pointOn(way, t + along, off + side));
      if (at >= 0 && look && coverOf(colourAt(sheet, at), look.own, look.sides[side < 0 ? 0 : 1]) > RIM)
        pixels.push(at);
    }
  return pixels;
}

/** How much of a pixel a scratch covers, by its colour between those of the scratch and of the ground; 1 where they are alike. */
function coverOf(colour: readonly number[], own: readonly number[], side: readonly number[]): number {
  let [shown, all] = [0, 0];
  for (let c = 0; c < own.length; c++) {
    shown += (colour[c] - side[c]) * (own[c] - side[c]);
    all += (own[c] - side[c]) ** 2;
  }
  return all < COLOUR.sides ** 2 ? 1 : shown / all;
}
