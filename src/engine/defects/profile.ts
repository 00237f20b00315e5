import { across, type Curve } from './curves.ts';
import { quantile } from './quantile.ts';
import type { Sheet } from './sheet.ts';

/** How far from a line's middle its profile goes, px. */
const REACH = 7;
/** Where its sides are, px. */
const SIDE = 4;

/**
 * How much a line covers at 0 … REACH px from its middle towards one of its sides, by the median along it: 1 = as bright
 * as its brightest, 0 = as the side 4 px away, less than 0 = darker than that.
 */
export function profileOf({ x, width, height }: Sheet, curve: Curve, towards: number): number[] {
  const n = width * height;
  const sides = curve.sides[towards];
  return Array.from({ length: REACH + 1 }, (_, step) => {
    const cover = curve.tone.map((tone, i) => {
      const to = curve.at[i] + across(curve, i, towards === 0 ? -step : step, width);
      return to < 0 || to >= n ? 0 : (x[to] - sides[i]) / (tone - sides[i]);
    });
    return step === SIDE ? 0 : quantile(cover, 0.5);
  });
}

/** How abruptly a profile falls: the most from one pixel to the next; and how far it goes on falling beyond the side. */
export const steepness = (profile: readonly number[]): number =>
  Math.max(...profile.slice(0, SIDE).map((cover, i) => cover - profile[i + 1]));
export const softness = (profile: readonly number[]): number => Math.max(0, -profile[REACH]);
