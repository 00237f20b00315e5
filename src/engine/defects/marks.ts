import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../turns.ts';
import { type Judged, OF_LINES, OF_SPECKS, oddsInCompany, supportByLines } from './company.ts';
import { coursesOf } from './continuation.ts';
import { curvesOf } from './curves.ts';
import { isOnDrawnGround, isSpeckOnDrawnGround } from './drawn.ts';
import { oddsOfCurve } from './evidence.ts';
import { curvePixels, speckPixels } from './paint.ts';
import { spreadOf } from './quantile.ts';
import { findRidges } from './ridges.ts';
import { type Polarity, type Sheet, sheetOf } from './sheet.ts';
import { oddsOfSpeck } from './speck-evidence.ts';
import { findSpecks } from './specks.ts';
import { Surroundings } from './surroundings.ts';

/** A line or speck that is damage. */
export interface Mark {
  /** All that it covers, with its rim, as indices. */
  readonly pixels: readonly number[];
  readonly polarity: Polarity;
  /** Logarithm of the odds that it is damage. */
  readonly odds: number;
  /** Pieces of one line have one number; undefined for specks. */
  readonly course?: number;
}

/** What is looked at: by how much it stands out, of the full range; lines of so many px, specks of so many pixels. */
const LEAST = { rise: 0.06, line: 8, speck: 2 } as const;
/** Odds in company from which a line, and a speck, is damage. */
const DAMAGE = { line: -0.2, speck: 0.5 } as const;
/** And what one of either must have, so that anything is: doubtful ones alone are the picture's. */
const SURE = { line: 1, speck: 2 } as const;
/** What is drawn cannot be damage. */
const DRAWN = Number.NEGATIVE_INFINITY;

/** Share of a picture from which marks of a kind are what it consists of: an engraving, a halftone, a night of stars. */
const MOST = 0.1;
/** How far the grounds of specks lie apart at least, σ of the full range: stars, snow and sparks are on one ground. */
const GROUNDS = 0.06;

/** Bright and dark marks of a picture. */
export function* findMarks(picture: Picture): Pieces<Mark[]> {
  const marks: Mark[] = [];
  for (const polarity of ['bright', 'dark'] as const) {
    const found = yield* marksOf(sheetOf(picture, polarity));
    const area = found.reduce((sum, { pixels }) => sum + pixels.length, 0);
    const isSure = ({ odds, course }: Mark) => odds >= (course === undefined ? SURE.speck : SURE.line);
    if (!found.some(isSure) || area > MOST * picture.width * picture.height) continue;
    // Pieces of a bright and of a dark line never have the same number.
    for (const mark of found)
      marks.push(mark.course !== undefined && polarity === 'dark' ? { ...mark, course: -1 - mark.course } : mark);
  }
  return marks;
}

function* marksOf(sheet: Sheet): Pieces<Mark[]> {
  const { polarity, width } = sheet;
  const ridges = yield* findRidges(sheet, LEAST.rise);
  const surroundings = new Surroundings(sheet, ridges.rise);
  const curves = curvesOf(sheet, ridges, LEAST.line);
  yield;
  const courses = coursesOf(curves, width);
  const lines: Judged[] = [];
  for (const [i, curve] of curves.entries()) {
    const odds = isOnDrawnGround(sheet, curve) ? DRAWN : oddsOfCurve(sheet, curve, courses[i].length, surroundings);
    lines.push({ tone: curve.middleTone, amount: curve.extent, odds });
    yield;
  }
  const odds = oddsInCompany(lines, OF_LINES);
  const marks = curves.flatMap((curve, i): Mark[] =>
    odds[i] >= DAMAGE.line
      ? [{ pixels: curvePixels(sheet, curve), polarity, odds: odds[i], course: courses[i].id }]
      : [],
  );
  const damaged = lines.filter((_, i) => odds[i] >= DAMAGE.line);
  yield;
  return [...marks, ...(yield* specksOf(sheet, surroundings, damaged, marks))];
}

function* specksOf(
  sheet: Sheet,
  surroundings: Surroundings,
  damaged: readonly Judged[],
  lines: readonly Mark[],
): Pieces<Mark[]> {
  const onLine = new Set(lines.flatMap(({ pixels }) => pixels));
  const specks = (yield* findSpecks(sheet, LEAST.rise)).filter(
    ({ at, peak }) => at.length >= LEAST.speck && !onLine.has(peak),
  );
  const alone = specks.map((speck): Judged => {
    const odds = isSpeckOnDrawnGround(sheet, speck) ? DRAWN : oddsOfSpeck(sheet, speck, surroundings);
    return { tone: speck.tone, amount: 1, odds };
  });
  const support = supportByLines(damaged);
  const odds = oddsInCompany(alone, OF_SPECKS).map((own, i) => own + support(specks[i].tone));
  const taken = specks.flatMap((speck, i) => (odds[i] >= DAMAGE.speck ? [{ speck, odds: odds[i] }] : []));
  const grounds = Float32Array.from(taken, ({ speck }) => speck.ring.mean);
  if (damaged.length === 0 && (taken.length === 0 || spreadOf(grounds) < GROUNDS)) return [];
  return taken.map(({ speck, odds: own }) => ({ pixels: speckPixels(sheet, speck), polarity: sheet.polarity, odds: own }));
}
