import type { Pieces } from '../time-slicing.ts';
import { continues, endsOf } from './continuation.ts';
import { type Curve, curvesOf } from './curves.ts';
import { findRidges } from './ridges.ts';
import type { Sheet } from './sheet.ts';

/** A line that is damage, and the number of its course. */
interface Followed {
  readonly curve: Curve;
  readonly course: number;
}

/** What goes on with a line that is known: by how much it stands out at least, of the full range; its length, px; its tone; and how far away it begins, px. */
const FAINT = { rise: 0.025, length: 7, tone: 0.04, gap: 30 } as const;
/** How often the ends of what was found are followed once more. */
const ROUNDS = 8;

/**
 * The pieces of damaged lines that are too faint to be found by themselves, where the picture is nearly as bright, or too
 * short: of the same tone, and end to end with what is known.
 *
 * @param covered [height, width] 1 = found already
 */
export function* follow(
  sheet: Sheet,
  known: readonly Followed[],
  covered: Uint8Array,
): Pieces<readonly Followed[]> {
  const { x, width } = sheet;
  const { rise, orientation } = yield* findRidges(sheet, FAINT.rise);
  const near = (value: number) =>
    known.some(({ curve }) => Math.abs(curve.middleTone - value) <= 2 * FAINT.tone);
  const isNear = Array.from({ length: 256 }, (_, level) => near(level / 255));
  for (let at = 0; at < rise.length; at++)
    if (rise[at] > 0 && (covered[at] || !isNear[Math.min(255, Math.round(255 * x[at]))])) rise[at] = 0;
  const curves = yield* curvesOf(sheet, { rise, orientation }, FAINT.length);
  const open = curves.map((curve) => ({ curve, ends: endsOf(curve, width) }));
  const found: Followed[] = [];
  let last = known.map(({ curve, course }) => ({ curve, course, ends: endsOf(curve, width) }));
  const taken = new Set<Curve>();
  for (let round = 0; round < ROUNDS && last.length > 0; round++) {
    const next: typeof last = [];
    for (const { curve, ends } of open) {
      if (taken.has(curve)) continue;
      const before = last.find(
        (one) =>
          Math.abs(one.curve.middleTone - curve.middleTone) <= FAINT.tone &&
          continues(one.ends, ends, FAINT.gap),
      );
      if (!before) continue;
      taken.add(curve);
      next.push({ curve, ends, course: before.course });
    }
    for (const { curve, course } of next) found.push({ curve, course });
    last = next;
    yield;
  }
  return found;
}
