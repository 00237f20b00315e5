import type { Pieces } from '../time-slicing.ts';
import { besideCorner, cornersOf } from './corners.ts';
import { type Crossing, crossingsOf, isBent, REACH, unlikeAcross } from './crossings.ts';
import type { Level } from './level.ts';
import { drawRounded, type Whole } from './rounded.ts';
import { type Beside, BROAD, type Drawing, drawLine } from './strokes.ts';
import { besideTee, teeOf } from './tees.ts';

/** How much two ends may turn from the way between them, radians: so little is straight, more than that is another line, and so much the one more than the other. */
const TURN = { straight: 0.1, most: 0.55, unlike: 0.2 } as const;
/** Ends of one line are that far apart at least, px. */
const APART = 6;
/** Share of the way that leads through the hole at least. */
const THROUGH = 0.8;
/** In photographs much looks alike: bent lines that are longer than that, px, or turn so much to the same side at both ends are none. */
const DOUBTFUL = { length: 64, turn: 0.2 } as const;
/** Steps a pixel along a curve. */
const STEPS = 4;

/** A picture with its lines drawn on. */
interface Continued extends Level {
  /** Whether a corner is drawn as another one of the picture. */
  readonly isRounded: boolean;
}

interface Pair {
  readonly from: Crossing;
  readonly to: Crossing;
  readonly turn: number;
  readonly length: number;
  /** By how much both ends turn the way an S does; 0 = as an arc, or not at all. */
  readonly double: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
  /** Unit vector along the curve. */
  readonly alongX: number;
  readonly alongY: number;
}

/**
 * The picture with those lines and edges drawn on through its hole that come out again on the other side, meet in a corner or end at
 * another one, as they look at their ends: what they cover counts as known, but is not copied from. For drawings in flat colours, where a line is what it is seen to be at
 * its ends; structure first, then what lies between (after Sun et al., SIGGRAPH 2005, who have it drawn by hand).
 *
 * @param sure whether only those count that leave no doubt, as in photographs: it comes out again, and either end has one other that it may belong to.
 */
export function* linesContinued(level: Level, sure: boolean, whole?: Whole): Pieces<Continued> {
  const crossings = yield* crossingsOf(level, !sure);
  const contrast = new Float32Array(level.hole.length).fill(-1);
  const drawing = { colour: level.colour.slice(), hole: level.hole.slice(), contrast };
  const used = new Set<Crossing>();
  const pairs = pairsOf(crossings.filter(({ isShort }) => !isShort));
  for (const pair of sure ? withoutDoubt(pairs) : pairs) {
    const { from, to, turn } = pair;
    if (used.has(from) || used.has(to)) continue;
    const curve = curveOf(pair);
    const inside = curve.filter(({ x, y }) => level.hole[Math.round(y) * level.width + Math.round(x)] === 1);
    if (inside.length < THROUGH * (curve.length - 2 * STEPS * REACH)) continue;
    const meets = ({ x, y }: Point) => contrast[Math.round(y) * level.width + Math.round(x)] >= 0;
    if (turn > TURN.straight && inside.some(meets)) continue;
    drawLine(level, pair, besideCurve(level, curve), drawing);
    used.add(from).add(to);
    yield;
  }
  const left = sure ? [] : crossings.filter((end) => !used.has(end) && !isBent(level, end));
  const isRounded = yield* drawEnds(level, left, drawing, whole ?? { ...level, x: 0, y: 0 });
  return { ...level, colour: drawing.colour, hole: drawing.hole, isRounded };
}

/** What does not come out again: ends that meet in corners, then those that end at what is drawn; whether a corner is as another one. */
function* drawEnds(level: Level, ends: readonly Crossing[], drawing: Drawing, whole: Whole): Pieces<boolean> {
  let isRounded = false;
  const used = new Set<Crossing>();
  for (const corner of cornersOf(level, ends)) {
    const { from, to } = corner;
    if (used.has(from) || used.has(to)) continue;
    drawLine(level, corner, besideCorner(level, corner), drawing);
    if (yield* drawRounded(level, corner, drawing, whole)) isRounded = true;
    used.add(from).add(to);
    yield;
  }
  for (const end of ends) {
    const tee = end.isShort || used.has(end) ? undefined : teeOf(level, end, drawing.contrast);
    if (tee) drawLine(level, tee, besideTee(level, tee), drawing);
    yield;
  }
  return isRounded;
}

