import type { Pieces } from '../time-slicing.ts';
import type { Sheet } from './sheet.ts';

/** A compact spot, brighter than all around it. */
export interface Speck {
  /** Its pixels above half of its height, as indices. */
  readonly at: Int32Array;
  /** Its brightest pixel. */
  readonly peak: number;
  readonly tone: number;
  /** What lies around it. */
  readonly ring: {
    readonly radius: number;
    readonly darkest: number;
    readonly brightest: number;
    readonly mean: number;
  };
}

/** Radii of the rings around a spot, px: a spot lies well inside the smallest that it does not touch. */
const RINGS = [3, 5, 7].map((radius) => ({
  radius,
  steps: Array.from({ length: 16 }, (_, k) => {
    const angle = (Math.PI * k) / 8;
    return [Math.round(radius * Math.cos(angle)), Math.round(radius * Math.sin(angle))] as const;
  }),
}));
/** What is as bright as a peak, of the full range. */
const PLATEAU = 0.02;
const BORDER = 2 * RINGS[RINGS.length - 1].radius + 1;

/**
 * Spots of up to 9 px across, brighter than the brightest of a ring around them: no line and no edge runs through.
 *
 * @param least by how much they stand out at least
 */
export function* findSpecks({ x, width, height }: Sheet, least: number): Pieces<Speck[]> {
  const specks: Speck[] = [];
  const taken = new Uint8Array(x.length);
  const rings = RINGS.map(({ radius, steps }) => ({
    radius,
    steps: Int32Array.from(steps, ([dx, dy]) => dy * width + dx),
  }));
  for (let row = BORDER; row + BORDER < height; row++) {
    for (let column = BORDER; column + BORDER < width; column++) {
      const at = row * width + column;
      if (taken[at] || !isPeak(x, at, width)) continue;
      const speck = speckAt(x, width, at, rings, least);
      if (!speck) continue;
      for (const i of speck.at) taken[i] = 1;
      specks.push(speck);
    }
    yield;
  }
  return specks;
}

/** Whether no pixel around is brighter. */
function isPeak(x: Float32Array, at: number, width: number): boolean {
  for (let row = at - width; row <= at + width; row += width)
    for (let to = row - 1; to <= row + 1; to++) if (!(x[to] <= x[at])) return false;
  return true;
}

interface Ring {
  readonly radius: number;
  readonly steps: Int32Array;
}

function speckAt(
  x: Float32Array,
  width: number,
  peak: number,
  rings: readonly Ring[],
  least: number,
): Speck | null {
  const found = ringed(x, width, peak, peak, rings, least);
  if (found) return found;
  // Of a large speck the peak is the first pixel: well outside of it there is a ring all the same.
  const { steps } = rings[rings.length - 1];
  for (let i = 0; i < steps.length; i += 2) if (!(x[peak] - x[peak + 2 * steps[i]] >= least)) return null;
  const centre = middleOf(x, width, peak, x[peak] - PLATEAU);
  return centre < 0 || centre === peak ? null : ringed(x, width, peak, centre, rings, least);
}

/** The speck of a peak inside the smallest ring around some centre that it does not touch. */
function ringed(
  x: Float32Array,
  width: number,
  peak: number,
  centre: number,
  rings: readonly Ring[],
  least: number,
): Speck | null {
  const tone = x[peak];
  for (const { radius, steps } of rings) {
    let darkest = Number.POSITIVE_INFINITY;
    let brightest = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let i = 0; i < steps.length; i++) {
      const value = x[centre + steps[i]];
      darkest = Math.min(darkest, value);
      brightest = Math.max(brightest, value);
      if (!(tone - brightest >= least)) break;
      sum += value;
    }
    if (!(tone - brightest >= least)) continue;
    const at = flooded(x, width, peak, (tone + brightest) / 2, centre, radius);
    if (at) return { at, peak, tone, ring: { radius, darkest, brightest, mean: sum / steps.length } };
  }
  return null;
}

/** The middle of what is as bright as a peak around it: the peak is only the first such pixel. -1 where that is no speck. */
function middleOf(x: Float32Array, width: number, peak: number, level: number): number {
  // Most peaks stand alone.
  if (!(x[peak + 1] >= level || x[peak + width] >= level || x[peak - 1] >= level)) return peak;
  const plateau = flooded(x, width, peak, level, peak, BORDER);
  if (!plateau) return -1;
  let [sx, sy] = [0, 0];
  for (const at of plateau) {
    sx += at % width;
    sy += Math.floor(at / width);
  }
  const n = plateau.length;
  const [row, column] = [Math.round(sy / n), Math.round(sx / n)];
  const inside =
    row >= BORDER && column >= BORDER && column + BORDER < width && (row + BORDER) * width < x.length;
  return inside ? row * width + column : -1;
}

/** Pixels above a level that hang together with one, or null where they reach a square of some radius around `centre`. */
function flooded(
  x: Float32Array,
  width: number,
  start: number,
  level: number,
  centre: number,
  radius: number,
): Int32Array | null {
  const found = [start];
  const side = 2 * radius + 1;
  const corner = centre - radius * width - radius;
  const seen = new Uint8Array(side * side);
  for (let i = 0; i < found.length; i++)
    for (let k = 0; k < 4; k++) {
      const next = found[i] + (k < 2 ? 2 * k - 1 : (2 * k - 5) * width);
      if (!(x[next] >= level)) continue;
      // The foot of a brighter one, which would be lost with it.
      if (x[next] > x[start] + PLATEAU) return null;
      const row = Math.floor((next - corner) / width);
      const column = next - corner - row * width;
      if (row <= 0 || column <= 0 || row >= side - 1 || column >= side - 1) return null;
      if (seen[row * side + column]) continue;
      seen[row * side + column] = 1;
      found.push(next);
    }
  return Int32Array.from(found);
}
