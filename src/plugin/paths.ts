/** Path data as Figma writes it (M L Q C Z, absolute), as polygons in another space. Pure: no figma.*. */

import type { PathMask } from '../wire/pictures.ts';
import type { Affine } from '../wire/values.ts';
import { apply, type Box, boundsOfPoints, type Point } from './geometry.ts';

/** Points each path command takes. */
const ARITY: Readonly<Record<string, number>> = { M: 1, L: 1, Q: 2, C: 3, Z: 0 };

/** Throws a RangeError on anything but the commands Figma writes. */
export function parsePath(data: string): { command: string; points: Point[] }[] {
  const tokens = data.match(/[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/g) ?? [];
  const commands: { command: string; points: Point[] }[] = [];
  for (let i = 0; i < tokens.length; ) {
    const command = tokens[i++]!;
    const arity = ARITY[command];
    if (arity === undefined)
      throw new RangeError(`Expected M, L, Q, C or Z in a path but received "${command}".`);
    const points: Point[] = [];
    for (let n = 0; n < arity; n++) {
      const [x, y] = [Number(tokens[i++]), Number(tokens[i++])];
      if (!Number.isFinite(x + y))
        throw new RangeError(`Expected ${arity} points after ${command} in a path.`);
      points.push([x, y]);
    }
    commands.push({ command, points });
  }
  return commands;
}

/**
 * Outline after a matrix as closed polygons (open ones close as fill() does), curves split so that the polyline stays
 * within `tolerance` of them, in the matrix' target units.
 */
export function flattenPath(data: string, matrix: Affine, tolerance = 0.05): Point[][] {
  const polygons: Point[][] = [];
  let polygon: Point[] = [];
  for (const { command, points } of parsePath(data)) {
    const mapped = points.map(([x, y]) => apply(matrix, x, y));
    if (command === 'M') {
      polygon = [mapped[0]!];
      polygons.push(polygon);
    } else if (command === 'L') polygon.push(mapped[0]!);
    else if (command !== 'Z') addCurve(polygon, mapped, tolerance);
  }
  return polygons;
}

/** Bézier of degree 2 or 3; the number of chords bounds the second difference: n² ≥ d(d−1)/8 · |Δ²| / tolerance. */
function addCurve(polygon: Point[], controls: readonly Point[], tolerance: number): void {
  const curve = [polygon[polygon.length - 1] ?? controls[0]!, ...controls];
  const degree = controls.length;
  let bend = 0;
  for (let i = 0; i + 2 <= degree; i++) {
    const [p, q, r] = [curve[i]!, curve[i + 1]!, curve[i + 2]!];
    bend = Math.max(bend, Math.hypot(p[0] - 2 * q[0] + r[0], p[1] - 2 * q[1] + r[1]));
  }
  const chords = Math.min(
    200,
    Math.max(1, Math.ceil(Math.sqrt((degree * (degree - 1) * bend) / (8 * tolerance)))),
  );
  for (let n = 1; n <= chords; n++) polygon.push(onCurve(curve, n / chords));
}

function onCurve(curve: readonly Point[], t: number): Point {
  let points = curve;
  while (points.length > 1) {
    const next: Point[] = [];
    for (let i = 0; i + 1 < points.length; i++) {
      const [p, q] = [points[i]!, points[i + 1]!];
      next.push([p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t]);
    }
    points = next;
  }
  return points[0]!;
}

/** Bounds of a mask's outlines in image pixels; undefined if it has none. */
export function maskBounds(mask: PathMask): Box | undefined {
  const points: Point[] = [];
  for (const { data } of mask.paths)
    for (const matrix of mask.matrices)
      for (const polygon of flattenPath(data, matrix, 0.5)) for (const point of polygon) points.push(point);
  return points.length > 0 ? boundsOfPoints(points) : undefined;
}
