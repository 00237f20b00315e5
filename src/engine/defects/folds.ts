import { quantile, spreadOf } from '../quantile.ts';
import type { Pieces } from '../time-slicing.ts';
import { type Curve, curveThrough } from './curves.ts';
import type { Sheet } from './sheet.ts';

/** From side to side of a fold's middle to what lies beside it, px; half the length that is averaged along it. */
const SIDE = 5;
const ALONG = 3;
/** Every how many pixels along a fold are looked at; how far it leans at most, px a px; and in steps of how many px at its end. */
const EVERY = 4;
const LEAN = { most: 0.15, step: 2 } as const;
/** What stands out by so much counts fully, of the full range; what lies lower than beside by so much counts against. */
const CLIP = { most: 0.06, least: -0.03 } as const;
/** Share of that which a fold has in the mean; how many such lines one direction is looked at for, and how many folds it has at most. */
const LEAST = 0.4;
const MOST = { lines: 8, folds: 3 } as const;
/**
 * More lines that stand out by this share of what a fold does are a wall or a fence, though only one of them may pass for a fold: joints of
 * bricks all do by .95 and more (ten crops of one wall), beside folds drawn on eight photographs lines by .64 at most.
 */
const ALIKE = 0.8;
/** How far apart two folds run, px; and how far one leaves the straight line, px. */
const APART = 10;
const BAND = 3;
/**
 * What covers it is paper, or soot (`tone`), without colour (`cast`), with so much of that (`cover` to `most`) all along, within a share of
 * its contrast (`off`), on grounds that differ (`ground`, σ). By how much these differ between its sides counts, too, but less may be made
 * up for by the other (`both`, of its contrast): where a fold runs along an edge of the picture, it covers that as evenly. Where it would be
 * `seen`, it is, in this `share` of all places.
 */
const FOLD = {
  tone: 0.7,
  cover: 0.4,
  most: 1.15,
  off: 0.4,
  both: 0.65,
  ground: 0.05,
  cast: 0.13,
  seen: 0.03,
  share: 0.8,
} as const;
/**
 * One of so many px that would be seen in so much of its length, and is in so many more of these places than it varies by there, is sure: pages with a
 * photograph have other lines that paper would hide (.31 to .85 of them; folds drawn over 18 photographs .94 and more but for three in pale skies),
 * rows of books have such as vary (.55 at most, folds mostly more), and over a short side much goes from edge to edge.
 */
const SURELY = { length: 160, seen: 0.9, clear: 0.56 } as const;
/** Logarithms of the odds. */
const ODDS = { sure: 3, doubtful: 2 } as const;

/** A line from edge to edge, and the logarithm of the odds that it is damage. */
export interface Fold {
  readonly curve: Curve;
  readonly odds: number;
}

/** A sheet as it is walked through: along the folds that are looked for, and across. */
interface Walk {
  readonly along: number;
  readonly across: number;
  readonly length: number;
  readonly breadth: number;
  /** Index into ORIENTED. */
  readonly orientation: number;
}

/**
 * Soft lines from edge to edge, nearly upright or level: too faint in most places to be known by any of them, but everywhere along one
 * straight line, with the same share of the same tone laid over whatever is there.
 *
 * @param margin what of the sheet is mirrored on every side, px
 */
export function* findFolds(sheet: Sheet, margin: number): Pieces<Fold[]> {
  const { width, height } = sheet;
  const folds: Fold[] = [];
  for (const walk of [
    { along: width, across: 1, length: height, breadth: width, orientation: 4 },
    { along: 1, across: width, length: width, breadth: height, orientation: 0 },
  ]) {
    const rise = yield* risesOf(sheet, walk);
    const lines = yield* straightLines(rise, walk, margin);
    const paths = lines.map((line) => tracked(rise, walk, margin, line));
    yield;
    const found = paths.flatMap((path, i) => {
      const odds = oddsOf(sheet, walk, margin, path);
      return odds === null ? [] : [{ curve: curveOf(sheet, walk, margin, path), odds, mean: lines[i].mean }];
    });
    const bar = ALIKE * Math.min(...found.map(({ mean }) => mean));
    if (lines.filter(({ mean }) => mean >= bar).length <= MOST.folds) folds.push(...found);
    yield;
  }
  return folds;
}

