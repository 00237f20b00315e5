import type { Picture } from '../image/picture.ts';
import { quantile, spreadOf } from '../quantile.ts';
import type { Pieces } from '../time-slicing.ts';
import { bulgesOf } from './bulges.ts';
import { type Curve, curveThrough } from './curves.ts';
import type { Mark } from './marks.ts';
import { mirrored } from './mirrored.ts';
import { curvePixels, fringeOf, reachesOf } from './paint.ts';
import { isPrint } from './print.ts';
import { profileOf, softness, steepness } from './profile.ts';
import { findRidges, ORIENTATIONS, ORIENTED, type Ridges } from './ridges.ts';
import { type Sheet, sheetOf } from './sheet.ts';
import { Surroundings } from './surroundings.ts';

/** What is mirrored on every side, px; and how far inside of the border the frame of a print is left behind, px. */
const MARGIN = 16;
const FRAME = 4;
/** Cracks are looked for at all sizes of a picture that differ by a factor of 2 and whose longer side is within these, px: what is scanned finely has thick ones. */
const SIDE = { least: 160, most: 1024 } as const;
/** By how much a pixel of a crack stands out, of the full range; by how much its sides differ at most, as a share of that and of the full range. */
const RIDGE = { rise: 0.06, lopsided: 0.5, and: 0.02 } as const;
/**
 * What a crack is like: its pixels, at least; by how much it stands out, in the median; how differently its sides, as a share of that;
 * how abrupt it is and no ridge of something wider (profile.ts); and how wide at most, px.
 */
const CRACK = { pixels: 20, contrast: 0.09, lopsided: 0.4, steep: 0.3, soft: 0.35, width: 6 } as const;
/**
 * What a net of them is like: so long, in mean sides of the picture; on grounds that differ, σ of the full range; at most this share
 * of it in one of the directions, as planks and wings are; half of it in lines of so many px, which neither grass has nor leaves; and
 * they turn so often from px to px, as hairs, rims and rays do not.
 */
const NET = { length: 1.7, grounds: 0.05, direction: 0.5, half: 36, turns: 0.155 } as const;
/** The share of the lines' pixels that is darker than what stands for the paper's tone; the odds' constant term. */
const PAPER = 0.85;
const ALONE = 1.1;
/** From which odds lines are cracks, at least and at most: as many of them as make dark ones this share of them. */
const SURE = { from: 0.3, to: 4, step: 0.5, dark: 0.1 } as const;
/** Logarithm of the odds that a piece of a net is damage. */
const ODDS = 2;

interface Crack {
  readonly curve: Curve;
  /** Logarithm of the odds that it is one. */
  readonly odds: number;
}

/** Cracks that are a net: in a sheet that is so many `times` smaller than the picture, and how long all are, in mean sides of it. */
interface Net {
  readonly sheet: Sheet;
  readonly times: number;
  readonly cracks: readonly Curve[];
  readonly length: number;
}

/**
 * Cracks of a print, down to its paper: bright, wandering, of many widths and tones, so that none of them is like a scratch; but many,
 * across whatever is there, and with nothing dark that is alike.
 *
 * @returns their pixels as indices into the picture
 */
export function* findCracks(picture: Picture): Pieces<Mark[]> {
  if (!(yield* isPrint(picture))) return [];
  const longer = Math.max(picture.width, picture.height);
  let best: Net | null = null;
  for (let times = Math.ceil(longer / SIDE.most); longer / times >= SIDE.least; times *= 2) {
    const net = yield* netIn(picture, times);
    if (net && !(best && best.length >= net.length)) best = net;
  }
  return best ? painted(best).map((mark) => enlarged(mark, best, picture)) : [];
}

