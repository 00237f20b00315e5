import { quantile } from '../quantile.ts';
import { inStretches, type Pieces } from '../time-slicing.ts';
import { ORIENTATIONS, ORIENTED, REACH_ALONG, type Ridges } from './ridges.ts';
import type { Sheet } from './sheet.ts';

/** Ridge pixels that hang together, and what lies along them; brightness as the sheet has it. */
export interface Curve {
  /** Pixels of its middle, as indices. */
  readonly at: Int32Array;
  /** Of each pixel: index into ORIENTED. */
  readonly orientation: Uint8Array;
  /** Corners of the box around it, px, both inside. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Of each pixel: the brightest near it along the line, where that is, and the mean beside the line on either side. */
  readonly tone: Float32Array;
  readonly brightest: Int32Array;
  readonly sides: readonly [Float32Array, Float32Array];
  /** Pixels of other tones that it would go on with. */
  readonly cut: number;
  /** Diagonal of the box around it, px; and its tone, median. */
  readonly extent: number;
  readonly middleTone: number;
}

/**
 * From one pixel to the next a line turns by at most so many orientations, breaks off for at most one pixel, and keeps its
 * tone within so much of the full range: where a scratch meets an edge of the picture it does not become one.
 */
const LINK = { turn: 2, reach: 2, tone: 0.05 } as const;

/** Lines of at least `least` px, each pixel in at most one. */
export function* curvesOf(sheet: Sheet, ridges: Ridges, least: number): Pieces<Curve[]> {
  const { width } = sheet;
  const { rise, orientation } = ridges;
  const tone = yield* tonesOf(sheet, ridges);
  const steps = neighbours(width);
  // The line that took a pixel, and the last that it was cut off from; from 1 on.
  const taken = new Int32Array(rise.length);
  const cutFrom = new Int32Array(rise.length);
  const curves: Curve[] = [];
  for (let start = 0, id = 1; start < rise.length; start++, id++) {
    if (start % width === 0) yield;
    if (!(rise[start] > 0) || taken[start]) continue;
    const line = [start];
    const cuts: number[] = [];
    taken[start] = id;
    for (const at of line)
      for (const step of steps) {
        const next = at + step;
        if (!(rise[next] > 0) || taken[next] === id) continue;
        const turn = Math.abs(orientation[next] - orientation[at]);
        if (Math.min(turn, ORIENTATIONS - turn) > LINK.turn) continue;
        if (Math.abs(tone[next] - tone[at]) > LINK.tone) {
          if (cutFrom[next] !== id) cuts.push(next);
          cutFrom[next] = id;
        } else if (!taken[next]) {
          taken[next] = id;
          line.push(next);
        }
      }
    const box = boxOf(line, width);
    const extent = Math.hypot(box.right - box.left, box.bottom - box.top) + 1;
    if (extent < least) continue;
    const cut = cuts.filter((at) => taken[at] !== id).length;
    curves.push({ ...box, extent, ...along(sheet, line, (at) => orientation[at]), cut });
  }
  return curves;
}

/** Of each ridge pixel: the brightest near it along its line, which thin lines between two pixels reach only here and there. */
function* tonesOf({ x, width }: Sheet, { rise, orientation }: Ridges): Pieces<Float32Array> {
  const tone = new Float32Array(x.length);
  yield* inStretches(x.length, (from, to) => {
    for (let at = from; at < to; at++)
      if (rise[at] > 0)
        for (const [dx, dy] of ORIENTED[orientation[at]].along)
          tone[at] = Math.max(tone[at], x[at + dy * width + dx]);
  });
  return tone;
}

/** To the pixels around one, the nearest first. */
function neighbours(width: number): number[] {
  const steps: [number, number][] = [];
  for (let y = -LINK.reach; y <= LINK.reach; y++)
    for (let x = -LINK.reach; x <= LINK.reach; x++)
      if (x !== 0 || y !== 0) steps.push([x * x + y * y, y * width + x]);
  return steps.sort(([a], [b]) => a - b).map(([, step]) => step);
}

function boxOf(line: readonly number[], width: number) {
  const box = { left: width, right: 0, top: Math.floor(line[0] / width), bottom: 0 };
  for (const at of line) {
    const y = Math.floor(at / width);
    const x = at - y * width;
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

/** A line through given pixels. */
export function curveThrough(
  sheet: Sheet,
  line: readonly number[],
  orientationAt: (at: number) => number,
): Curve {
  const box = boxOf(line, sheet.width);
  const extent = Math.hypot(box.right - box.left, box.bottom - box.top) + 1;
  return { ...box, extent, ...along(sheet, line, orientationAt), cut: 0 };
}

function along({ x, width }: Sheet, line: readonly number[], orientationAt: (at: number) => number) {
  const n = line.length;
  const [tone, a, b] = [0, 1, 2].map(() => new Float32Array(n));
  const brightest = new Int32Array(n);
  line.forEach((at, i) => {
    const { along: steps, side } = ORIENTED[orientationAt(at)];
    const across = side[1] * width + side[0];
    tone[i] = -1;
    for (const [dx, dy] of steps) {
      const to = at + dy * width + dx;
      if (x[to] > tone[i]) [tone[i], brightest[i]] = [x[to], to];
      a[i] += x[to - across] / (2 * REACH_ALONG + 1);
      b[i] += x[to + across] / (2 * REACH_ALONG + 1);
    }
  });
  return {
    at: Int32Array.from(line),
    orientation: Uint8Array.from(line, orientationAt),
    ...{ tone, brightest, sides: [a, b] as const, middleTone: quantile(tone, 0.5) },
  };
}

/** From a line's middle across it, as an offset: so many px, less than 0 towards its first side. */
export function across({ orientation }: Curve, i: number, step: number, width: number): number {
  const [u, v] = ORIENTED[orientation[i]].side;
  const length = Math.hypot(u, v);
  return Math.round((v * step) / length) * width + Math.round((u * step) / length);
}

/** How coloured a line is: the distance of the channels' medians, 0 … 1. */
export function castOf(colours: readonly Float32Array[]): number {
  const medians = colours.map((values) => quantile(values, 0.5));
  return Math.max(...medians) - Math.min(...medians);
}
