import { across, type Curve } from './curves.ts';
import { profileOf } from './profile.ts';
import { ORIENTED } from './ridges.ts';
import type { Sheet } from './sheet.ts';
import type { Speck } from './specks.ts';

/** Share of its contrast down to which a pixel is part of a mark. */
const RIM = 0.12;
/** A speck's rim lies at most so far outside of its upper half, px. */
const SPECK_RIM = 2;

/** The pixels of a line, as wide as it is in the median on either side of its middle. */
export function curvePixels(sheet: Sheet, curve: Curve): number[] {
  const { width, height } = sheet;
  const [before, after] = [0, 1].map(
    (towards) => profileOf(sheet, curve, towards).findIndex((cover) => !(cover > RIM)) - 1,
  );
  const pixels = new Set<number>();
  curve.at.forEach((at, i) => {
    const { along } = ORIENTED[curve.orientation[i]];
    // Three in a row, so that rounded steps across leave no gap.
    for (const [dx, dy] of along.slice(2, -2))
      for (let step = -before; step <= after; step++) {
        const to = at + dy * width + dx + across(curve, i, step, width);
        if (to >= 0 && to < width * height) pixels.add(to);
      }
  });
  return [...pixels];
}

/** The pixels of a speck, down to its rim. */
export function speckPixels({ x, width }: Sheet, { at, tone, ring }: Speck): number[] {
  const least = ring.mean + RIM * (tone - ring.mean);
  const pixels = new Set(at);
  let front = [...at];
  for (let step = 0; step < SPECK_RIM; step++) {
    const next: number[] = [];
    for (const i of front)
      for (const to of [i - 1, i + 1, i - width, i + width])
        if (!pixels.has(to) && x[to] > least) {
          pixels.add(to);
          next.push(to);
        }
    front = next;
  }
  return [...pixels];
}
