import { ImageSizeError, InvalidOptionError } from './errors.ts';
import type { Box } from './image/box.ts';
import { type AnyImage, type Picture, toPicture } from './image/picture.ts';

/** How two images are compared. */
export interface MetricOptions {
  /** Compare luma (ITU-R BT.601, 16 … 235) only, as super-resolution papers do; default false. */
  luma?: boolean;
  /** Pixels left out at each border; default 0. */
  border?: number;
}

/** Peak signal-to-noise ratio in dB over all colour samples; alpha is ignored. Throws ImageSizeError. */
export function psnr(a: AnyImage, b: AnyImage, options: MetricOptions = {}): number {
  const { channels, width, height, rows } = comparable(a, b, options);
  let squares = 0;
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < height; y++) {
      const [of, to] = rows(c, y, y + 1);
      for (let x = 0; x < width; x++) squares += (of[x] - to[x]) ** 2;
    }
  return -10 * Math.log10(squares / (channels * width * height));
}

/** Rows of windows that SSIM looks at together. */
const BAND = 64;

/**
 * Structural similarity (Wang et al., IEEE TIP 13(4), 2004): Gaussian window 11×11, σ 1.5, K1 .01, K2 .03, over the
 * positions where the window fits, mean over channels. Needs sides of 11 or more after the border is cut.
 */
export function ssim(a: AnyImage, b: AnyImage, options: MetricOptions = {}): number {
  const { channels, width, height, rows } = comparable(a, b, options);
  if (width < WINDOW || height < WINDOW)
    throw new ImageSizeError(`SSIM needs ${WINDOW}×${WINDOW} pixels or more, got ${width}×${height}.`);
  const windows = height - WINDOW + 1;
  let sum = 0;
  for (let c = 0; c < channels; c++)
    for (let top = 0; top < windows; top += BAND) {
      const [of, to] = rows(c, top, Math.min(windows, top + BAND) + WINDOW - 1);
      sum += similarity(of, to, width);
    }
  return sum / (channels * windows * (width - WINDOW + 1));
}

/** Sum over all windows in some rows of both. */
function similarity(of: Float64Array, to: Float64Array, width: number): number {
  const blurred = (f: (u: number, v: number) => number) =>
    gaussian(
      of.map((u, i) => f(u, to[i])),
      width,
      of.length / width,
    );
  const [mx, my] = [blurred((u) => u), blurred((_, v) => v)];
  const [xx, yy, xy] = [blurred((u) => u * u), blurred((_, v) => v * v), blurred((u, v) => u * v)];
  const [c1, c2] = [0.01 ** 2, 0.03 ** 2];
  let sum = 0;
  for (let i = 0; i < mx.length; i++) {
    const product = mx[i] * my[i];
    const squares = mx[i] ** 2 + my[i] ** 2;
    sum +=
      ((2 * product + c1) * (2 * (xy[i] - product) + c2)) / ((squares + c1) * (xx[i] + yy[i] - squares + c2));
  }
  return sum;
}

const WINDOW = 11;

/** Two images as they are compared: size without the border, and the same rows of a channel of both. */
interface Comparable {
  readonly channels: number;
  readonly width: number;
  readonly height: number;
  rows(channel: number, from: number, to: number): [Float64Array, Float64Array];
}

function comparable(a: AnyImage, b: AnyImage, { luma = false, border = 0 }: MetricOptions): Comparable {
  if (a.width !== b.width || a.height !== b.height)
    throw new ImageSizeError(
      `Expected images of one size but received ${a.width}×${a.height} and ${b.width}×${b.height}.`,
    );
  if (!(Number.isInteger(border) && border >= 0 && 2 * border < Math.min(a.width, a.height)))
    throw InvalidOptionError.of('border', 'an integer from 0 to below half the shorter side', border);
  const [x, y] = [toPicture(a), toPicture(b)];
  const [width, height] = [a.width - 2 * border, a.height - 2 * border];
  return {
    ...{ width, height, channels: luma ? 1 : Math.max(x.channels, y.channels) },
    rows: (channel, from, to) => {
      const box = { x: border, y: border + from, width, height: to - from };
      return [samples(x, channel, luma, box), samples(y, channel, luma, box)];
    },
  };
}

/** What is compared of a channel in a box. */
function samples(p: Picture, channel: number, luma: boolean, box: Box): Float64Array {
  const n = p.width * p.height;
  const at = (c: number, i: number) => p.colour[(p.channels === 1 ? 0 : c * n) + i];
  const out = new Float64Array(box.width * box.height);
  for (let row = 0, to = 0; row < box.height; row++)
    for (let i = (box.y + row) * p.width + box.x, j = 0; j < box.width; i++, j++)
      out[to++] = luma
        ? (65.481 * at(0, i) + 128.553 * at(1, i) + 24.966 * at(2, i) + 16) / 255
        : at(channel, i);
  return out;
}

const GAUSSIAN = (() => {
  const weights = Array.from({ length: WINDOW }, (_, i) =>
    Math.exp(-((i - (WINDOW - 1) / 2) ** 2) / (2 * 1.5 ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
})();

/** Separable Gaussian of a plane, where the window fits. */
function gaussian(x: Float64Array, width: number, height: number): Float64Array {
  const outWidth = width - WINDOW + 1;
  const outHeight = height - WINDOW + 1;
  const half = new Float64Array(height * outWidth);
  for (let r = 0; r < height; r++)
    for (let j = 0; j < outWidth; j++)
      for (let t = 0; t < WINDOW; t++) half[r * outWidth + j] += GAUSSIAN[t] * x[r * width + j + t];
  const out = new Float64Array(outHeight * outWidth);
  for (let i = 0; i < outHeight; i++)
    for (let t = 0; t < WINDOW; t++)
      for (let j = 0; j < outWidth; j++) out[i * outWidth + j] += GAUSSIAN[t] * half[(i + t) * outWidth + j];
  return out;
}
