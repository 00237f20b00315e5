import { type Curve, castOf } from './curves.ts';
import { profileOf, softness, steepness } from './profile.ts';
import { quantile, spreadOf } from './quantile.ts';
import type { Sheet } from './sheet.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Logarithms of the odds that a line is damage, per unit of each measure. A scratch is bare paper or soot: at an end of the
 * range (`tone`), without colour (`cast`), of one value along all of it (`spread`) whatever it crosses (`ground`); it stands
 * out (`contrast`) of a picture that is the same on both of its sides (`lopsided`), abruptly (`steep`) and not as the ridge
 * of something wider (`soft`); it goes on and on (`course`) and not into something of another tone (`cut`); and neither is
 * there much around as bright (`crowd`) nor are there other lines (`others`), as in hatchings, fences, texture and hair.
 * Fitted to the lines found in six photographs, undamaged and with drawn marks, and rounded; docs/results.md names them.
 */
const ODDS = {
  none: -9,
  tone: 2.3,
  cast: -14,
  spread: -1.6,
  ground: 0.85,
  contrast: 4.5,
  lopsided: -4,
  crowd: -8.7,
  others: -0.8,
  thick: -1,
  cut: -1.3,
  course: 0.87,
  steep: 2.5,
  soft: -2.6,
} as const;
/** Where more of a measure tells nothing more. */
const MOST = {
  cast: 0.2,
  contrast: 0.5,
  lopsided: 0.5,
  crowd: 0.3,
  others: 5,
  thick: 3,
  cut: 1,
  course: 400,
  steep: 1,
  soft: 1,
} as const;
/** Added to what logarithms are taken of. */
const FLOOR = { spread: 0.004, ground: 0.01 } as const;
/** Odds below which a line is not looked at closer: it cannot become damage, nor tell what the picture is like. */
const HOPELESS = -5;

type Measure = keyof typeof MOST;
const weigh = (name: Measure, value: number) => ODDS[name] * Math.min(MOST[name], value);

/**
 * Logarithm of the odds that a line is damage, as far as it alone tells.
 *
 * @param course length of all lines on its course, px
 */
export function oddsOfCurve(sheet: Sheet, curve: Curve, course: number, surroundings: Surroundings): number {
  const first = byItself(sheet, curve) + ODDS.course * Math.log(Math.min(MOST.course, course));
  if (first + ODDS.steep < HOPELESS) return first;
  const profiles = [0, 1].map((towards) => profileOf(sheet, curve, towards));
  const { crowd, others } = surroundings.of(curve);
  return (
    first +
    weigh('steep', Math.min(...profiles.map(steepness))) +
    weigh('soft', Math.max(...profiles.map(softness))) +
    weigh('crowd', crowd) +
    weigh('others', others)
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
    ODDS.none +
    ODDS.tone * curve.middleTone +
    ODDS.spread * Math.log(spread + FLOOR.spread) +
    ODDS.ground * Math.log(spreadOf(ground) + FLOOR.ground) +
    weigh('cast', castOf(colours)) +
    weigh('contrast', contrast) +
    weigh('lopsided', quantile(lopsided, 0.5) / contrast) +
    weigh('thick', curve.at.length / curve.extent) +
    weigh('cut', curve.cut / curve.extent)
  );
}