/** The cracks of a picture that is so many `times` smaller, if they are a net. */
function* netIn(picture: Picture, times: number): Pieces<Net | null> {
  const small = mirrored(times === 1 ? picture : shrunk(picture, times), MARGIN);
  yield;
  const sheet = yield* sheetOf(small, 'bright');
  const dark = yield* sheetOf(small, 'dark');
  const ridges = { bright: yield* findRidges(sheet, RIDGE.rise), dark: yield* findRidges(dark, RIDGE.rise) };
  const side = Math.sqrt((small.width - 2 * MARGIN) * (small.height - 2 * MARGIN));
  const all = yield* cracksOf(sheet, ridges.bright, ridges.dark);
  if (lengthOf(all) < NET.length * side) return null;
  const cracks = surer(all, yield* cracksOf(dark, ridges.dark, ridges.bright));
  const net = { sheet, times, cracks: cracks.map(({ curve }) => curve), length: lengthOf(cracks) / side };
  return isNet(net) ? net : null;
}

/** Those that are so sure that hardly any dark one is: what a picture has by chance of the one it has of the other. */
function surer(cracks: readonly Crack[], dark: readonly Crack[]): readonly Crack[] {
  for (let least = SURE.from; least <= SURE.to; least += SURE.step) {
    const [own, others] = [cracks, dark].map((all) => all.filter(({ odds }) => odds >= least));
    if (lengthOf(others) <= SURE.dark * lengthOf(own)) return own;
  }
  return [];
}

/** Whether lines are a net of cracks by what they are like together. */
function isNet({ cracks, length, sheet }: Net): boolean {
  const all = pixelsOf(cracks);
  const ways = new Float64Array(ORIENTATIONS);
  for (const { orientation } of cracks) for (const way of orientation) ways[way]++;
  const grounds = Float32Array.from(cracks.flatMap((curve) => Array.from(curve.at, () => groundOf(curve))));
  return (
    length >= NET.length &&
    spreadOf(grounds) >= NET.grounds &&
    Math.max(...ways) <= NET.direction * all &&
    2 * pixelsOf(cracks.filter(({ at }) => at.length >= NET.half)) >= all &&
    turnsOf(cracks, sheet.width) >= NET.turns
  );
}

const lengthOf = (cracks: readonly Crack[]): number => pixelsOf(cracks.map(({ curve }) => curve));

const pixelsOf = (curves: readonly Curve[]): number => curves.reduce((sum, { at }) => sum + at.length, 0);

const groundOf = ({ sides: [a, b] }: Curve): number =>
  quantile(
    a.map((value, i) => (value + b[i]) / 2),
    0.5,
  );

/** By how many orientations lines turn from one px to the next, in the mean; two at most count. */
function turnsOf(cracks: readonly Curve[], width: number): number {
  let [pairs, turns] = [0, 0];
  for (const { at, orientation } of cracks) {
    const known = new Map(Array.from(at, (pixel, i) => [pixel, orientation[i]]));
    for (const [pixel, own] of known)
      for (const step of [1, width - 1, width, width + 1]) {
        const other = known.get(pixel + step);
        if (other === undefined) continue;
        const turn = Math.abs(own - other);
        pairs++;
        turns += Math.min(turn, ORIENTATIONS - turn, 2);
      }
  }
  return turns / Math.max(1, pairs);
}

/** The lines of a sheet that are like cracks, by themselves and beside each other. */
function* cracksOf(sheet: Sheet, ridges: Ridges, others: Ridges): Pieces<Crack[]> {
  const lines: Curve[] = [];
  for (const line of linesOf(sheet, ridges)) {
    const stands = quantile(
      Float32Array.from(line, (at) => ridges.rise[at]),
      0.5,
    );
    if (stands < CRACK.contrast) continue;
    const curve = curveThrough(sheet, line, (at) => ridges.orientation[at]);
    if (isCrack(sheet, curve, stands)) lines.push(curve);
    yield;
  }
  const tones = Float32Array.from(lines.flatMap(({ at, middleTone }) => Array.from(at, () => middleTone)));
  const paper = quantile(tones, PAPER);
  const surroundings = new Surroundings(sheet, others.rise);
  return lines.map((curve) => ({ curve, odds: oddsOf(sheet, curve, paper, surroundings) }));
}

/** Logarithm of the odds that a line is a crack, by logistic regression of those of `npm run defects -- --kinds cracks`. */
function oddsOf(sheet: Sheet, curve: Curve, paper: number, surroundings: Surroundings): number {
  const [before, after] = reachesOf(sheet, curve);
  return (
    ALONE +
    0.74 * Math.log(curve.at.length) -
    0.87 * (before + after) +
    13.6 * (curve.middleTone - paper) -
    1.16 * Math.log(0.1 + surroundings.of(curve).others)
  );
}

