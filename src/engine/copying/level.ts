import type { Pieces } from '../time-slicing.ts';

/** A picture with a hole at one resolution, as the copying sees it. */
export interface Level {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** [channels, height, width] in [0, 1]: the picture, and in its hole what a guide makes of it. */
  readonly colour: Float32Array;
  /** [height, width] 1 = to be filled. */
  readonly hole: Uint8Array;
  /** [height, width] 1 = may be copied from; never in the hole. */
  readonly source: Uint8Array;
}

/** What patches and seams are compared by. */
export interface Features {
  /** Numbers a pixel. */
  readonly depth: number;
  /** [height, width, depth] colours of 0 … 255 and how they change to the right and downwards. */
  readonly data: Float32Array;
}

/** Rows between two yields. */
const ROWS = 64;

/** A grey picture's differences count as much as those of three like colours. */
const scaleOf = (channels: number) => 255 * Math.sqrt(3 / channels);

/** `within`: what changes between the hole and what is known counts as no change, since the guide there is none. */
export function* featuresOf(
  { width, height, channels, colour, hole }: Level,
  within = false,
): Pieces<Features> {
  const n = width * height;
  const depth = channels + 2;
  const data = new Float32Array(n * depth);
  const scale = scaleOf(channels);
  const grey = new Float32Array(n);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < n; i++) {
      const value = scale * colour[c * n + i];
      data[i * depth + c] = value;
      grey[i] += value / Math.sqrt(channels);
    }
    yield;
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const apart = (j: number) => within && hole[i] !== hole[j];
      data[i * depth + channels] = x + 1 < width && !apart(i + 1) ? grey[i + 1] - grey[i] : 0;
      data[i * depth + channels + 1] = y + 1 < height && !apart(i + width) ? grey[i + width] - grey[i] : 0;
    }
    if (y % ROWS === 0) yield;
  }
  return { depth, data };
}

/** Squared changes, 0 … 255, below which less is no calmer. */
const CALM = 4;

/**
 * [height, width] how strong texture is, as the logarithm of squared changes: their mean over about ± radius px of where `share` is 1.
 * A few strong edges beside what is calm count for little.
 */
export function* texturesOf(
  { width, height, channels }: Level,
  { depth, data }: Features,
  share: Uint8Array,
  radius: number,
): Pieces<Float32Array> {
  const total = Float32Array.from(share);
  const logs = total.map((s, i) => {
    const at = i * depth + channels;
    return s * Math.log(data[at] ** 2 + data[at + 1] ** 2 + CALM);
  });
  boxes(logs, width, height, radius);
  boxes(total, width, height, radius);
  yield;
  return logs.map((sum, i) => sum / Math.max(total[i], 1e-6));
}

/** Half the resolution: means; a pixel is in the hole where any of its four is, and a source where all are. */
export function* halved({ width, height, channels, colour, hole, source }: Level): Pieces<Level> {
  const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const small = new Float32Array(channels * w * h);
  const [smallHole, smallSource] = [new Uint8Array(w * h), new Uint8Array(w * h)];
  for (let y = 0; y < h; y++) {
    const [up, down] = [2 * y * width, Math.min(2 * y + 1, height - 1) * width];
    for (let x = 0; x < w; x++) {
      const [left, right] = [2 * x, Math.min(2 * x + 1, width - 1)];
      const [a, b, c, d] = [up + left, up + right, down + left, down + right];
      const i = y * w + x;
      smallHole[i] = hole[a] | hole[b] | hole[c] | hole[d];
      smallSource[i] = source[a] & source[b] & source[c] & source[d];
      for (let p = 0, from = 0; p < channels; p++, from += width * height)
        small[p * w * h + i] =
          (colour[from + a] + colour[from + b] + colour[from + c] + colour[from + d]) / 4;
    }
    if (y % ROWS === 0) yield;
  }
  return { width: w, height: h, channels, colour: small, hole: smallHole, source: smallSource };
}

/**
 * [height, width, channels] the colours, 0 … 255, seen from afar: means over about ± radius px of where `share` is 1, by three
 * box filters after one another, which come close to a Gaussian.
 */
export function* tonesOf(
  { width, height, channels, colour }: Level,
  share: Uint8Array | undefined,
  radius: number,
): Pieces<Float32Array> {
  const n = width * height;
  const scale = scaleOf(channels);
  const weight = new Float32Array(n).fill(1);
  if (share) weight.set(share);
  const tones = new Float32Array(n * channels);
  const total = weight.slice();
  boxes(total, width, height, radius);
  yield;
  for (let c = 0; c < channels; c++) {
    const plane = weight.map((w, i) => w * scale * colour[c * n + i]);
    boxes(plane, width, height, radius);
    for (let i = 0; i < n; i++) tones[i * channels + c] = plane[i] / Math.max(total[i], 1e-6);
    yield;
  }
  return tones;
}

function boxes(plane: Float32Array, width: number, height: number, radius: number): void {
  const line = new Float32Array(Math.max(width, height));
  for (let pass = 0; pass < 3; pass++) {
    for (let y = 0; y < height; y++) mean(plane, y * width, 1, width, radius, line);
    for (let x = 0; x < width; x++) mean(plane, x, width, height, radius, line);
  }
}

/** Each sample of a stretch ← the sum of those within ± radius, over 2 radius + 1. */
function mean(
  plane: Float32Array,
  from: number,
  stride: number,
  count: number,
  radius: number,
  line: Float32Array,
): void {
  for (let i = 0; i < count; i++) line[i] = plane[from + i * stride];
  let sum = 0;
  for (let i = 0; i < Math.min(radius, count); i++) sum += line[i];
  for (let i = 0; i < count; i++) {
    if (i + radius < count) sum += line[i + radius];
    if (i - radius > 0) sum -= line[i - radius - 1];
    plane[from + i * stride] = sum / (2 * radius + 1);
  }
}
