import { summedArea } from '../image/summed-area.ts';
import { streamKey, uniform } from '../random.ts';
import type { Pieces } from '../time-slicing.ts';
import type { Features, Level } from './level.ts';

/** How far to the right and down what is copied lies from where it comes to lie, px. */
export interface Offset {
  readonly x: number;
  readonly y: number;
  /** Whether that is the one place, in the picture, whose colour everything gets: a flat one. */
  readonly flat?: true;
}

/** Where the pixel at x, y is copied from; −1 outside the picture. */
export function placeOf(offset: Offset, x: number, y: number, width: number, height: number): number {
  const u = offset.flat ? offset.x : x + offset.x;
  const v = offset.flat ? offset.y : y + offset.y;
  return u < 0 || v < 0 || u >= width || v >= height ? -1 : v * width + u;
}

/** Side of a patch, px; its middle is its pixel. */
const PATCH = 7;
const HALF = PATCH >> 1;
/** Nearer patches are alike because they overlap: offsets are longer than this share of the longer side. */
const LEAST = 1 / 15;
const SWEEPS = 4;
/** Peaks of the histogram that are looked at, for each offset that is chosen in the end. */
const CANDIDATES = 4;
/** A peak is the highest within so many px. */
const PEAK = 4;
/** Share of the peaks that a seed other than 0 chooses from: it copies from elsewhere. */
const VARIATION = 0.3;
/** The random stream of the search. */
const STREAM = 71;

/**
 * The offsets at which the picture is most like itself, best first (He & Sun, IEEE PAMI 36(12), 2014): peaks among those
 * of each patch and the one most like it, found by random search and what neighbours found (Barnes et al., SIGGRAPH 2009).
 * Chosen so that each pixel of the hole can be reached by as many as possible.
 */
export function* dominantOffsets(
  level: Level,
  features: Features,
  count: number,
  seed: number,
): Pieces<Offset[]> {
  const found = yield* similarPatches(level, features, seed);
  const peaks = yield* peaksOf(level, found, CANDIDATES * count);
  const key = streamKey(seed, STREAM);
  const drawn = seed === 0 ? peaks : peaks.filter((_, i) => uniform(key, i) < VARIATION);
  return yield* reachingAll(level, drawn, count);
}

/** Offsets of the patches with a similar one: x0, y0, x1, y1, … */
function* similarPatches(level: Level, { depth, data }: Features, seed: number): Pieces<Int32Array> {
  const { width, height } = level;
  const valid = wholePatches(level);
  const least = (LEAST * Math.max(width, height)) ** 2;
  const key = streamKey(seed, STREAM);
  let drawn = 0;
  const distance = (x: number, y: number, u: number, v: number, most: number) => {
    let sum = 0;
    for (let dy = -HALF; dy <= HALF; dy++) {
      let a = ((y + dy) * width + x - HALF) * depth;
      let b = ((v + dy) * width + u - HALF) * depth;
      for (let k = 0; k < PATCH * depth; k++, a++, b++) {
        const difference = data[a] - data[b];
        sum += difference * difference;
      }
      if (sum >= most) return sum;
    }
    return sum;
  };
  const [ox, oy] = [new Int32Array(width * height), new Int32Array(width * height)];
  const best = new Float64Array(width * height).fill(Number.POSITIVE_INFINITY);
  const attempt = (x: number, y: number, dx: number, dy: number) => {
    const u = x + dx;
    const v = y + dy;
    if (u < 0 || v < 0 || u >= width || v >= height || !valid[v * width + u]) return;
    if (dx * dx + dy * dy < least) return;
    const i = y * width + x;
    const d = distance(x, y, u, v, best[i]);
    if (d >= best[i]) return;
    best[i] = d;
    ox[i] = dx;
    oy[i] = dy;
  };
  const random = (range: number) => Math.round((2 * uniform(key, drawn++) - 1) * range);
  for (let sweep = 0; sweep <= SWEEPS; sweep++) {
    const back = sweep % 2 === 1;
    const step = back ? 1 : -1;
    for (let row = 0; row < height; row++) {
      const y = back ? height - 1 - row : row;
      for (let column = 0; column < width; column++) {
        const x = back ? width - 1 - column : column;
        const i = y * width + x;
        if (!valid[i]) continue;
        for (let j = i + step, k = 0; k < 2; j = i + step * width, k++)
          if (best[j] < Number.POSITIVE_INFINITY) attempt(x, y, ox[j], oy[j]);
        for (let r = Math.max(width, height); r >= 1; r /= 2)
          attempt(x, y, ox[i] + random(Math.min(r, width)), oy[i] + random(Math.min(r, height)));
      }
      yield;
    }
  }
  const list: number[] = [];
  for (let i = 0; i < width * height; i++) if (best[i] < Number.POSITIVE_INFINITY) list.push(ox[i], oy[i]);
  return Int32Array.from(list);
}

/** [height, width] 1 = in the middle of a patch all of which may be copied from. */
function wholePatches({ width, height, source }: Level): Uint8Array {
  const free = summedArea(source, width, height);
  const whole = new Uint8Array(width * height);
  for (let y = HALF; y < height - HALF; y++)
    for (let x = HALF; x < width - HALF; x++)
      if (free(x - HALF, y - HALF, x + HALF + 1, y + HALF + 1) === PATCH * PATCH) whole[y * width + x] = 1;
  return whole;
}

