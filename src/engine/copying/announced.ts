import { placesOf } from '../image/binary-plane.ts';
import { interpolatedEach } from '../image/interpolate.ts';
import type { Pieces } from '../time-slicing.ts';
import type { Level } from './level.ts';

/** Kinds of surroundings that a hole's rim is told into, at most, and the rounds that settle them. */
const KINDS = 8;
const ROUNDS = 6;
/** What counts as alike: tones of 0 … 255, and the logarithm of squared changes. */
const ALIKE = { tone: 14, texture: 0.7 } as const;
/** Sides that a rim is told into by their direction from its middle. */
const SIDES = 8;
/** How likely what the rim does not announce is, at most. */
const RARE = 1e-3;
/** By how much a kind is made likelier or less likely at once, at most, and the share that none falls below in the reckoning. */
const EVENED = { most: 4, least: 0.005 } as const;

/** What lies around a hole, and how like it each place of the picture is. */
export interface Announced {
  readonly kinds: number;
  /** [height, width, kinds] how much of a place's surroundings is of each kind: the nearer the rim, the more it counts; sums to 1. */
  readonly near: Float32Array;
  /** [height, width, kinds] how like each kind what lies around a place is, 0 … 1. */
  readonly like: Float32Array;
  /** How differently the rim looks on its sides: the variance of their means, in what counts as alike. */
  readonly apart: number;
}

/**
 * How likely each place of the picture is to go on in each place of a hole, told by the kinds of tones and textures next to the
 * hole: where sky and tower meet, either is likely, and what is a mean of both is not, nor an eye that the rim shows little of.
 *
 * @param tones [height, width, channels] the picture from afar.
 * @param textures [height, width] how strong its texture is, from as far.
 */
export function* announcedBy(level: Level, tones: Float32Array, textures: Float32Array): Pieces<Announced> {
  const { width, height, channels, hole } = level;
  const n = width * height;
  const known = hole.map((h) => 1 - h);
  const depth = channels + 1;
  const places = new Float32Array(n * depth);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < channels; c++) places[i * depth + c] = tones[i * channels + c] / ALIKE.tone;
    places[i * depth + channels] = textures[i] / ALIKE.texture;
  }
  const rim = placesOf(known).filter((i) => isNextTo(hole, i, width, n));
  const middles = yield* middlesOf(places, depth, rim);
  const kinds = middles.length / depth;
  const like = new Float32Array(n * kinds);
  const own = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (i % 4096 === 0) yield;
    own[i] = nearestOf(middles, places, depth, i);
    for (let k = 0; k < kinds; k++)
      like[i * kinds + k] = Math.exp(-squareBetween(middles, k, places, depth, i) / 2);
  }
  const are = Array.from({ length: kinds }, (_, k) => Float32Array.from(own, (kind) => (kind === k ? 1 : 0)));
  const shares = yield* interpolatedEach(are, known, width, height, 'membrane');
  const near = Float32Array.from(like, (_, at) => Math.max(0, shares[at % kinds][Math.floor(at / kinds)]));
  return { kinds, near, like, apart: apartOf(places, depth, rim, width) };
}

/** How unlikely it is that a place of the hole goes on as one of the picture does: 0 … −log RARE. */
export function surpriseAt({ kinds, near, like }: Announced, to: number, from: number): number {
  let likely = RARE;
  for (let k = 0, a = to * kinds, b = from * kinds; k < kinds; k++, a++, b++) likely += near[a] * like[b];
  return -Math.log(Math.min(1, likely));
}

/**
 * The same with kinds likelier of which less was copied into the hole than was announced: the likeliest copy of each place is of the
 * commonest kind around, so that all of them together are calmer than what they stand for.
 *
 * @param from where each place of the hole was copied from.
 */