/** [length, breadth] by how much the mean along a walk is above those of both sides, clipped. */
function* risesOf({ x }: Sheet, { along, across, length, breadth }: Walk): Pieces<Float32Array> {
  const rise = new Float32Array(length * breadth).fill(CLIP.least);
  const sums = new Float32Array(breadth);
  const n = 2 * ALONG + 1;
  for (let a = 0; a < length; a++) {
    for (let b = 0; b < breadth; b++)
      sums[b] += x[a * along + b * across] - (a >= n ? x[(a - n) * along + b * across] : 0);
    yield;
    if (a < n - 1) continue;
    const row = (a - ALONG) * breadth;
    for (let b = SIDE; b + SIDE < breadth; b++) {
      const stands = (sums[b] - Math.max(sums[b - SIDE], sums[b + SIDE])) / n;
      rise[row + b] = Math.min(CLIP.most, Math.max(CLIP.least, stands));
    }
  }
  return rise;
}

interface Line {
  /** Where it begins, px across, and how far it leans to its end. */
  readonly from: number;
  readonly lean: number;
  /** Mean rise along it, as a share of the most. */
  readonly mean: number;
}

/** The straight lines from edge to edge with the greatest mean rise, within a pixel, apart from each other. */
function* straightLines(rise: Float32Array, { length, breadth }: Walk, margin: number): Pieces<Line[]> {
  const inner = length - 2 * margin;
  const rows = Math.floor(inner / EVERY);
  const near = new Float32Array(rows * breadth);
  for (let row = 0; row < rows; row++) {
    const from = (margin + row * EVERY) * breadth;
    for (let b = 1; b + 1 < breadth; b++)
      near[row * breadth + b] = Math.max(rise[from + b - 1], rise[from + b], rise[from + b + 1]);
  }
  const most = LEAN.step * Math.floor((LEAN.most * inner) / LEAN.step);
  const [first, last] = [margin + SIDE, breadth - margin - SIDE];
  const lines: Line[] = [];
  const sums = new Float32Array(breadth);
  for (let lean = -most; lean <= most; lean += LEAN.step) {
    yield;
    sums.fill(0);
    for (let row = 0; row < rows; row++) {
      const shift = Math.round((lean * row) / rows);
      const from = row * breadth + shift;
      for (let b = Math.max(first, first - shift); b < Math.min(last, last - shift); b++)
        sums[b] += near[from + b];
    }
    for (let b = Math.max(first, first - lean); b < Math.min(last, last - lean); b++) {
      const mean = sums[b] / rows / CLIP.most;
      if (mean >= LEAST) lines.push({ from: b, lean, mean });
    }
  }
  const kept: Line[] = [];
  for (const line of lines.sort((a, b) => b.mean - a.mean))
    if (kept.every(({ from, lean }) => Math.abs(from + lean / 2 - line.from - line.lean / 2) > APART))
      if (kept.push(line) >= MOST.lines) break;
  return kept;
}

/** Where a fold is, px across, at each place along it: within the band around a straight line, from one to the next by a pixel at most. */
function tracked(
  rise: Float32Array,
  { length, breadth }: Walk,
  margin: number,
  { from, lean }: Line,
): Int32Array {
  const inner = length - 2 * margin;
  const n = 2 * BAND + 1;
  const middle = (a: number) => from + Math.round((lean * a) / inner);
  const best = new Float32Array(inner * n);
  const back = new Int8Array(inner * n);
  for (let a = 0; a < inner; a++) {
    const moved = a > 0 ? middle(a) - middle(a - 1) : 0;
    for (let k = 0; k < n; k++) {
      const own = rise[(margin + a) * breadth + middle(a) + k - BAND];
      let [top, step] = [a > 0 ? Number.NEGATIVE_INFINITY : 0, 0];
      for (let turn = -1; a > 0 && turn <= 1; turn++) {
        const before = k + moved + turn;
        if (before < 0 || before >= n) continue;
        const value = best[(a - 1) * n + before] - (turn === 0 ? 0 : CLIP.most / 10);
        if (value > top) [top, step] = [value, moved + turn];
      }
      best[a * n + k] = own + top;
      back[a * n + k] = step;
    }
  }
  const path = new Int32Array(inner);
  let k = 0;
  for (let j = 1; j < n; j++) if (best[(inner - 1) * n + j] > best[(inner - 1) * n + k]) k = j;
  for (let a = inner - 1; a >= 0; a--) {
    path[a] = middle(a) + k - BAND;
    k += back[a * n + k];
  }
  return path;
}

