import { axisOf, meanOf } from './continuation.ts';

export type Point = readonly [x: number, y: number];

/** A parabola through the pieces of a line: `at` t px along its axis from its middle, so many px off that. */
export interface Way {
  readonly middle: Point;
  /** Unit vector along. */
  readonly axis: Point;
  /** Distance from the axis at t px: [0] + [1] t + [2] t². */
  readonly bend: readonly [number, number, number];
  /** Where its first and last point lie, px along, whole. */
  readonly from: number;
  readonly to: number;
  /** The steps that points lie on, and how far off it they are in the mean. */
  readonly places: readonly { readonly t: number; readonly off: number }[];
}

/** What lies farther off a parabola, px, is not of it, in so many rounds; this share is at least. */
const STRAY = { off: 2, rounds: 5, most: 0.3 } as const;

/** The way of a line, or null where most of its points keep to none: hooks where it meets another one are left out. */
export function wayThrough(points: readonly Point[]): Way | null {
  let kept = points;
  for (let round = 0; ; round++) {
    const way = fitted(kept);
    if (!way) return null;
    const offs = kept.map((point) => Math.abs(placeOn(way, point).off));
    if (offs.every((off) => off <= STRAY.off)) return way;
    if (round === STRAY.rounds) return null;
    // Not all at once: what is right seems off, too, as long as strays bend the parabola.
    const most = Math.max(STRAY.off, Math.max(...offs) / 2);
    kept = kept.filter((_, i) => offs[i] <= most);
    if (kept.length < (1 - STRAY.most) * points.length) return null;
  }
}

function fitted(points: readonly Point[]): Way | null {
  if (points.length < 3) return null;
  const middle = meanOf(points);
  const axis = axisOf(points);
  const straight = { middle, axis, bend: [0, 0, 0] as const };
  const bend = parabola(points.map((point) => placeOn(straight, point)));
  if (!bend) return null;
  const offs = new Map<number, number[]>();
  for (const point of points) {
    const { t, off } = placeOn({ middle, axis, bend }, point);
    offs.set(Math.round(t), [...(offs.get(Math.round(t)) ?? []), off]);
  }
  const places = Array.from(offs, ([t, all]) => ({ t, off: all.reduce((a, b) => a + b, 0) / all.length }));
  const steps = places.map(({ t }) => t);
  return { middle, axis, bend, places, from: Math.min(...steps), to: Math.max(...steps) };
}

/** How far along a way a point lies, and how far beside it, px. */
function placeOn({ middle, axis: [u, v], bend }: Pick<Way, 'middle' | 'axis' | 'bend'>, [x, y]: Point) {
  const [dx, dy] = [x - middle[0], y - middle[1]];
  const t = dx * u + dy * v;
  return { t, off: dy * u - dx * v - (bend[0] + bend[1] * t + bend[2] * t * t) };
}

/** The point of a way t px along its axis and so many px beside it. */
export function pointOn({ middle, axis: [u, v], bend }: Way, t: number, beside: number): Point {
  const d = bend[0] + bend[1] * t + bend[2] * t * t + beside;
  return [middle[0] + t * u - d * v, middle[1] + t * v + d * u];
}

/** Least squares of off = a + b t + c t², by Cramer's rule. */
function parabola(places: readonly { t: number; off: number }[]): [number, number, number] | null {
  const s = [0, 0, 0, 0, 0];
  const r = [0, 0, 0];
  for (const { t, off } of places)
    for (let power = 0, tp = 1; power < 5; power++, tp *= t) {
      s[power] += tp;
      if (power < 3) r[power] += tp * off;
    }
  const det = (columns: readonly (readonly number[])[]): number => {
    const [[a, b, c], [d, e, f], [g, h, i]] = columns;
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  };
  const columns = [0, 1, 2].map((i) => [s[i], s[i + 1], s[i + 2]]);
  const whole = det(columns);
  if (!(whole > 1e-9)) return null;
  const solved = (k: number) => det(columns.map((column, i) => (i === k ? r : column))) / whole;
  return [solved(0), solved(1), solved(2)];
}