type Peak = Offset & { readonly votes: number };

/** The peaks of the smoothed histogram of offsets, highest first, with their heights. */
function* peaksOf({ width, height }: Level, found: Int32Array, count: number): Pieces<Peak[]> {
  const [stride, tall] = [2 * width + 1, 2 * height + 1];
  const histogram = new Float32Array(stride * tall);
  for (let i = 0; i < found.length; i += 2) histogram[(found[i + 1] + height) * stride + found[i] + width]++;
  const smooth = smoothed(histogram, stride);
  yield;
  /** Of equals the first. */
  const isHighest = (x: number, y: number, votes: number) => {
    for (let v = Math.max(0, y - PEAK); v <= Math.min(tall - 1, y + PEAK); v++)
      for (let u = Math.max(0, x - PEAK); u <= Math.min(stride - 1, x + PEAK); u++) {
        const other = smooth[v * stride + u];
        if (other > votes || (other === votes && v * stride + u < y * stride + x)) return false;
      }
    return true;
  };
  const peaks: Peak[] = [];
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < stride; x++) {
      const votes = smooth[y * stride + x];
      if (votes > 1 && isHighest(x, y, votes)) peaks.push({ x: x - width, y: y - height, votes });
    }
    if (y % 64 === 0) yield;
  }
  return peaks.sort((a, b) => b.votes - a.votes || a.y - b.y || a.x - b.x).slice(0, count);
}

/** By a Gaussian of √2 px. */
function smoothed(histogram: Float32Array, stride: number): Float32Array {
  const smooth = new Float32Array(histogram.length);
  const kernel = [-2, -1, 0, 1, 2].map((d) => Math.exp((-d * d) / 4));
  histogram.forEach((votes, i) => {
    if (votes === 0) return;
    for (let dy = -2; dy <= 2; dy++)
      for (let dx = -2; dx <= 2; dx++) {
        const to = i + dy * stride + dx;
        if (to >= 0 && to < smooth.length) smooth[to] += votes * kernel[dy + 2] * kernel[dx + 2];
      }
  });
  return smooth;
}

/** As many of the peaks, the highest first, but those rather that reach what few others do. */
function* reachingAll(
  { width, height, hole, source }: Level,
  peaks: readonly Peak[],
  count: number,
): Pieces<Offset[]> {
  const holes: number[] = [];
  hole.forEach((h, i) => {
    if (h) holes.push(i);
  });
  const sample = holes.filter((_, k) => k % Math.ceil(holes.length / 500) === 0);
  const reach = peaks.map(({ x, y }) =>
    Uint8Array.from(sample, (i) => {
      const [u, v] = [(i % width) + x, Math.floor(i / width) + y];
      return u >= 0 && v >= 0 && u < width && v < height && source[v * width + u] ? 1 : 0;
    }),
  );
  const reached = new Float32Array(sample.length).fill(1);
  const left = new Set(peaks.keys());
  const chosen: Offset[] = [];
  while (chosen.length < count && left.size > 0) {
    let [best, most] = [-1, 0];
    for (const k of left) {
      let gain = 0;
      reach[k].forEach((r, i) => {
        if (r) gain += 1 / reached[i];
      });
      if (gain * peaks[k].votes > most) [best, most] = [k, gain * peaks[k].votes];
    }
    if (best < 0) break;
    left.delete(best);
    reach[best].forEach((r, i) => {
      reached[i] += r;
    });
    const { x, y } = peaks[best];
    chosen.push({ x, y });
    yield;
  }
  return chosen;
}

/** Pixels that an offset is tried at. */
const TRIES = 3000;
/** Summed squared difference of a pixel's features beyond which it does not matter how different they are. */
const CUT = 600;

/** Offsets of a level at half the resolution, at this one: twice as long, and moved by a pixel where that fits better. */
export function* refined(
  offsets: readonly Offset[],
  { width, height, source }: Level,
  { depth, data }: Features,
): Pieces<Offset[]> {
  const step = Math.max(1, Math.floor((width * height) / TRIES)) | 1;
  const out: Offset[] = [];
  for (const { x, y, flat } of offsets) {
    if (flat) {
      out.push({ x: 2 * x, y: 2 * y, flat });
      continue;
    }
    let [best, least] = [{ x: 2 * x, y: 2 * y }, Number.POSITIVE_INFINITY];
    for (const dy of [0, -1, 1])
      for (const dx of [0, -1, 1]) {
        const offset = { x: 2 * x + dx, y: 2 * y + dy };
        let [sum, count] = [0, 0];
        for (let i = 0; i < width * height; i += step) {
          const [u, v] = [(i % width) + offset.x, Math.floor(i / width) + offset.y];
          if (!source[i] || u < 0 || v < 0 || u >= width || v >= height || !source[v * width + u]) continue;
          let [a, b, d] = [i * depth, (v * width + u) * depth, 0];
          for (let k = 0; k < depth; k++, a++, b++) d += (data[a] - data[b]) ** 2;
          sum += Math.min(d, CUT);
          count++;
        }
        if (count > 0 && sum / count < least) [best, least] = [offset, sum / count];
      }
    out.push(best);
    yield;
  }
  return out;
}
