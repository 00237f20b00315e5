/**
 * How a JPEG holds its planes: chroma often at half the resolution. Encoders take the mean of the pixels a sample spans
 * (libjpeg's h2v2_downsample); decoders weigh the nearer sample by ¾ and the farther by ¼ (its "fancy" up-sampling).
 * Borders are repeated in both.
 */
interface Sampling {
  /** Pixels that a sample spans, 1 or 2. */
  readonly across: number;
  readonly down: number;
}

/** A plane and its size. */
export interface Plane {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Size of a plane's samples, which reach over an odd border. */
export const sampledSize = (pixels: number, by: number): number => Math.ceil(pixels / by);

/** What an encoder takes of a plane of pixels. */
export function downsample(plane: Plane, { across, down }: Sampling): Plane {
  return alongRows(down === 1 ? plane : pairsOfRows(plane), across, pairMeans, sampledSize(plane.width, 2));
}

/** What a decoder makes of samples, in `width` × `height` pixels. */
export function upsample(samples: Plane, { across, down }: Sampling, width: number, height: number): Plane {
  return alongRows(down === 1 ? samples : tentsOfRows(samples, height), across, tents, width);
}

/**
 * The samples whose up-sampling has these means; undoes `upsample` after `downsample`. Per axis the mean of a pair is
 * (c₋₁ + 6 c + c₊₁) / 8, a tridiagonal system.
 */
export function sharpen(means: Plane, { across, down }: Sampling, width: number, height: number): Plane {
  const rows = down === 1 ? means : solvedRows(means, eliminated(means.height, height % 2 === 1));
  const system = eliminated(means.width, width % 2 === 1);
  return alongRows(rows, across, (from, to) => solve(from, to, system), means.width);
}

/** A line in, a line out; lines are as long as their arrays. */
type LineWork = (from: Float64Array, to: Float64Array) => void;

const pairMeans: LineWork = (from, to) => {
  const last = from.length - 1;
  for (let i = 0; i < to.length; i++) to[i] = (from[2 * i] + from[Math.min(last, 2 * i + 1)]) / 2;
};

const tents: LineWork = (from, to) => {
  for (let i = 0; i < to.length; i++) to[i] = 0.75 * from[i >> 1] + 0.25 * from[fartherOf(i, from.length)];
};

/** The second nearest sample of a pixel. */
const fartherOf = (i: number, samples: number): number =>
  Math.min(samples - 1, Math.max(0, (i >> 1) + (i & 1 ? 1 : -1)));

function alongRows({ data, width, height }: Plane, by: number, work: LineWork, length: number): Plane {
  if (by === 1) return { data, width, height };
  const out = new Float32Array(length * height);
  const [from, to] = [new Float64Array(width), new Float64Array(length)];
  for (let y = 0; y < height; y++) {
    from.set(data.subarray(y * width, (y + 1) * width));
    work(from, to);
    out.set(to, y * length);
  }
  return { data: out, width: length, height };
}

// The same along columns, whole rows at a time, as they lie in memory.

function pairsOfRows({ data, width, height }: Plane): Plane {
  const rows = sampledSize(height, 2);
  const out = new Float32Array(width * rows);
  for (let y = 0, i = 0; y < rows; y++) {
    const first = 2 * y * width;
    const second = Math.min(height - 1, 2 * y + 1) * width;
    for (let x = 0; x < width; x++, i++) out[i] = (data[first + x] + data[second + x]) / 2;
  }
  return { data: out, width, height: rows };
}

function tentsOfRows({ data, width, height }: Plane, wanted: number): Plane {
  const out = new Float32Array(width * wanted);
  for (let y = 0, i = 0; y < wanted; y++) {
    const near = (y >> 1) * width;
    const far = fartherOf(y, height) * width;
    for (let x = 0; x < width; x++, i++) out[i] = 0.75 * data[near + x] + 0.25 * data[far + x];
  }
  return { data: out, width, height: wanted };
}

/** What Thomas' algorithm knows of a tridiagonal system before its right side, a number for each unknown. */
interface Eliminated {
  readonly below: Float64Array;
  readonly pivot: Float64Array;
  readonly above: Float64Array;
}

/** `odd`: the last mean is of one pixel alone, ¾ c + ¼ c₋₁. */
function eliminated(n: number, odd: boolean): Eliminated {
  const [below, pivot, above] = [0, 1, 2].map(() => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    const atEnd = i === n - 1;
    below[i] = i === 0 ? 0 : atEnd && odd ? 1 / 4 : 1 / 8;
    const centre = atEnd && odd ? 3 / 4 : i === 0 || atEnd ? 7 / 8 : 6 / 8;
    pivot[i] = n === 1 ? 1 : centre - below[i] * (above[i - 1] ?? 0);
    above[i] = 1 / 8 / pivot[i];
  }
  return { below, pivot, above };
}

function solve(from: Float64Array, to: Float64Array, { below, pivot, above }: Eliminated): void {
  const n = from.length;
  to[0] = from[0] / pivot[0];
  for (let i = 1; i < n; i++) to[i] = (from[i] - below[i] * to[i - 1]) / pivot[i];
  for (let i = n - 2; i >= 0; i--) to[i] -= above[i] * to[i + 1];
}

function solvedRows({ data, width, height }: Plane, { below, pivot, above }: Eliminated): Plane {
  const to = new Float64Array(data.length);
  for (let x = 0; x < width; x++) to[x] = data[x] / pivot[0];
  for (let y = 1, i = width; y < height; y++)
    for (let x = 0; x < width; x++, i++) to[i] = (data[i] - below[y] * to[i - width]) / pivot[y];
  for (let y = height - 2; y >= 0; y--)
    for (let x = 0, i = y * width; x < width; x++, i++) to[i] -= above[y] * to[i + width];
  return { data: Float32Array.from(to), width, height };
}
