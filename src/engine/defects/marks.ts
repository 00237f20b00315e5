import type { Box } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import { spreadOf } from '../quantile.ts';
import type { Pieces } from '../time-slicing.ts';
import { bulgesOf } from './bulges.ts';
import { type Judged, OF_LINES, OF_SPECKS, oddsInCompany, supportByLines } from './company.ts';
import { coursesOf } from './continuation.ts';
import { type Curve, curvesOf } from './curves.ts';
import { isOnDrawnGround, isSpeckOnDrawnGround } from './drawn.ts';
import { oddsOfCurve } from './evidence.ts';
import { findFolds } from './folds.ts';
import { follow } from './follow.ts';
import { isIn, isOfLetters, lettersIn } from './letters.ts';
import { coreOf, curvePixels, fringeOf, reachesOf, speckPixels, trimmed } from './paint.ts';
import { findRidges } from './ridges.ts';
import { type Polarity, type Sheet, sheetOf } from './sheet.ts';
import { oddsOfSpeck } from './speck-evidence.ts';
import { findSpecks } from './specks.ts';
import { Surroundings } from './surroundings.ts';
import { trace } from './trace.ts';

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

/** What is looked at: by how much it stands out, of the full range, specks beside damaged lines less; lines of so many px, specks of so many pixels. */
const LEAST = { rise: 0.06, supported: 0.03, line: 8, speck: 2 } as const;
/** Odds in company from which a line, and a speck, is damage. */
const DAMAGE = { line: 0.5, speck: 0.3 } as const;
/** And what one of either must have so that anything is: doubtful ones alone are the picture's. Beside lines of the other kind, brighter or darker, so much is enough; specks do not tell of lines. What goes on with a line, and by its way, is looked for from `follow` on. */
const SURE = { line: 3.5, beside: 2, speck: 2, follow: 2.4 } as const;
/** The more pixels there are, the more chances has a line of the picture to look like damage: so many of them as its odds are for; and the least odds of all. */
const LARGER = { than: 512 ** 2, least: 2.8 } as const;
/** What is drawn cannot be damage. */
const DRAWN = Number.NEGATIVE_INFINITY;

/** Share of a picture from which marks of a kind are what it consists of: an engraving, a halftone, a night of stars. */
const MOST = 0.1;
/** How far the grounds of specks lie apart at least, σ of the full range: stars, snow and sparks are on one ground. */
const GROUNDS = 0.06;

/** Where a line lies that is no mirror image of an edge: this far inside of the border, px, this share of what of it is in the picture. */
const INSIDE = { depth: 4, share: 0.6 } as const;

/**
 * Bright and dark marks of a picture.
 *
 * @param margin what of it is mirrored on every side, px
 */
export function* findMarks(picture: Picture, margin: number): Pieces<Mark[]> {
  const bright = yield* sheetOf(picture, 'bright');
  const sheets = { bright, dark: yield* sheetOf(picture, 'dark') };
  const letters = [
    ...(yield* lettersIn(picture, sheets.bright)),
    ...(yield* lettersIn(picture, sheets.dark)),
  ];
  const of = (polarity: Polarity, isDamaged: boolean) =>
    marksIn({ sheet: sheets[polarity], margin, letters }, isDamaged);
  const light = yield* of('bright', false);
  const dark = yield* of('dark', light.some(isLine));
  // What is damaged by lines of the one is believed to be by the other.
  const all = light.length === 0 && dark.some(isLine) ? yield* of('bright', true) : light;
  // Pieces of a bright and of a dark line never have the same number.
  return [
    ...all,
    ...dark.map((mark) => (mark.course === undefined ? mark : { ...mark, course: -1 - mark.course })),
  ];
}

const isLine = ({ course }: Mark): boolean => course !== undefined;

/** A sheet, what of it is mirrored on every side, px, and its lines of letters. */
interface Page {
  readonly sheet: Sheet;
  readonly margin: number;
  readonly letters: readonly Box[];
}

function* marksIn(page: Page, isDamaged: boolean): Pieces<Mark[]> {
  const { sheet } = page;
  const { marks, area } = yield* marksOf(page, isDamaged);
  return area > MOST * sheet.width * sheet.height ? [] : marks;
}

/** The marks of a sheet, and the pixels that they would cover if each line were as wide as it looks. */
function* marksOf(page: Page, isDamaged: boolean): Pieces<{ marks: Mark[]; area: number }> {
  const { sheet, margin, letters } = page;
  const { polarity, width, height } = sheet;
  const ridges = yield* findRidges(sheet, LEAST.rise);
  const surroundings = new Surroundings(sheet, ridges.rise);
  const all = yield* curvesOf(sheet, ridges, LEAST.line);
  const curves = all.filter((curve) => isInside(sheet, curve, margin));
  yield;
  const courses = yield* coursesOf(curves, width);
  const lines: Judged[] = [];
  for (const [i, curve] of curves.entries()) {
    const odds =
      isOnDrawnGround(sheet, curve) || isOfLetters(curve, width, letters)
        ? DRAWN
        : oddsOfCurve(sheet, curve, courses[i].length, surroundings);
    lines.push({ tone: curve.middleTone, amount: curve.extent, odds });
    yield;
  }
  const odds = oddsInCompany(lines, OF_LINES);
  const pixels = (width - 2 * margin) * (height - 2 * margin);
  const least = isDamaged ? SURE.beside : Math.max(LARGER.least, SURE.line + Math.log(pixels / LARGER.than));
  const sure = odds.some((o) => o >= least);
  const isDamage = (i: number) => sure && odds[i] >= DAMAGE.line;
  const folds = (yield* findFolds(sheet, margin)).map((fold, i) => ({
    ...fold,
    course: curves.length + i,
    isFold: true,
  }));
  const found = [
    ...folds,
    ...curves.flatMap((curve, i) =>
      isDamage(i) ? [{ curve, course: courses[i].id, odds: odds[i], isFold: false }] : [],
    ),
  ];
  const widest = widestOf(sheet, found);
  const marks = found.map(
    ({ curve, isFold, ...mark }): Mark => ({
      ...mark,
      polarity,
      pixels: curvePixels(sheet, curve, widest.get(mark.course), isFold),
    }),
  );
  const covered = new Uint8Array(sheet.x.length);
  for (const { pixels } of marks) for (const at of pixels) covered[at] = 1;
  yield;
  const fainter = sure ? yield* goingOn(sheet, found, widest, covered) : [];
  const damaged = lines.filter((_, i) => isDamage(i));
  yield;
  const wide = widened(sheet, found, marks, covered);
  const specks = yield* specksOf(page, surroundings, damaged, covered);
  const area = [...fainter, ...specks].reduce((sum, { pixels }) => sum + pixels.length, wide.area);
  return { marks: [...wide.marks, ...fainter, ...specks], area };
}

