import type { IsOver } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';
import type { Size } from './box.ts';
import type { Picture } from './picture.ts';

/** Pixels that have a say at a point, per axis: those under a cubic B-spline. */
const TAPS = 4;
/** Window whose pixels of the same colour are counted, px from its middle. */
const ABOUT = 2;
/** A pixel's say is 1 + this, by how many of its colour are around: a dot and a line as thin as a pixel keep their area so. */
const RARE = 2;
/** The say of a pixel that has only its own colour around. */
const ALONE = Math.fround(1 + RARE / (2 * ABOUT + 1) ** 2);
/** Points that a sample of the result is the mean of, per axis. */
const POINTS = 4;

/**
 * Pixel art with smooth outlines: every point has the colour that has most say there, and a pixel has a say as far as a
 * spline around it reaches. So straight edges stay where they are, stairs become slopes, and there are no other colours
 * but along the edges. Undefined where the time is `over` before the end.
 *
 * @param picture premultiplied.
 */
export function* smoothPixels(picture: Picture, size: Size, over: IsOver): Pieces<Float32Array | undefined> {
  const { width, height, channels, colour } = picture;
  const labels = labelsOf(picture);
  const say = sayOf(labels, picture);
  const [across, along] = [pointsOf(width, size.width), pointsOf(height, size.height)];
  const out = new Float32Array(channels * size.width * size.height);
  const n = width * height;
  for (let y = 0; y < size.height; y++) {
    if (over()) return undefined;
    for (let x = 0; x < size.width; x++)
      for (let v = POINTS * y; v < POINTS * (y + 1); v++)
        for (let u = POINTS * x; u < POINTS * (x + 1); u++) {
          const at = loudest(labels, say, width, across[u], along[v]);
          for (let c = 0; c < channels; c++)
            out[(c * size.height + y) * size.width + x] += colour[c * n + at] / POINTS ** 2;
        }
    yield;
  }
  return out;
}

/** Where a point lies on an axis: the pixels that have a say, and how much of it. */
interface Point {
  readonly at: readonly number[];
  readonly weights: readonly number[];
}

function pointsOf(inputs: number, outputs: number): Point[] {
  return Array.from({ length: POINTS * outputs }, (_, i) => {
    const place = ((i + 0.5) * inputs) / (POINTS * outputs) - 0.5;
    const first = Math.floor(place) - 1;
    const taps = Array.from({ length: TAPS }, (_, t) => first + t);
    return {
      at: taps.map((tap) => Math.min(inputs - 1, Math.max(0, tap))),
      weights: taps.map((tap) => spline(Math.abs(tap - place))),
    };
  });
}

/** The cubic B-spline. */
const spline = (x: number) => (x < 1 ? 2 / 3 - x ** 2 + x ** 3 / 2 : x < 2 ? (2 - x) ** 3 / 6 : 0);

/** A pixel of the colour that has most say at a point. */
function loudest(
  labels: Int32Array,
  say: Float32Array,
  width: number,
  { at: columns, weights: across }: Point,
  { at: rows, weights: along }: Point,
): number {
  const near = rows[1] * width + columns[1];
  if (say[near] === ALONE) return near;
  const seen: number[] = [];
  const sums: number[] = [];
  let [best, most] = [near, 0];
  for (let j = 0; j < TAPS; j++)
    for (let i = 0; i < TAPS; i++) {
      const at = rows[j] * width + columns[i];
      const known = seen.indexOf(labels[at]);
      const k = known < 0 ? seen.push(labels[at]) - 1 : known;
      sums[k] = (sums[k] ?? 0) + along[j] * across[i] * say[at];
      if (sums[k] > most) [best, most] = [at, sums[k]];
    }
  return best;
}

/** A number for each colour, of 8 bits. */
function labelsOf({ width, height, channels, colour }: Picture): Int32Array {
  const n = width * height;
  const known = new Map<string, number>();
  return Int32Array.from({ length: n }, (_, i) => {
    const code = Array.from({ length: channels }, (_, c) => Math.round(255 * colour[c * n + i])).join();
    const label = known.get(code) ?? known.size;
    known.set(code, label);
    return label;
  });
}

function sayOf(labels: Int32Array, { width, height }: Size): Float32Array {
  return Float32Array.from(labels, (label, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let count = 0;
    for (let v = Math.max(0, y - ABOUT); v <= Math.min(height - 1, y + ABOUT); v++)
      for (let u = Math.max(0, x - ABOUT); u <= Math.min(width - 1, x + ABOUT); u++)
        if (labels[v * width + u] === label) count++;
    return 1 + RARE / count;
  });
}
