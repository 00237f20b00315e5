import { type IsOver, never } from '../stopping/pace.ts';
import { inStretches, mapped, type Pieces } from '../time-slicing.ts';
import { type Box, cutPlane, growBox } from './box.ts';
import { distancesTo } from './distance.ts';
import { interpolatedEach } from './interpolate.ts';
import type { Picture } from './picture.ts';

/** A pixel's surroundings reach this many times as far as its nearest known pixel, and LEAST_REACH px farther. */
const REACH = 1.5;
const LEAST_REACH = 4;
/** Ratio of one square's size to the next smaller one's: below REACH, so that each has something known in it. */
const STEP = Math.SQRT2;

/** The range of one plane's known values around each unknown pixel; 0 … 0 at known ones. */
interface Range {
  /** [height, width] each */
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** How far what counts as a pixel's surroundings reaches, px, by its distance from what is known. */
export const reachOf = (distance: number): number => REACH * distance + LEAST_REACH;

/**
 * The least and the greatest known value around pixels of a plane [height, width]: in squares of growing size, interpolated
 * between the two sizes next to a pixel's reach, so that the range has no steps. Nothing known: all of 0 … 1.
 *
 * @param reach [height, width] px; 0 = not asked for, and 0 … 0.
 */
export function* rangeAround(
  plane: Float32Array,
  known: Uint8Array,
  reach: Float32Array,
  width: number,
  height: number,
): Pieces<Range> {
  const [low, high] = [new Float32Array(plane.length), new Float32Array(plane.length)];
  const farthest = greatest(reach);
  if (farthest === Number.POSITIVE_INFINITY) return { low, high: high.fill(1) };
  for (let radius = LEAST_REACH; radius < STEP * farthest; radius *= STEP) {
    const least = yield* extremes(plane, known, width, height, Math.round(radius), -1);
    const greatest = yield* extremes(plane, known, width, height, Math.round(radius), 1);
    yield* inStretches(reach.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const share = reach[i] > 0 ? 1 - Math.abs(Math.log2(reach[i] / radius) / Math.log2(STEP)) : 0;
        if (share <= 0) continue;
        low[i] += share * least[i];
        high[i] += share * greatest[i];
      }
    });
  }
  return { low, high };
}

function greatest(plane: Float32Array): number {
  let most = 0;
  for (let i = 0; i < plane.length; i++) most = Math.max(most, plane[i]);
  return most;
}

/** Side of a piece, px, and how often it is as long as what is looked at around it reaches. */
const PIECE = { side: 128, reaches: 3 } as const;

/** A box with something that is asked for, and the one around it that tells its ranges. */
interface Piece {
  readonly box: Box;
  readonly around: Box;
}

/** The box in pieces, but for those where no reach is asked for: halved until they are long beside their reach. */
export function* piecesOf(box: Box, reach: Float32Array, width: number, height: number): Generator<Piece> {
  const farthest = greatest(cutPlane(reach, width, box));
  if (farthest === 0) return;
  const long = box.width >= box.height;
  const side = long ? box.width : box.height;
  if (side <= Math.max(PIECE.side, PIECE.reaches * farthest)) {
    yield { box, around: growBox(box, Math.ceil(STEP * farthest), width, height) };
    return;
  }
  const half = side >> 1;
  const [first, rest] = long
    ? [
        { ...box, width: half },
        { ...box, x: box.x + half, width: side - half },
      ]
    : [
        { ...box, height: half },
        { ...box, y: box.y + half, height: side - half },
      ];
  yield* piecesOf(first, reach, width, height);
  yield* piecesOf(rest, reach, width, height);
}

/** Rows or columns between two turns. */
const LINES = 32;

/** The greatest (sign 1) or least (−1) known value in the square of ± radius about each pixel; ∓∞ where none is. */
function* extremes(
  plane: Float32Array,
  known: Uint8Array,
  width: number,
  height: number,
  radius: number,
  sign: 1 | -1,
): Pieces<Float32Array> {
  const signed = yield* mapped(plane, (value, i) => (known[i] ? sign * value : Number.NEGATIVE_INFINITY));
  const room = 2 * (Math.max(width, height) + 4 * radius + 1);
  const scratch = new Float32Array(room);
  yield* inStretches(
    height,
    (from, to) => {
      for (let y = from; y < to; y++) slideMaximum(signed, y * width, 1, width, radius, scratch);
    },
    LINES,
  );
  yield* inStretches(
    width,
    (from, to) => {
      for (let x = from; x < to; x++) slideMaximum(signed, x, width, height, radius, scratch);
    },
    LINES,
  );
  return yield* mapped(signed, (value) => sign * value);
}

