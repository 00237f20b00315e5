import type { Pieces } from '../time-slicing.ts';
import type { Curve } from './curves.ts';

/** A line's end: where it is, px, and the unit vector that it would go on along. */
interface End {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

/** Pixels of a line next to its end that tell its direction there, by their distance from it, px. */
const TAIL = 24;

/** The two ends of a line. */
export function endsOf({ at }: Curve, width: number): [End, End] {
  const points = Array.from(at, (i): [number, number] => [i % width, Math.floor(i / width)]);
  const [u, v] = axisOf(points);
  const along = ([x, y]: [number, number]) => x * u + y * v;
  let [first, last] = [points[0], points[0]];
  for (const point of points) {
    if (along(point) < along(first)) first = point;
    if (along(point) > along(last)) last = point;
  }
  const end = ([x, y]: [number, number]): End => {
    const tail = points.filter(([px, py]) => Math.hypot(px - x, py - y) <= TAIL);
    const [dx, dy] = tail.length > 2 ? axisOf(tail) : [u, v];
    const [mx, my] = meanOf(tail);
    const outwards = (x - mx) * dx + (y - my) * dy >= 0 ? 1 : -1;
    return { x, y, dx: outwards * dx, dy: outwards * dy };
  };
  return [end(first), end(last)];
}

export function meanOf(points: readonly (readonly [number, number])[]): [number, number] {
  let [x, y] = [0, 0];
  for (const [px, py] of points) [x, y] = [x + px / points.length, y + py / points.length];
  return [x, y];
}

/** The direction in which points spread most. */
export function axisOf(points: readonly (readonly [number, number])[]): [number, number] {
  const [mx, my] = meanOf(points);
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of points) {
    xx += (x - mx) ** 2;
    xy += (x - mx) * (y - my);
    yy += (y - my) ** 2;
  }
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
  return [Math.cos(angle), Math.sin(angle)];
}

/** How far apart two pieces of one scratch end at most, px; how far off each other's course, by px and by the gap; and the cosine of their turn. */
const GAP = { most: 70, off: 2, offByGap: 0.08, cosine: 0.94 } as const;

/** Whether two lines lie on one course, end to end, not more than `gap` px apart. */
export function continues(a: readonly End[], b: readonly End[], gap: number = GAP.most): boolean {
  for (const p of a) for (const q of b) if (meet(p, q, gap) && meet(q, p, gap)) return true;
  return false;
}

/** Two lines of one course have the same tone, within so much of the full range. */
const SAME_TONE = 0.06;

/** Lines that lie on one course, end to end. */
interface Course {
  /** Another number for every course. */
  readonly id: number;
  /** Of all of its lines together, px. */
  readonly length: number;
}

/** The course of each line. */
export function* coursesOf(curves: readonly Curve[], width: number): Pieces<Course[]> {
  const ends: [End, End][] = [];
  for (const curve of curves) {
    ends.push(endsOf(curve, width));
    yield;
  }
  const parent = curves.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at];
    return at;
  };
  for (let i = 0; i < curves.length; i++) {
    for (let j = 0; j < i; j++)
      if (Math.abs(curves[i].middleTone - curves[j].middleTone) <= SAME_TONE && continues(ends[i], ends[j]))
        parent[root(i)] = root(j);
    yield;
  }
  const lengths = curves.map(() => 0);
  curves.forEach(({ extent }, i) => {
    lengths[root(i)] += extent;
  });
  return curves.map((_, i) => ({ id: root(i), length: lengths[root(i)] }));
}

function meet(p: End, q: End, gap: number): boolean {
  const x = q.x - p.x;
  const y = q.y - p.y;
  const ahead = x * p.dx + y * p.dy;
  if (ahead < -4 || ahead > gap) return false;
  if (Math.abs(y * p.dx - x * p.dy) > GAP.off + GAP.offByGap * Math.max(0, ahead)) return false;
  return -(p.dx * q.dx + p.dy * q.dy) >= GAP.cosine;
}
