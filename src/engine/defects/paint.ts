import { quantile } from '../quantile.ts';
import { offTone } from './bulges.ts';
import { across, type Curve } from './curves.ts';
import { RIM, reachOf } from './profile.ts';
import { ORIENTED } from './ridges.ts';
import { castAt, type Sheet } from './sheet.ts';
import type { Speck } from './specks.ts';

/** A speck's rim lies at most so far outside of its upper half, px. */
const SPECK_RIM = 2;

/** How far a line reaches from its middle to either side, px, in the median along it. */
export const reachesOf = (sheet: Sheet, curve: Curve): number[] =>
  [0, 1].map((towards) => reachOf(sheet, curve, towards, RIM));

/** How far the cast of a part of a line is off that of most of it, so that it is the picture's, of the full range. */
const CAST = 0.06;

/**
 * The pixels of a line: as wide as it is, but on neither side wider than `most` px, what the longest of its course are. The picture shines
 * through a fold, so that its cast may be `any`.
 */
export function curvePixels(
  sheet: Sheet,
  curve: Curve,
  most = Number.POSITIVE_INFINITY,
  any = false,
): number[] {
  const { width, height } = sheet;
  const [before, after] = reachesOf(sheet, curve).map((reach) => Math.min(reach, most));
  const pixels = new Set<number>();
  const casts = Float32Array.from(curve.brightest, (at) => castAt(sheet, at));
  const cast = quantile(casts, 0.5);
  curve.at.forEach((at, i) => {
    if (!any && Math.abs(casts[i] - cast) > CAST) return;
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

/** How much of its tone a pixel beside a mark shows, above the middle one of those so near, px, that are free. */
const FRINGE = { cover: 0.15, near: 3, contrast: 0.1 } as const;

/**
 * What a mark reaches beyond its usual width: at crossings, ends and ragged places. What a fill is made from must be free of it.
 * Marks it in `covered`, too.
 *
 * @param covered [height, width] 1 = found already, the pixels of this mark with it
 */
export function fringeOf(
  { x, width, height }: Sheet,
  pixels: readonly number[],
  tone: number,
  covered: Uint8Array,
): number[] {
  const around = [-1, 1, -width, width, -width - 1, -width + 1, width - 1, width + 1];
  const added = new Set<number>();
  for (const from of pixels)
    for (const step of around) {
      const at = from + step;
      if (at < 0 || at >= width * height || covered[at] || added.has(at)) continue;
      const ground = freeGround(x, width, at, covered);
      if (tone - ground < FRINGE.contrast || x[at] > tone) continue;
      if (x[at] >= ground + FRINGE.cover * (tone - ground)) added.add(at);
    }
  for (const at of added) covered[at] = 1;
  return [...added];
}

/**
 * Share of a mark's contrast that a pixel on its rim shows at least, and how many layers are looked at; what is farther off its tone than
 * that and as bright as what it touches is the picture's, up to so many layers.
 */
const TRIM = {
  cover: 0.05,
  layers: 2,
  tone: 0.03,
  alike: 0.02,
  fainter: 0.006,
  darker: 0.1,
  most: 5,
} as const;

/** The pixels of a mark without those on its rim that show nothing of it: what a fill takes away there was the picture's. */
export function trimmed(
  { x, width }: Sheet,
  pixels: readonly number[],
  tone: number,
  core: number,
  covered: Uint8Array,
  isSoft: boolean,
): number[] {
  let kept = pixels.filter((at) => touchesCore(x, width, at, core));
  for (const at of pixels) covered[at] = 0;
  for (const at of kept) covered[at] = 1;
  for (let layer = 0; layer < (isSoft ? TRIM.layers : TRIM.most); layer++) {
    const bare = kept.filter((at) => {
      const beside = [at - 1, at + 1, at - width, at + width].filter((to) => !covered[to]);
      if (beside.length === 0) return false;
      if (
        !isSoft &&
        x[at] < tone - TRIM.tone &&
        beside.some((to) => x[to] >= x[at] - TRIM.fainter && x[to] <= x[at] + TRIM.alike)
      )
        return true;
      if (layer >= TRIM.layers) return false;
      const ground = freeGround(x, width, at, covered);
      return x[at] > ground - TRIM.darker && x[at] < ground + TRIM.cover * (tone - ground);
    });
    if (bare.length === 0) break;
    for (const at of bare) covered[at] = 0;
    kept = kept.filter((at) => covered[at]);
  }
  return kept;
}

function touchesCore(x: Float32Array, width: number, at: number, core: number): boolean {
  for (let row = at - width; row <= at + width; row += width)
    for (let to = row - 1; to <= row + 1; to++) if (x[to] >= core) return true;
  return false;
}

function freeGround(x: Float32Array, width: number, at: number, covered: Uint8Array): number {
  const free: number[] = [];
  for (let dy = -FRINGE.near; dy <= FRINGE.near; dy++)
    for (let dx = -FRINGE.near; dx <= FRINGE.near; dx++) {
      const to = at + dy * width + dx;
      if (!covered[to] && to !== at) free.push(x[to]);
    }
  return free.length > 0 ? quantile(Float32Array.from(free), 0.5) : x[at];
}

/** A line that reaches this far from its middle on both sides together, px, is at its full tone all along. */
const WIDE = 2;

/** How bright the core of a line is, which all of its pixels touch; −∞ where it is too thin to have one everywhere. */
export function coreOf(sheet: Sheet, curve: Curve): number {
  const [before, after] = reachesOf(sheet, curve);
  return before + after >= WIDE ? curve.middleTone - offTone(curve.tone) : Number.NEGATIVE_INFINITY;
}
