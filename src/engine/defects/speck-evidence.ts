import { boxOf } from './defect.ts';
import { castAt, type Sheet } from './sheet.ts';
import type { Speck } from './specks.ts';
import type { Surroundings } from './surroundings.ts';
import { type Evidence, mostOf, tells } from './tells.ts';

/**
 * A speck of dust is, as lines are (evidence.ts), at an end of the range (`tone`), without colour (`cast`) and of one value (`plain`: the
 * share, and `plainArea` the logarithm of the pixels, of its upper half that are nearly as bright as its brightest); far above the
 * ring around it (`contrast`, `over` its mean, and `clear`: by how much the ring varies) and compact (`full`: its share of its box,
 * `aspect`: the sides of that), in surroundings that have nothing as bright (`crowd`) and no `lines`. Fitted as the odds of lines were.
 */
const ODDS = {
  tone: [
    [0.5, -1.7],
    [0.7, -1],
    [0.85, 0.6],
    [0.95, 1.2],
  ],
  cast: [
    [0.03, 0.7],
    [0.08, -0.9],
  ],
  contrast: [
    [0.04, -2.2],
    [0.1, -0.5],
    [0.2, 0.9],
  ],
  over: [
    [0.2, -0.5],
    [0.4, -0.2],
    [0.6, 0.3],
  ],
  clear: [
    [0.3, -2.4],
    [1, -0.8],
    [2, 0.5],
    [4, 1.8],
  ],
  plain: [
    [0.3, -1.8],
    [0.7, 0],
    [1, 0.9],
  ],
  plainArea: [
    [0, 0],
    [1, -1.5],
    [2, -0.8],
    [3, 1.3],
  ],
  crowd: [
    [0, 0.6],
    [0.02, -0.5],
  ],
  lines: [
    [0, 1.1],
    [0.05, -0.1],
    [0.1, -0.7],
    [0.2, -1.2],
  ],
  full: [
    [0.5, -2.2],
    [0.7, 0.3],
    [0.9, 1],
  ],
  aspect: [
    [1, 0.6],
    [1.5, -0.1],
    [2.5, -1.3],
  ],
} as const satisfies Record<string, Evidence>;
const NONE = -1.7;
/** Odds below which a speck is not looked at closer: it cannot become damage, nor tell what the picture is like. */
const HOPELESS = -4;
const BEST = mostOf(ODDS.crowd, ODDS.lines, ODDS.full, ODDS.aspect);
/** Added to what the ring varies by. */
const FLOOR = 0.03;
/** As bright as the brightest: within so much of the full range. */
const PLAIN = 0.04;
/** What is as bright as the speck lies at most this much of its contrast below it. */
const AS_BRIGHT = 0.35;

/** Logarithm of the odds that a speck is damage, as far as it alone tells. */
export function oddsOfSpeck(
  sheet: Sheet,
  { at, peak, tone, ring }: Speck,
  surroundings: Surroundings,
): number {
  const contrast = tone - ring.brightest;
  const plain = at.reduce((sum, i) => sum + Number(sheet.x[i] > tone - PLAIN), 0);
  const first =
    NONE +
    tells(ODDS.tone, tone) +
    tells(ODDS.cast, castAt(sheet, peak)) +
    tells(ODDS.contrast, contrast) +
    tells(ODDS.over, tone - ring.mean) +
    tells(ODDS.clear, contrast / (ring.brightest - ring.darkest + FLOOR)) +
    tells(ODDS.plain, plain / at.length) +
    tells(ODDS.plainArea, Math.log(plain));
  if (first + BEST < HOPELESS) return first + BEST;
  const { crowd, lines } = surroundings.ofSpeck(peak, tone - AS_BRIGHT * contrast);
  const { width, height } = boxOf(at, sheet.width);
  return (
    first +
    tells(ODDS.crowd, crowd) +
    tells(ODDS.lines, lines) +
    tells(ODDS.full, at.length / (width * height)) +
    tells(ODDS.aspect, Math.max(width, height) / Math.min(width, height))
  );
}
