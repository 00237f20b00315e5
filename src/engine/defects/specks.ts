import type { Pieces } from '../turns.ts';
import type { Sheet } from './sheet.ts';

/** A compact spot, brighter than all around it. */
export interface Speck {
  /** Its pixels above half of its height, as indices. */
  readonly at: Int32Array;
  /** Its brightest pixel. */
  readonly peak: number;
  readonly tone: number;
  /** What lies around it. */
  readonly ring: { readonly radius: number; readonly darkest: number; readonly brightest: number; readonly mean: number };
}

/** Radii of the rings around a spot, px: a spot lies well inside the smallest that it does not touch. */
const RINGS = [3, 5, 7].map((radius) => ({
  radius,
  steps: Array.from({ length: 16 }, (_, k) => {
    const angle = (Math.PI * k) / 8;
    return [Math.round(radius * Math.cos(angle)), Math.round(radius * Math.sin(angle))] as const;
  }),
}));
const BORDER = RINGS[RINGS.length - 1].radius + 1;

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

function speckAt(x: Float32Array, width: number, peak: number, rings: readonly Ring[], least: number): Speck | null {
  for (const { radius, steps } of rings) {
    let darkest = Number.POSITIVE_INFINITY;
    let brightest = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let i = 0; i < steps.length; i++) {
      const value = x[peak + steps[i]];
      darkest = Math.min(darkest, value);
      brightest = Math.max(brightest, value);
      if (!(x[peak] - brightest >= least)) break;
      sum += value;
    }
    if (!(x[peak] - brightest >= least)) continue;
    const at = flooded(x, width, peak, (x[peak] + brightest) / 2, radius);
    if (at) return { at, peak, tone: x[peak], ring: { radius, darkest, brightest, mean: sum / steps.length } };
  }
  return null;
}

/** Pixels above a level that hang together with one, or null where they reach as far as the ring. */
function flooded(x: Float32Array, width: number, start: number, level: number, radius: number): Int32Array | null {
  const found = [start];
  const seen = new Set(found);
  const [cx, cy] = [start % width, Math.floor(start / width)];
  for (let i = 0; i < found.length; i++)
    for (const step of [-1, 1, -width, width]) {
      const next = found[i] + step;
      if (seen.has(next) || !(x[next] >= level)) continue;
      if (Math.max(Math.abs((next % width) - cx), Math.abs(Math.floor(next / width) - cy)) >= radius) return null;
      seen.add(next);
      found.push(next);
    }
  return Int32Array.from(found);
}