export function evened(announced: Announced, hole: Uint8Array, from: (i: number) => number): Announced {
  const { kinds, near, like, apart } = announced;
  const places = placesOf(hole);
  const factors = Array.from({ length: kinds }, (_, k) => {
    let [wanted, got] = [0, 0];
    for (const i of places) {
      const at = from(i) * kinds;
      wanted += near[i * kinds + k];
      got += like[at + k] / (RARE + sumOf(like, at, kinds));
    }
    const none = EVENED.least * places.length;
    return Math.min(EVENED.most, Math.max(1 / EVENED.most, (wanted + none) / (got + none)));
  });
  const shares = near.slice();
  for (const i of places) {
    for (let k = 0; k < kinds; k++) shares[i * kinds + k] *= factors[k];
    const all = Math.max(1e-9, sumOf(shares, i * kinds, kinds));
    for (let k = 0; k < kinds; k++) shares[i * kinds + k] /= all;
  }
  return { kinds, near: shares, like, apart };
}

function apartOf(places: Float32Array, depth: number, rim: readonly number[], width: number): number {
  const [column, row] = [(i: number) => i % width, (i: number) => Math.floor(i / width)];
  const [x, y] = [meanOf(rim, column), meanOf(rim, row)];
  const [w, h] = [meanOf(rim, (i) => (column(i) - x) ** 2), meanOf(rim, (i) => (row(i) - y) ** 2)].map(
    Math.sqrt,
  );
  const sides = Array.from({ length: SIDES }, (): number[] => []);
  for (const i of rim) {
    const turn = Math.atan2((row(i) - y) / (h || 1), (column(i) - x) / (w || 1)) / (2 * Math.PI) + 0.5;
    sides[Math.floor(SIDES * turn) % SIDES].push(i);
  }
  const seen = sides.filter((side) => side.length > 0);
  let apart = 0;
  for (let d = 0; d < depth; d++) {
    const means = seen.map((side) => meanOf(side, (i) => places[i * depth + d]));
    apart +=
      meanOf([...means.keys()], (k) => means[k] ** 2) - meanOf([...means.keys()], (k) => means[k]) ** 2;
  }
  return apart;
}

function sumOf(values: Float32Array, from: number, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += values[from + k];
  return sum;
}

const isNextTo = (hole: Uint8Array, i: number, width: number, n: number): boolean =>
  (i % width > 0 && hole[i - 1] === 1) ||
  ((i + 1) % width > 0 && hole[i + 1] === 1) ||
  (i >= width && hole[i - width] === 1) ||
  (i + width < n && hole[i + width] === 1);

/** The middles of the kinds, `depth` numbers each: the first is the rim's mean, each more the place least like all before, then settled. */
function* middlesOf(places: Float32Array, depth: number, rim: readonly number[]): Pieces<number[]> {
  const middles = Array.from({ length: depth }, (_, d) => meanOf(rim, (i) => places[i * depth + d]));
  const far = (i: number) => squareBetween(middles, nearestOf(middles, places, depth, i), places, depth, i);
  while (middles.length < KINDS * depth) {
    const [farthest, square] = rim.reduce<readonly [number, number]>(
      (most, i) => (far(i) > most[1] ? [i, far(i)] : most),
      [-1, 1],
    );
    if (square <= 1) break;
    middles.push(...places.subarray(farthest * depth, (farthest + 1) * depth));
  }
  for (let round = 0; round < ROUNDS; round++) {
    yield;
    const kinds = rim.map((i) => nearestOf(middles, places, depth, i));
    for (let k = 0; k < middles.length / depth; k++) {
      const own = rim.filter((_, r) => kinds[r] === k);
      for (let d = 0; own.length > 0 && d < depth; d++)
        middles[k * depth + d] = meanOf(own, (i) => places[i * depth + d]);
    }
  }
  return middles;
}

const meanOf = (list: readonly number[], value: (i: number) => number): number =>
  list.reduce((sum, i) => sum + value(i), 0) / Math.max(1, list.length);

function squareBetween(
  middles: readonly number[],
  k: number,
  places: Float32Array,
  depth: number,
  i: number,
): number {
  let sum = 0;
  for (let d = 0; d < depth; d++) sum += (places[i * depth + d] - middles[k * depth + d]) ** 2;
  return sum;
}

function nearestOf(middles: readonly number[], places: Float32Array, depth: number, i: number): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let k = 0; k < middles.length / depth; k++) {
    const square = squareBetween(middles, k, places, depth, i);
    if (square < least) [best, least] = [k, square];
  }
  return best;
}