/** Ends that may be of one line, the straightest first. */
function pairsOf(crossings: readonly Crossing[]): Pair[] {
  const pairs: Pair[] = [];
  crossings.forEach((from, i) => {
    for (const to of crossings.slice(i + 1)) {
      const [dx, dy] = [to.x - from.x, to.y - from.y];
      const length = Math.hypot(dx, dy);
      if (length < APART) continue;
      const leaving = turnTo(dx, dy, -from.outX, -from.outY);
      const arriving = turnTo(dx, dy, to.outX, to.outY);
      const [less, turn] = [Math.abs(leaving), Math.abs(arriving)].sort((a, b) => a - b);
      if (turn - less > TURN.unlike) continue;
      const double = leaving * arriving > 0 ? less : 0;
      if (turn <= TURN.most && unlikeAcross(from, to) < 1) pairs.push({ from, to, turn, length, double });
    }
  });
  return pairs.sort((a, b) => a.turn - b.turn || a.length - b.length);
}

/** The angle from one direction to another, radians. */
const turnTo = (x: number, y: number, u: number, v: number) => Math.atan2(x * v - y * u, x * u + y * v);

function withoutDoubt(pairs: readonly Pair[]): Pair[] {
  const ends = pairs.flatMap(({ from, to }) => [from, to]);
  const isOnly = (end: Crossing) => ends.filter((other) => other === end).length === 1;
  return pairs.filter(
    ({ from, to, turn, length, double }) =>
      isOnly(from) &&
      isOnly(to) &&
      (turn <= TURN.straight || (length <= DOUBTFUL.length && double <= DOUBTFUL.turn)),
  );
}

/** Points from one end to the other, along the cubic that leaves and arrives as the line does (Hermite). */
function curveOf({ from, to, turn }: Pair): Point[] {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  const isStraight = turn <= TURN.straight;
  const leaving = isStraight ? [dx, dy] : [-length * from.outX, -length * from.outY];
  const arriving = isStraight ? [dx, dy] : [length * to.outX, length * to.outY];
  const steps = Math.ceil(STEPS * length);
  return Array.from({ length: steps + 1 }, (_, k) => {
    const s = k / steps;
    const [a, b] = [s * (1 - s) ** 2, s * s * (s - 1)];
    const along = s * s * (3 - 2 * s);
    const [da, db, dAlong] = [(1 - s) * (1 - 3 * s), s * (3 * s - 2), 6 * s * (1 - s)];
    const [vx, vy] = [
      dAlong * dx + da * leaving[0] + db * arriving[0],
      dAlong * dy + da * leaving[1] + db * arriving[1],
    ];
    const speed = Math.hypot(vx, vy) || 1;
    return {
      x: from.x + along * dx + a * leaving[0] + b * arriving[0],
      y: from.y + along * dy + a * leaving[1] + b * arriving[1],
      ...{ alongX: vx / speed, alongY: vy / speed },
    };
  });
}

/** The pixels of the hole at a curve, by its nearest point. */
function besideCurve({ width, height, hole }: Level, curve: readonly Point[]): Map<number, Beside> {
  const nearest = new Map<number, Beside & { readonly distance: number }>();
  curve.forEach(({ x, y, alongX, alongY }, k) => {
    for (let v = Math.max(0, Math.ceil(y - BROAD)); v <= Math.min(height - 1, y + BROAD); v++)
      for (let u = Math.max(0, Math.ceil(x - BROAD)); u <= Math.min(width - 1, x + BROAD); u++) {
        const i = v * width + u;
        const distance = Math.hypot(u - x, v - y);
        if (!hole[i] || distance > BROAD || distance >= (nearest.get(i)?.distance ?? BROAD + 1)) continue;
        const across = (v - y) * alongX - (u - x) * alongY;
        nearest.set(i, { distance, share: k / (curve.length - 1), across });
      }
  });
  return nearest;
}