function isCrack(sheet: Sheet, curve: Curve, stands: number): boolean {
  const [a, b] = curve.sides;
  const lopsided = a.map((value, i) => Math.abs(value - b[i]));
  if (quantile(lopsided, 0.5) > CRACK.lopsided * stands) return false;
  const profiles = [0, 1].map((towards) => profileOf(sheet, curve, towards));
  const [before, after] = reachesOf(sheet, curve);
  return (
    Math.min(...profiles.map(steepness)) >= CRACK.steep &&
    Math.max(...profiles.map(softness)) <= CRACK.soft &&
    before + after <= CRACK.width
  );
}

/** Pixels of ridges between sides that are alike, as many as touch each other, where those are enough for a crack. */
function linesOf(sheet: Sheet, { rise, orientation }: Ridges): number[][] {
  const { width, height } = sheet;
  const open = rise.map((stands, at) => {
    if (!(stands > 0)) return 0;
    const [x, y] = [at % width, Math.floor(at / width)];
    if (Math.min(x, y, width - 1 - x, height - 1 - y) < MARGIN + FRAME) return 0;
    return lopsidedAt(sheet, at, orientation[at]) <= RIDGE.lopsided * stands + RIDGE.and ? 1 : 0;
  });
  const lines: number[][] = [];
  for (let start = 0; start < open.length; start++) {
    if (!open[start]) continue;
    const line = [start];
    open[start] = 0;
    for (const at of line)
      for (let row = at - width; row <= at + width; row += width)
        for (let to = row - 1; to <= row + 1; to++)
          if (open[to]) {
            open[to] = 0;
            line.push(to);
          }
    if (line.length >= CRACK.pixels) lines.push(line);
  }
  return lines;
}

/** By how much the means beside a line differ. */
function lopsidedAt({ x, width }: Sheet, at: number, orientation: number): number {
  const { along, side } = ORIENTED[orientation];
  const across = side[1] * width + side[0];
  const difference = along.reduce((sum, [dx, dy]) => {
    const to = at + dy * width + dx;
    return sum + x[to + across] - x[to - across];
  }, 0);
  return Math.abs(difference) / along.length;
}

function painted({ sheet, cracks }: Net): Mark[] {
  const covered = new Uint8Array(sheet.x.length);
  const lines = cracks.map((curve) => curvePixels(sheet, curve, Number.POSITIVE_INFINITY, true));
  for (const pixels of lines) for (const at of pixels) covered[at] = 1;
  return cracks.map((curve, course) => {
    const whole = [...lines[course], ...bulgesOf(sheet, lines[course], curve, covered)];
    const pixels = [...whole, ...fringeOf(sheet, whole, curve.middleTone, covered)];
    return { pixels, polarity: 'bright', odds: ODDS, course };
  });
}

/** Means of squares of `times` px. */
function shrunk({ width, height, channels, colour }: Picture, times: number): Picture {
  const [w, h] = [Math.floor(width / times), Math.floor(height / times)];
  const small = new Float32Array(channels * w * h);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < h * times; y++)
      for (let x = 0; x < w * times; x++)
        small[(c * h + Math.floor(y / times)) * w + Math.floor(x / times)] +=
          colour[(c * height + y) * width + x] / times ** 2;
  return { width: w, height: h, channels, colour: small, alpha: null };
}

/** A mark of a mirrored, reduced picture as one of the whole. */
function enlarged(mark: Mark, { sheet: { width }, times }: Net, whole: Picture): Mark {
  const pixels: number[] = [];
  for (const at of mark.pixels) {
    const [left, top] = [at % width, Math.floor(at / width)].map((place) => (place - MARGIN) * times);
    for (let y = Math.max(0, top); y < Math.min(whole.height, top + times); y++)
      for (let x = Math.max(0, left); x < Math.min(whole.width, left + times); x++)
        pixels.push(y * whole.width + x);
  }
  return { ...mark, pixels };
}
