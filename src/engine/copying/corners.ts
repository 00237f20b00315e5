import { type Crossing, REACH, unlikeAcross } from './crossings.ts';
import type { Level } from './level.ts';
import { type Beside, BROAD } from './strokes.ts';

/** How much lines turn at a corner, radians: less is bent, more is a spike. */
const TURN = { least: 0.7, most: 2.45 } as const;
/** Share of its sides that leads through the hole at least. */
const THROUGH = 0.8;

/** Two ends that meet inside the hole. */
export interface Corner {
  readonly from: Crossing;
  readonly to: Crossing;
  /** Where they do. */
  readonly x: number;
  readonly y: number;
  /** The longer its sides and the less alike they are, the more doubtful. */
  readonly doubt: number;
}

/** Ends that look alike and whose ways into the hole meet there, the least doubtful first. */
export function cornersOf(level: Level, ends: readonly Crossing[]): Corner[] {
  const corners = ends.flatMap((from, i) => ends.slice(i + 1).flatMap((to) => cornerOf(from, to) ?? []));
  return corners.filter((corner) => isInside(level, corner)).sort((a, b) => a.doubt - b.doubt);
}

function cornerOf(from: Crossing, to: Crossing): Corner | undefined {
  // Looking into the hole from the one, and out of it at the other.
  const [ax, ay, bx, by] = [-from.outX, -from.outY, to.outX, to.outY];
  const turn = Math.acos(Math.min(1, Math.max(-1, ax * bx + ay * by)));
  if (from.isShort && to.isShort) return undefined;
  if (turn < TURN.least || turn > TURN.most) return undefined;
  const unlike = unlikeAcross(from, to);
  if (unlike >= 1) return undefined;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const sine = ax * by - ay * bx;
  const [s, t] = [(dx * by - dy * bx) / sine, (ax * dy - ay * dx) / sine];
  if (s <= 0 || t <= 0) return undefined;
  return { from, to, x: from.x + s * ax, y: from.y + s * ay, doubt: (s + t) * (1 + unlike) };
}

function isInside({ width, height, hole }: Level, { from, to, x, y }: Corner): boolean {
  const is = (u: number, v: number) =>
    u >= 0 && v >= 0 && u < width && v < height && hole[Math.round(v) * width + Math.round(u)] === 1;
  if (!is(x, y)) return false;
  return [from, to].every((end) => {
    const steps = Math.ceil(Math.hypot(end.x - x, end.y - y));
    let inside = 0;
    for (let k = 0; k < steps; k++)
      if (is(end.x + (k / steps) * (x - end.x), end.y + (k / steps) * (y - end.y))) inside++;
    return inside >= THROUGH * (steps - REACH);
  });
}

/** The pixels of the hole at a corner's sides, which are cut off against each other (a mitre). */
export function besideCorner({ width, height, hole }: Level, corner: Corner): Map<number, Beside> {
  const { from, to, x, y } = corner;
  const [ax, ay, bx, by] = [-from.outX, -from.outY, to.outX, to.outY];
  const isRight = ax * by - ay * bx > 0;
  const reach = 3 * REACH;
  const places = new Map<number, Beside>();
  const range = (a: number, b: number, c: number, end: number) =>
    [Math.max(0, Math.floor(Math.min(a, b, c) - reach)), Math.min(end, Math.max(a, b, c) + reach)] as const;
  const [left, right] = range(from.x, to.x, x, width - 1);
  const [top, bottom] = range(from.y, to.y, y, height - 1);
  for (let v = top; v <= bottom; v++)
    for (let u = left; u <= right; u++) {
      if (!hole[v * width + u]) continue;
      const [dx, dy] = [u - x, v - y];
      const [first, second] = [ax * dy - ay * dx, bx * dy - by * dx];
      const isFirst = isRight === first < second;
      const across = isFirst ? first : second;
      const along = isFirst ? -(ax * dx + ay * dy) : bx * dx + by * dy;
      const side = Math.hypot(x - (isFirst ? from : to).x, y - (isFirst ? from : to).y);
      if (Math.abs(across) <= BROAD && along <= side + REACH)
        places.set(v * width + u, { share: isFirst ? 0 : 1, across });
    }
  return places;
}