/** Odds of a path over all of which one tone lies with one share; null where it does not. */
function oddsOf(sheet: Sheet, walk: Walk, margin: number, path: Int32Array): number | null {
  const at = (plane: Float32Array, a: number, b: number) =>
    plane[(margin + a) * walk.along + b * walk.across];
  const value = Float32Array.from(path, (b, a) => at(sheet.x, a, b));
  const sides = [-SIDE, SIDE].map((side) => Float32Array.from(path, (b, a) => at(sheet.x, a, b + side)));
  const ground = value.map((_, a) => (sides[0][a] + sides[1][a]) / 2);
  if (spreadOf(ground) < FOLD.ground) return null;
  const { slope, level } = lineThrough(ground, value);
  const cover = 1 - slope;
  const tone = level / cover;
  if (!(cover >= FOLD.cover && cover <= FOLD.most && tone >= FOLD.tone)) return null;
  const off = value.map((v, a) => v - slope * ground[a] - level);
  const contrast = ground.map((g) => cover * (tone - g));
  const seen = [...contrast.keys()].filter((a) => contrast[a] >= FOLD.seen);
  const middle = seen.reduce((sum, a) => sum + contrast[a], 0) / seen.length;
  const there = seen.filter((a) => value[a] - Math.max(sides[0][a], sides[1][a]) >= 0.25 * contrast[a]);
  const varies = spreadOf(off);
  if (there.length < FOLD.share * seen.length || varies > FOLD.off * middle) return null;
  const lopsided = sides[0].map((side, a) => Math.abs(side - sides[1][a]));
  if (varies + quantile(lopsided, 0.5) > FOLD.both * middle) return null;
  const tones = Array.from({ length: sheet.channels }, (_, c) => {
    const plane = sheet.colour.subarray(c * sheet.x.length, (c + 1) * sheet.x.length);
    let sum = 0;
    path.forEach((b, a) => {
      sum += at(plane, a, b) - (slope * (at(plane, a, b - SIDE) + at(plane, a, b + SIDE))) / 2;
    });
    return sum / path.length / cover;
  });
  if (Math.max(...tones) - Math.min(...tones) > FOLD.cast) return null;
  const isSure =
    path.length >= SURELY.length &&
    seen.length >= SURELY.seen * path.length &&
    there.length / seen.length - varies / middle >= SURELY.clear;
  return isSure ? ODDS.sure : ODDS.doubtful;
}

/** The line y = slope x + level through points, by least squares. */
function lineThrough(x: Float32Array, y: Float32Array): { slope: number; level: number } {
  const n = x.length;
  const [mx, my] = [x, y].map((values) => values.reduce((sum, v) => sum + v, 0) / n);
  let [xx, xy] = [0, 0];
  for (let i = 0; i < n; i++) {
    xx += (x[i] - mx) ** 2;
    xy += (x[i] - mx) * (y[i] - my);
  }
  const slope = xy / xx;
  return { slope, level: my - slope * mx };
}

function curveOf(
  sheet: Sheet,
  { along, across, orientation }: Walk,
  margin: number,
  path: Int32Array,
): Curve {
  const line = Array.from(path, (b, a) => (margin + a) * along + b * across);
  return curveThrough(sheet, line, () => orientation);
}
