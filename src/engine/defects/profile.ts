import { quantile } from '../quantile.ts';
import { across, type Curve } from './curves.ts';
import type { Sheet } from './sheet.ts';

/** How far from a line's middle its profile goes, px. */
const REACH = 7;
/** Where its sides are, px. */
const SIDE = 4;

/**
 * How much a line covers at 0 … REACH px from its middle towards one of its sides, by the median along it: 1 = as bright
 * as its brightest, 0 = as the side 4 px away, less than 0 = darker than that.
 *
 * @param places indices of the line's pixels that are looked at; all of them where that is left out
 */
export function profileOf(
  { x, width, height }: Sheet,
  curve: Curve,
  towards: number,
  places: ArrayLike<number> = curve.at.map((_, i) => i),
): number[] {
  const n = width * height;
  const sides = curve.sides[towards];
  return Array.from({ length: REACH + 1 }, (_, step) => {
    const cover = Float32Array.from(places, (i) => {
      const to = curve.at[i] + across(curve, i, towards === 0 ? -step : step, width);
      return to < 0 || to >= n ? 0 : (x[to] - sides[i]) / (curve.tone[i] - sides[i]);
    });
    return step === SIDE ? 0 : quantile(cover, 0.5);
  });
}

/** Share of its contrast down to which a pixel is part of a mark. */
export const RIM = 0.12;

/** By how much a line stands out, of the full range, where its width is seen; and share of it that does, so that it tells. */
const SEEN = { contrast: 0.1, share: 0.2 } as const;

/** How far a line reaches from its middle towards one of its sides, px: down to `rim` of its contrast, where it has enough of that. */
export function reachOf(sheet: Sheet, curve: Curve, towards: number, rim: number): number {
  const places = [...curve.tone.keys()].filter(
    (i) => curve.tone[i] - curve.sides[towards][i] > SEEN.contrast,
  );
  const enough = places.length >= SEEN.share * curve.tone.length ? places : undefined;
  return profileOf(sheet, curve, towards, enough).findIndex((cover) => !(cover > rim)) - 1;
}

/** How abruptly a profile falls: the most from one pixel to the next; and how far it goes on falling beyond the side. */
export const steepness = (profile: readonly number[]): number =>
  Math.max(...profile.slice(0, SIDE).map((cover, i) => cover - profile[i + 1]));
export const softness = (profile: readonly number[]): number => Math.max(0, -profile[REACH]);
