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
  return alongRows(alongColumns(plane, down, pairMeans), across, pairMeans);
}

/** What a decoder makes of samples, in `width` × `height` pixels. */
export function upsample(samples: Plane, { across, down }: Sampling, width: number, height: number): Plane {
  const rows = alongColumns(samples, down, tents, height);
  return alongRows(rows, across, tents, width);
}

/**
 * The samples whose up-sampling has these means; undoes `upsample` after `downsample`. Per axis the mean of a pair is
 * (c₋₁ + 6 c + c₊₁) / 8, a tridiagonal system.
 */
export function sharpen(means: Plane, { across, down }: Sampling, width: number, height: number): Plane {
  const rows = alongColumns(means, down, (from, to) => solve(from, to, height % 2 === 1));
  return alongRows(rows, across, (from, to) => solve(from, to, width % 2 === 1));
}

/** A line in, a line out; lines are as long as their arrays. */
type LineWork = (from: Float64Array, to: Float64Array) => void;

const pairMeans: LineWork = (from, to) => {
  const last = from.length - 1;
  for (let i = 0; i < to.length; i++) to[i] = (from[2 * i] + from[Math.min(last, 2 * i + 1)]) / 2;
};

const tents: LineWork = (from, to) => {
  const last = from.length - 1;
  for (let i = 0; i < to.length; i++) {
    const near = i >> 1;
    const far = Math.min(last, Math.max(0, near + (i & 1 ? 1 : -1)));
    to[i] = 0.75 * from[near] + 0.25 * from[far];
  }
};

/** Thomas' algorithm; `odd`: the last mean is of one pixel alone, ¾ c + ¼ c₋₁. */
const solve = (from: Float64Array, to: Float64Array, odd: boolean): void => {
  const n = from.length;
  if (n === 1) {
    to[0] = from[0];
    return;
  }
  const above = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const atEnd = i === n - 1;
    const below = i === 0 ? 0 : atEnd && odd ? 1 / 4 : 1 / 8;
    const centre = atEnd && odd ? 3 / 4 : i === 0 || atEnd ? 7 / 8 : 6 / 8;
    const pivot = centre - below * (above[i - 1] ?? 0);
    above[i] = 1 / 8 / pivot;
    to[i] = (from[i] - below * (to[i - 1] ?? 0)) / pivot;
  }
  for (let i = n - 2; i >= 0; i--) to[i] -= above[i] * to[i + 1];
};

function alongRows({ data, width, height }: Plane, by: number, work: LineWork, wanted?: number): Plane {
  if (by === 1) return { data, width, height };
  const length = lengthOf(width, work, wanted);
  const out = new Float32Array(length * height);
  const [from, to] = [new Float64Array(width), new Float64Array(length)];
  for (let y = 0; y < height; y++) {
    from.set(data.subarray(y * width, (y + 1) * width));
    work(from, to);
    out.set(to, y * length);
  }
  return { data: out, width: length, height };
}

function alongColumns({ data, width, height }: Plane, by: number, work: LineWork, wanted?: number): Plane {
  if (by === 1) return { data, width, height };
  const length = lengthOf(height, work, wanted);
  const out = new Float32Array(width * length);
  const [from, to] = [new Float64Array(height), new Float64Array(length)];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) from[y] = data[y * width + x];
    work(from, to);
    for (let y = 0; y < length; y++) out[y * width + x] = to[y];
  }
  return { data: out, width, height: length };
}

const lengthOf = (n: number, work: LineWork, wanted?: number) =>
  wanted ?? (work === pairMeans ? sampledSize(n, 2) : n);
