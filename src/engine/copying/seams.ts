import type { Pieces } from '../time-slicing.ts';
import { type Labels, neighbourOf } from './labelling.ts';
import type { Level } from './level.ts';
import { SLOTS } from './max-flow.ts';
import { type Offset, placeOf } from './offsets.ts';

/** How strongly the copied colour is held to against what neighbours ask for: an error dies out over 1 / √ of this, px. */
const HOLD = 1 / 8 ** 2;
const ITERATIONS = 120;
const TOLERANCE = 1e-3;

/**
 * [channels, height, width] the picture with its hole copied by the labels, and, if asked for, its seams blended: the colours whose changes
 * from pixel to pixel are those of what was copied, or their mean where two copies meet, and that join what is known (Pérez,
 * Gangnet & Blake, SIGGRAPH 2003), by conjugate gradients.
 */
export function* copied(
  level: Level,
  offsets: readonly Offset[],
  labels: Labels,
  blending: boolean,
): Pieces<Float32Array> {
  const { width, height, channels, hole, colour } = level;
  const n = width * height;
  const from = (i: number, label: number) =>
    placeOf(offsets[label], i % width, Math.floor(i / width), width, height);
  const { pixels, node, neighbours } = nodesOf(level);
  yield;
  const out = colour.slice();
  for (let c = 0; c < channels; c++) {
    const plane = colour.subarray(c * n, (c + 1) * n);
    const filled = out.subarray(c * n, (c + 1) * n);
    for (const i of pixels) filled[i] = plane[Math.max(0, from(i, labels[i]))];
    yield;
    if (!blending) continue;
    const change = (i: number, j: number) => {
      let [sum, parts] = [0, 0];
      for (const label of hole[j] ? [labels[i], labels[j]] : [labels[i]]) {
        const [a, b] = [from(i, label), from(j, label)];
        if (a < 0 || b < 0) continue;
        sum += plane[a] - plane[b];
        parts++;
      }
      return parts > 0 ? sum / parts : undefined;
    };
    // What the copies' changes ask for beyond those that copying alone has.
    const asked = Float64Array.from(pixels, (i, p) => {
      let beyond = 0;
      for (let k = 0; k < SLOTS; k++) {
        const j = neighbours[SLOTS * p + k];
        if (j < 0 || (hole[j] && labels[j] === labels[i])) continue;
        const wanted = change(i, j);
        if (wanted !== undefined) beyond += wanted - (filled[i] - filled[j]);
      }
      return beyond;
    });
    const correction = yield* solved(asked, neighbours, node);
    pixels.forEach((i, p) => {
      filled[i] = Math.min(1, Math.max(0, filled[i] + correction[p]));
    });
  }
  return out;
}

/** The hole's pixels, which of them each pixel is (−1 = none), and the neighbours of each of them. */
function nodesOf({ width, height, hole }: Level) {
  const pixels: number[] = [];
  const node = new Int32Array(hole.length).fill(-1);
  hole.forEach((h, i) => {
    if (!h) return;
    node[i] = pixels.length;
    pixels.push(i);
  });
  const neighbours = new Int32Array(SLOTS * pixels.length).fill(-1);
  pixels.forEach((i, p) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let k = 0; k < SLOTS; k++) neighbours[SLOTS * p + k] = neighbourOf(i, x, y, k, width, height);
  });
  return { pixels, node, neighbours };
}

/** x with (H − Δ) x = b over the hole's pixels, 0 around them. */
function* solved(b: Float64Array, neighbours: Int32Array, node: Int32Array): Pieces<Float64Array> {
  const count = b.length;
  const apply = (x: Float64Array, out: Float64Array) => {
    for (let p = 0; p < count; p++) {
      let sum = HOLD * x[p];
      for (let k = 0; k < SLOTS; k++) {
        const j = neighbours[SLOTS * p + k];
        if (j < 0) continue;
        sum += x[p];
        if (node[j] >= 0) sum -= x[node[j]];
      }
      out[p] = sum;
    }
  };
  const dot = (u: Float64Array, v: Float64Array) => {
    let sum = 0;
    for (let p = 0; p < count; p++) sum += u[p] * v[p];
    return sum;
  };
  const [x, image] = [new Float64Array(count), new Float64Array(count)];
  const residual = b.slice();
  const direction = b.slice();
  const first = dot(residual, residual);
  let rest = first;
  for (let k = 0; k < ITERATIONS && rest > TOLERANCE ** 2 * first; k++) {
    apply(direction, image);
    const step = rest / dot(direction, image);
    for (let p = 0; p < count; p++) {
      x[p] += step * direction[p];
      residual[p] -= step * image[p];
    }
    const now = dot(residual, residual);
    for (let p = 0; p < count; p++) direction[p] = residual[p] + (now / rest) * direction[p];
    rest = now;
    yield;
  }
  return x;
}