interface Found {
  readonly curve: Curve;
  readonly course: number;
  readonly odds: number;
  readonly isFold: boolean;
}

/** Where the surest of found lines go on, fainter: then `covered` too. `widest`: of each course, px. */
function* goingOn(
  sheet: Sheet,
  found: readonly Found[],
  widest: ReadonlyMap<number, number>,
  covered: Uint8Array,
): Pieces<Mark[]> {
  const marks: Mark[] = [];
  const add = (pixels: number[], course: number) => {
    for (const at of pixels) covered[at] = 1;
    marks.push({ pixels, polarity: sheet.polarity, odds: DAMAGE.line, course });
  };
  const known = found.filter((one) => one.odds >= SURE.follow);
  const followed = yield* follow(sheet, known, covered);
  for (const { curve, course } of followed) add(curvePixels(sheet, curve, widest.get(course)), course);
  for (const course of new Set(known.flatMap((one) => (one.isFold ? [] : [one.course])))) {
    const curves = [...found, ...followed].flatMap((one) => (one.course === course ? [one.curve] : []));
    const pixels = trace(sheet, { curves, reach: widest.get(course) ?? 0 }, covered);
    if (pixels.length > 0) add(pixels, course);
    yield;
  }
  return marks;
}

/** The marks of found lines with what bulges out of them and their fringes, and the pixels that these lines look to cover. */
function widened(
  sheet: Sheet,
  found: readonly Found[],
  marks: readonly Mark[],
  covered: Uint8Array,
): { marks: Mark[]; area: number } {
  let area = 0;
  const wide = found.map(({ curve, isFold }, i): Mark => {
    const { pixels } = marks[i];
    const whole = isFold ? pixels : [...pixels, ...bulgesOf(sheet, pixels, curve, covered)];
    area += curvePixels(sheet, curve).length + whole.length - pixels.length;
    const fringed = [...whole, ...fringeOf(sheet, pixels, curve.middleTone, covered)];
    const core = isFold ? Number.NEGATIVE_INFINITY : coreOf(sheet, curve);
    return { ...marks[i], pixels: trimmed(sheet, fringed, curve.middleTone, core, covered, isFold) };
  });
  return { marks: wide, area };
}

/** Of each course: how far its longest line reaches to the farther of its sides, px. */
function widestOf(
  sheet: Sheet,
  found: readonly { readonly curve: Curve; readonly course: number }[],
): Map<number, number> {
  const longest = new Map<number, Curve>();
  for (const { curve, course } of found)
    if (!((longest.get(course)?.extent ?? 0) >= curve.extent)) longest.set(course, curve);
  return new Map([...longest].map(([course, curve]) => [course, Math.max(...reachesOf(sheet, curve))]));
}

function isInside({ width, height }: Sheet, { at }: Curve, margin: number): boolean {
  let [own, inside] = [0, 0];
  for (const pixel of at) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const depth = Math.min(x, y, width - 1 - x, height - 1 - y) - margin;
    if (depth >= 0) own++;
    if (depth >= INSIDE.depth) inside++;
  }
  return inside > 0 && inside >= INSIDE.share * own;
}

function* specksOf(
  { sheet, letters }: Page,
  surroundings: Surroundings,
  damaged: readonly Judged[],
  covered: Uint8Array,
): Pieces<Mark[]> {
  const rise = damaged.length > 0 ? LEAST.supported : LEAST.rise;
  const specks = (yield* findSpecks(sheet, rise)).filter(
    ({ at, peak }) => at.length >= LEAST.speck && !covered[peak],
  );
  const alone: Judged[] = [];
  for (const speck of specks) {
    const isDrawn =
      isSpeckOnDrawnGround(sheet, speck) || letters.some((box) => isIn(box, speck.peak, sheet.width));
    const odds = isDrawn ? DRAWN : oddsOfSpeck(sheet, speck, surroundings);
    alone.push({ tone: speck.tone, amount: 1, odds });
    yield;
  }
  const support = supportByLines(damaged);
  const odds = oddsInCompany(alone, OF_SPECKS).map((own, i) => own + support(specks[i].tone));
  const taken = specks.flatMap((speck, i) => (odds[i] >= DAMAGE.speck ? [{ speck, odds: odds[i] }] : []));
  const grounds = Float32Array.from(taken, ({ speck }) => speck.ring.mean);
  const sure = taken.some((one) => one.odds >= SURE.speck) && spreadOf(grounds) >= GROUNDS;
  if (damaged.length === 0 && !sure) return [];
  return taken.map(({ speck, odds: own }) => ({
    pixels: speckPixels(sheet, speck),
    polarity: sheet.polarity,
    odds: own,
  }));
}
