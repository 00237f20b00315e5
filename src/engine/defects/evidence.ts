import { correlation } from '../image/correlation.ts';
import { quantile, spreadOf } from '../quantile.ts';
import { type Curve, castOf } from './curves.ts';
import { profileOf, RIM, reachOf, softness, steepness } from './profile.ts';
import type { Sheet } from './sheet.ts';
import type { Surroundings } from './surroundings.ts';
import { type Evidence, mostOf, tells } from './tells.ts';

/**
 * A scratch is bare paper or soot: at an end of the range (`tone`), without colour (`cast`), of one value along all of it
 * (`spread`, logarithm; `dip`: how far its faintest twentieth is below that) whatever it crosses (`ground`, logarithm), so that it does
 * not grow brighter where that does (`follows`, a correlation), in a picture that is the same on both of its sides (`lopsided`),
 * abruptly (`steep`) and not as the ridge of something wider (`soft`, `width` in px); it goes on and on (`length`, and `course` with
 * what lies end to end, logarithms of px) and not into something of another tone (`cut`); and neither is there much around as bright
 * (`crowd`) nor are there other lines (`others`), as in hatchings, fences, texture and hair. Fitted by logistic regression, and
 * rounded, to the lines found in 69 whole photographs, undamaged and 18 of them with drawn marks; docs/results/filling.md names them.
 */
const ODDS = {
  tone: [
    [0.5, -1.2],
    [0.7, -0.4],
    [0.85, 1.2],
    [0.95, 0.4],
  ],
  spread: [
    [-5.5, 1.5],
    [-4.5, 0.8],
    [-3.6, -1.0],
    [-2.8, -1.2],
  ],
  ground: [
    [-4.2, -1.3],
    [-3.2, -0.6],
    [-2.2, 0.7],
    [-1.5, 1.2],
  ],
  cast: [
    [0.02, 0.9],
    [0.06, 1.1],
    [0.1, -0.4],
    [0.2, -1.4],
  ],
  lopsided: [
    [0, 1.5],
    [0.1, 0.1],
    [0.3, -0.4],
    [0.8, -1.2],
  ],
  thick: [
    [1, 0.1],
    [1.2, 0.4],
    [1.6, 0.1],
    [2.5, -0.6],
  ],
  cut: [
    [0, 0.2],
    [0.1, 0.4],
    [0.4, 0.0],
    [1, -0.7],
  ],
  course: [
    [2.3, -1.3],
    [3.2, -0.9],
    [4, -0.3],
    [5, 1.0],
    [6, 1.5],
  ],
  steep: [
    [0.2, -0.9],
    [0.35, -0.7],
    [0.5, 0.5],
    [0.7, 1.1],
  ],
  soft: [
    [0, 0.6],
    [0.1, 0.6],
    [0.3, -0.2],
    [1, -0.9],
  ],
  width: [
    [0, 0.0],
    [1, 0.3],
    [2, 0.6],
    [3, 0.5],
    [4, 0.3],
    [6, -3],
  ],
  crowd: [
    [0, 1.0],
    [0.02, 0.4],
    [0.08, -0.1],
    [0.3, -1.3],
  ],
  others: [
    [0, 0.5],
    [0.3, 0.4],
    [0.8, 0.3],
    [1.5, -0.2],
    [3, -0.9],
  ],
  follows: [
    [-0.5, -0.8],
    [0, -0.4],
    [0.5, 0.2],
    [0.9, 1.0],
  ],
  length: [
    [2.1, -0.4],
    [3, 0.4],
    [4, 0.7],
    [5, -0.6],
  ],
  dip: [
    [-0.15, -0.6],
    [-0.08, -0.3],
    [-0.04, -0.1],
    [-0.01, 0.9],
  ],
} as const satisfies Record<string, Evidence>;
const NONE = -4.6;
/** Added to what logarithms are taken of. */
const FLOOR = { spread: 0.004, ground: 0.01 } as const;
/** Odds below which a line is not looked at closer: it cannot become damage, nor tell what the picture is like. */
const HOPELESS = -5;

/** The most that a closer look adds. */
const BEST = mostOf(ODDS.steep, ODDS.soft, ODDS.width, ODDS.crowd, ODDS.others);

/**
 * Logarithm of the odds that a line is damage, as far as it alone tells.
 *
 * @param course length of all lines on its course, px
 */
export function oddsOfCurve(sheet: Sheet, curve: Curve, course: number, surroundings: Surroundings): number {
  const first = byItself(sheet, curve) + tells(ODDS.course, Math.log(course));
  if (first + BEST < HOPELESS) return first + BEST;
  const profiles = [0, 1].map((towards) => profileOf(sheet, curve, towards));
  const { crowd, others } = surroundings.of(curve);
  const width = [0, 1].reduce((sum, towards) => sum + reachOf(sheet, curve, towards, RIM), 0);
  return (
    first +
    tells(ODDS.steep, Math.min(...profiles.map(steepness))) +
    tells(ODDS.soft, Math.max(...profiles.map(softness))) +
    tells(ODDS.width, width) +
    tells(ODDS.crowd, crowd) +
    tells(ODDS.others, others)
  );
}

function byItself(sheet: Sheet, curve: Curve): number {
  const [a, b] = curve.sides;
  const contrast = quantile(
    curve.tone.map((value, i) => value - Math.max(a[i], b[i])),
    0.5,
  );
  const ground = a.map((value, i) => (value + b[i]) / 2);
  const lopsided = a.map((value, i) => Math.abs(value - b[i]));
  const colours = Array.from({ length: sheet.channels }, (_, c) => {
    const plane = sheet.colour.subarray(c * sheet.x.length, (c + 1) * sheet.x.length);
    return Float32Array.from(curve.brightest, (at) => plane[at]);
  });
  const spread = Math.max(...colours.map(spreadOf));
  return (
    NONE +
    tells(ODDS.tone, curve.middleTone) +
    tells(ODDS.spread, Math.log(spread + FLOOR.spread)) +
    tells(ODDS.dip, quantile(curve.tone, 0.05) - curve.middleTone) +
    tells(ODDS.ground, Math.log(spreadOf(ground) + FLOOR.ground)) +
    tells(ODDS.follows, correlation(curve.tone, ground)) +
    tells(ODDS.cast, castOf(colours)) +
    tells(ODDS.lopsided, quantile(lopsided, 0.5) / Math.max(0.01, contrast)) +
    tells(ODDS.thick, curve.at.length / curve.extent) +
    tells(ODDS.cut, curve.cut / curve.extent) +
    tells(ODDS.length, Math.log(curve.extent))
  );
}
