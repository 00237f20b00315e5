import { type AxisTable, applyTables, clampIndex } from '../image/axis-table.ts';
import type { Size } from '../image/box.ts';
import { smoothed } from '../image/box-means.ts';
import type { Picture } from '../image/picture.ts';
import type { Pieces } from '../time-slicing.ts';

/** Pixels around one that tell which way its edges go: a box twice. */
const REACH = 1;
/** How far along an edge is averaged: standard deviation and end, in px of the picture; and how many samples of each px at most. */
const ALONG = { sigma: 1.5, reach: 3, samples: 2 } as const;
/** Ways that are told apart in half a turn. */
const WAYS = 64;
/**
 * How much a corner, where edges go two ways, is spared: the power of what one way has more than the other. Of text, a logo and
 * icons 2 costs up to 0.3 dB of what 6 has.
 */
const SPARED = 6;
/** Less surely than this edges go no way. */
const NO_WAY = 0.02;

/** The picture's structure tensor, three planes [height, width]: xx, xy and yy of its differences, summed over all channels. */
export function* tensorsOf({ width, height, channels, colour }: Picture): Pieces<Float32Array[]> {
  const n = width * height;
  const [xx, xy, yy] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)];
  for (let y = 0, i = 0; y < height; y++) {
    yield;
    for (let x = 0; x < width; x++, i++) {
      const [left, right] = [Math.max(0, x - 1), Math.min(width - 1, x + 1)];
      const [up, down] = [Math.max(0, y - 1) * width, Math.min(height - 1, y + 1) * width];
      for (let at = 0; at < channels * n; at += n) {
        const of = (u: number, row: number) => colour[at + row + u];
        const [falling, rising] = [of(right, down) - of(left, up), of(right, up) - of(left, down)];
        const dx = 10 * (of(right, y * width) - of(left, y * width)) + 3 * (falling + rising);
        const dy = 10 * (of(x, down) - of(x, up)) + 3 * (falling - rising);
        xx[i] += dx * dx;
        xy[i] += dx * dy;
        yy[i] += dy * dy;
      }
    }
  }
  const tensors: Float32Array[] = [];
  for (const plane of [xx, xy, yy]) {
    const once = yield* smoothed(plane, width, height, REACH);
    tensors.push(yield* smoothed(once, width, height, REACH));
  }
  return tensors;
}

/** Which way edges go at each sample of an enlargement, and the means along them. */
export interface Ways extends Size {
  /** [height, width] which of the means goes along them. */
  readonly way: Uint8Array;
  /** [height, width] 0 … 1: how surely. */
  readonly sure: Float32Array;
  readonly means: readonly Mean[];
}

/** Samples away from one, and their weights, whose sum is 1. */
interface Mean {
  readonly dx: Int32Array;
  readonly dy: Int32Array;
  readonly weights: Float32Array;
}

/** By the tables that make samples of the picture's pixels. */
export function waysOf(tensors: readonly Float32Array[], rows: AxisTable, cols: AxisTable): Ways {
  const [xx, xy, yy] = tensors.map((plane) => applyTables(plane, 1, rows, cols));
  const n = xx.length;
  const [way, sure] = [new Uint8Array(n), new Float32Array(n)];
  for (let i = 0; i < n; i++) {
    const sum = xx[i] + yy[i];
    if (sum < 1e-6) continue;
    const [even, odd] = [xx[i] - yy[i], 2 * xy[i]];
    sure[i] = (Math.hypot(even, odd) / sum) ** SPARED;
    if (sure[i] < NO_WAY) sure[i] = 0;
    // Half the argument goes across edges; along them a quarter of a turn more.
    way[i] = Math.round((Math.atan2(odd, even) / (2 * Math.PI) + 0.5) * WAYS) % WAYS;
  }
  const scale = rows.outputs / rows.inputs;
  const means = Array.from({ length: WAYS }, (_, k) => meanAlong((k / WAYS) * Math.PI, scale));
  return { way, sure, means, width: cols.outputs, height: rows.outputs };
}

/** One sample a step along the axis that is nearer to the angle, made of two across it. */
function meanAlong(angle: number, scale: number): Mean {
  const [x, y] = [Math.cos(angle), Math.sin(angle)];
  const steep = Math.abs(y) > Math.abs(x);
  const [slope, unit] = [steep ? x / y : y / x, Math.max(Math.abs(x), Math.abs(y))];
  const step = Math.max(1, Math.floor(scale / ALONG.samples));
  const most = Math.floor((ALONG.reach * scale * unit) / step);
  const [major, minor, weights] = [[] as number[], [] as number[], [] as number[]];
  for (let s = -most; s <= most; s++) {
    const far = s * step;
    const weight = Math.exp(-0.5 * (far / unit / scale / ALONG.sigma) ** 2);
    const low = Math.floor(far * slope);
    const part = far * slope - low;
    for (const [at, share] of [
      [low, 1 - part],
      [low + 1, part],
    ]) {
      if (share === 0) continue;
      major.push(far);
      minor.push(at);
      weights.push(weight * share);
    }
  }
  const sum = weights.reduce((a, b) => a + b);
  const [dx, dy] = steep ? [minor, major] : [major, minor];
  return {
    dx: Int32Array.from(dx),
    dy: Int32Array.from(dy),
    weights: Float32Array.from(weights, (w) => w / sum),
  };
}

/**
 * The plane averaged along its edges at some of its samples: how dark and how wide a slanted line comes out of its pixels
 * depends on where it lies between them, which changes along it.
 */
export function alongEdges(
  plane: Float32Array,
  at: Int32Array,
  { way, sure, means, width, height }: Ways,
): Float32Array {
  const out = plane.slice();
  for (const i of at) {
    const { dx, dy, weights } = means[way[i]];
    const [x, y] = [i % width, Math.floor(i / width)];
    let sum = 0;
    for (let t = 0; t < weights.length; t++)
      sum += weights[t] * plane[clampIndex(y + dy[t], height) * width + clampIndex(x + dx[t], width)];
    out[i] += sure[i] * (sum - plane[i]);
  }
  return out;
}
