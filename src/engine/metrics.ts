import { ImageSizeError, InvalidOptionError } from './errors.ts';
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
  const [x, y] = comparable(a, b, options);
  let squares = 0;
  for (let i = 0; i < x.samples.length; i++) squares += (x.samples[i] - y.samples[i]) ** 2;
  return -10 * Math.log10(squares / x.samples.length);
}

/**
 * Structural similarity (Wang et al., IEEE TIP 13(4), 2004): Gaussian window 11×11, σ 1.5, K1 .01, K2 .03, over the
 * positions where the window fits, mean over channels. Needs sides of 11 or more after the border is cut.
 */
export function ssim(a: AnyImage, b: AnyImage, options: MetricOptions = {}): number {
  const [x, y] = comparable(a, b, options);
  if (x.width < WINDOW || x.height < WINDOW)
    throw new ImageSizeError(`SSIM needs ${WINDOW}×${WINDOW} pixels or more, got ${x.width}×${x.height}.`);
  const blurred = (f: (u: number, v: number) => number) =>
    gaussian(
      x.samples.map((u, i) => f(u, y.samples[i])),
      x.width,
      x.height,
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
  return sum / mx.length;
}

const WINDOW = 11;

interface Samples {
  samples: Float64Array;
  width: number;
  height: number;
}

function comparable(
  a: AnyImage,
  b: AnyImage,
  { luma = false, border = 0 }: MetricOptions,
): [Samples, Samples] {
  if (a.width !== b.width || a.height !== b.height)
    throw new ImageSizeError(
      `Expected images of one size but received ${a.width}×${a.height} and ${b.width}×${b.height}.`,
    );
  if (!(Number.isInteger(border) && border >= 0 && 2 * border < Math.min(a.width, a.height)))
    throw InvalidOptionError.of('border', 'an integer from 0 to below half the shorter side', border);
  const [x, y] = [toPicture(a), toPicture(b)];
  const channels = luma ? 1 : Math.max(x.channels, y.channels);
  return [samples(x, channels, luma, border), samples(y, channels, luma, border)];
}

/** The compared samples, [channels, height − 2·border, width − 2·border]. */
function samples(p: Picture, channels: number, luma: boolean, border: number): Samples {
  const [width, height, n] = [p.width - 2 * border, p.height - 2 * border, p.width * p.height];
  const at = (c: number, i: number) => p.colour[(p.channels === 1 ? 0 : c * n) + i];
  const out = new Float64Array(channels * width * height);
  let to = 0;
  for (let c = 0; c < channels; c++)
    for (let y = border; y < p.height - border; y++)
      for (let x = border; x < p.width - border; x++) {
        const i = y * p.width + x;
        out[to++] = luma ? (65.481 * at(0, i) + 128.553 * at(1, i) + 24.966 * at(2, i) + 16) / 255 : at(c, i);
      }
  return { samples: out, width, height };
}

const GAUSSIAN = (() => {
  const weights = Array.from({ length: WINDOW }, (_, i) =>
    Math.exp(-((i - (WINDOW - 1) / 2) ** 2) / (2 * 1.5 ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
})();

/** Separable Gaussian of each plane, where the window fits. */
function gaussian(x: Float64Array, width: number, height: number): Float64Array {
  const outWidth = width - WINDOW + 1;
  const outHeight = height - WINDOW + 1;
  const rows = x.length / width;
  const half = new Float64Array(rows * outWidth);
  for (let r = 0; r < rows; r++)
    for (let j = 0; j < outWidth; j++)
      for (let t = 0; t < WINDOW; t++) half[r * outWidth + j] += GAUSSIAN[t] * x[r * width + j + t];
  const out = new Float64Array((rows / height) * outHeight * outWidth);
  for (let c = 0; c < rows / height; c++)
    for (let i = 0; i < outHeight; i++)
      for (let t = 0; t < WINDOW; t++)
        for (let j = 0; j < outWidth; j++)
          out[(c * outHeight + i) * outWidth + j] += GAUSSIAN[t] * half[(c * height + i + t) * outWidth + j];
  return out;
}
