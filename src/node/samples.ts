/** How the samples of a file are stored, so that a result can be stored alike. */
export interface SampleFormat {
  readonly bits: 8 | 16;
  readonly grey: boolean;
  readonly alpha: boolean;
}

/** What a file without alpha shows where its picture is transparent, because there is none: middle grey. */
export const EMPTY = 128 / 255;

/** The picture of a file, as stored: interleaved samples, [height, width, channels]. */
export interface Samples {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly format: SampleFormat;
  /** The sample that is white; alpha's that is opaque. */
  readonly white: number;
  readonly opaque?: number;
  /** Which channel is alpha; default: the last. */
  readonly alphaAt?: number;
}

/** Planes in [0, 1]: 1 of grey, 3 of RGB; with alpha always 4. */
export function planesOf({
  data,
  width,
  height,
  channels,
  format,
  white,
  opaque = white,
  alphaAt = channels - 1,
}: Samples): Float32Array[] {
  const plane = (channel: number, most: number) => {
    const values = new Float32Array(width * height);
    for (let i = 0; i < values.length; i++)
      values[i] = Math.min(1, Math.max(0, data[i * channels + channel] / most));
    return values;
  };
  if (format.grey && !format.alpha) return [plane(0, white)];
  const colours = channels - (format.alpha ? 1 : 0);
  const rgb = [0, 1, 2].map((channel) => plane(Math.min(channel, colours - 1), white));
  return format.alpha ? [...rgb, plane(alphaAt, opaque)] : rgb;
}
