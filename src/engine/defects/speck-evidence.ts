import { colourAt, type Sheet } from './sheet.ts';
import type { Speck } from './specks.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Logarithms of the odds that a speck is damage, per unit of each measure, as for lines (evidence.ts): at an end of the range
 * (`tone`), without colour (`cast`), of one value (`plain`: the share of its upper half that is nearly as bright as its
 * brightest), far above the ring around it (`contrast`, `over` its mean, and `clear`: by how much the ring varies), in
 * surroundings that have nothing as bright (`crowd`), no lines and no texture. Fitted to specks in the same six photographs.
 */
const ODDS = {
  none: -10.8,
  tone: 3.2,
  cast: -16.5,
  contrast: 2.2,
  over: 3.2,
  clear: 1.3,
  plain: 3.2,
  plainArea: 0.44,
  crowd: -4.6,
  lines: -6,
  texture: -0.6,
} as const;
const MOST = { cast: 0.2, contrast: 0.5, crowd: 0.3, lines: 0.3 } as const;
/** Added to what the ring varies by, and to the texture before its logarithm is taken. */
const FLOOR = { ring: 0.03, texture: 0.02 } as const;
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
  const colour = colourAt(sheet, peak);
  const plain = at.reduce((sum, i) => sum + Number(sheet.x[i] > tone - PLAIN), 0);
  const { crowd, lines, texture } = surroundings.ofSpeck(peak, tone - AS_BRIGHT * contrast);
  return (
    ODDS.none +
    ODDS.tone * tone +
    ODDS.cast * Math.min(MOST.cast, Math.max(...colour) - Math.min(...colour)) +
    ODDS.contrast * Math.min(MOST.contrast, contrast) +
    ODDS.over * (tone - ring.mean) +
    (ODDS.clear * contrast) / (ring.brightest - ring.darkest + FLOOR.ring) +
    (ODDS.plain * plain) / at.length +
    ODDS.plainArea * Math.log(plain) +
    ODDS.crowd * Math.min(MOST.crowd, crowd) +
    ODDS.lines * Math.min(MOST.lines, lines) +
    ODDS.texture * Math.log(texture + FLOOR.texture)
  );
}