/**
 * x[i] ← max of x[i − radius … i + radius] along `count` samples, `stride` apart: maxima from the left and from the
 * right within blocks of the window's length (van Herk, Pattern Recognition Letters 13, 1992).
 */
function slideMaximum(
  x: Float32Array,
  from: number,
  stride: number,
  count: number,
  radius: number,
  scratch: Float32Array,
): void {
  const block = 2 * radius + 1;
  const length = block * Math.ceil((count + 2 * radius) / block);
  const padded = scratch.subarray(0, length).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < count; i++) padded[i + radius] = x[from + i * stride];
  const ahead = scratch.subarray(length, 2 * length);
  ahead.set(padded);
  for (let i = 1; i < length; i++) if (i % block) padded[i] = Math.max(padded[i], padded[i - 1]);
  for (let i = length - 2; i >= 0; i--) if ((i + 1) % block) ahead[i] = Math.max(ahead[i], ahead[i + 1]);
  for (let i = 0; i < count; i++) x[from + i * stride] = Math.max(ahead[i], padded[i + 2 * radius]);
}

interface Plane extends Range {
  readonly wanted: Float32Array;
  readonly smooth: Float32Array;
}

/**
 * Of what the estimate adds to the membrane's fill, in what is `open` to the image's border, as much as stays among the
 * colours around: nothing ties a network down that has to extrapolate, and it draws there whatever it has learnt elsewhere.
 * Whatever else is missing is as estimated, and looked at no further.
 */
export function* amongSurroundings(
  estimate: Float32Array,
  part: Picture,
  known: Uint8Array,
  open: Uint8Array,
  over: IsOver = never,
): Pieces<Float32Array> {
  const { width, height, channels, colour, alpha } = part;
  const n = width * height;
  const given = (c: number) => colour.subarray(c * n, (c + 1) * n);
  const wanted = (c: number) => estimate.subarray(c * n, (c + 1) * n);
  const all = Array.from({ length: channels }, (_, c) => c);
  const settled = known.map((k, i) => (k || (!open[i] && alpha?.[i] !== 0) ? 1 : 0));
  yield;
  const filled: Float32Array[] = [];
  for (const c of all) {
    const [own, other] = [given(c), wanted(c)];
    filled.push(yield* mapped(own, (value, i) => (known[i] ? value : other[i])));
  }
  const smooth = yield* interpolatedEach(filled, settled, width, height, 'membrane', over);
  const reach = yield* distancesTo(known, width, height);
  for (let i = 0; i < n; i++) reach[i] = open[i] && !known[i] ? reachOf(reach[i]) : 0;
  const out = estimate.slice();
  for (const { box, around } of piecesOf({ x: 0, y: 0, width, height }, reach, width, height)) {
    yield;
    const cut = <T extends Float32Array | Uint8Array>(plane: T) => cutPlane(plane, width, around);
    const asked = cut(reach);
    const planes: Plane[] = [];
    for (const c of all)
      planes.push({
        ...{ wanted: cut(wanted(c)), smooth: cut(smooth[c]) },
        ...(yield* rangeAround(cut(given(c)), cut(known), asked, around.width, around.height)),
      });
    layAmong(out, planes, part, { box, around, open });
  }
  return out;
}

/** Writes what is open of a piece. */
function layAmong(
  out: Float32Array,
  planes: readonly Plane[],
  { width, height }: Picture,
  { box, around, open }: Piece & { readonly open: Uint8Array },
): void {
  for (let y = box.y; y < box.y + box.height; y++)
    for (let x = box.x; x < box.x + box.width; x++) {
      const to = y * width + x;
      if (!open[to]) continue;
      const i = (y - around.y) * around.width + x - around.x;
      const share = Math.min(...planes.map((plane) => shareWithin(plane, i)));
      planes.forEach(({ wanted, smooth }, c) => {
        out[c * width * height + to] = smooth[i] + share * (wanted[i] - smooth[i]);
      });
    }
}

/** How far one may go from the smooth value of a pixel to the wanted one within the range, 0 … 1. */
function shareWithin({ wanted, smooth, low, high }: Plane, i: number) {
  const step = wanted[i] - smooth[i];
  const room = step > 0 ? high[i] - smooth[i] : low[i] - smooth[i];
  return Math.abs(step) <= Math.abs(room) ? 1 : Math.max(0, room / step);
}
