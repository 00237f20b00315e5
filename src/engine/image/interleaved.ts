import { ImageSizeError, InvalidSamplesError } from '../errors.ts';
import type { PlanarImage } from '../options.ts';
import { inStretches, type Pieces } from '../time-slicing.ts';

/** Samples side by side, [height, width, channels], sRGB, straight alpha: what sharp's `raw()` gives with its `info`. */
export interface InterleavedImage {
  /** 0 … 255, 0 … 65535, or floats in [0, 1]. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array | Float32Array;
  readonly info: {
    readonly width: number;
    readonly height: number;
    /** Grey, grey and alpha, RGB, RGB and alpha. */
    readonly channels: 1 | 2 | 3 | 4;
  };
}

export const isInterleaved = (image: object): image is InterleavedImage => 'info' in image && 'data' in image;

/** The sample that is white. */
const whiteOf = ({ data }: InterleavedImage): number =>
  data instanceof Float32Array ? 1 : data instanceof Uint16Array ? 65535 : 255;

/** In pieces. Throws ImageSizeError, InvalidSamplesError. */
export function* fromInterleaved(image: InterleavedImage): Pieces<PlanarImage> {
  const { data, info } = image;
  const { width, height, channels } = info;
  if (![1, 2, 3, 4].includes(channels))
    throw new InvalidSamplesError(`Expected 1 to 4 channels but received ${channels}.`);
  if (data.length !== width * height * channels)
    throw new ImageSizeError(
      `Expected ${width * height * channels} samples for ${width}×${height}×${channels} but received ${data.length}.`,
    );
  const white = whiteOf(image);
  const n = width * height;
  const order = channels === 2 ? [0, 0, 0, 1] : Array.from({ length: channels }, (_, c) => c);
  const planes = order.map(() => new Float32Array(n));
  for (const [p, c] of order.entries())
    yield* inStretches(n, (from, to) => {
      for (let i = from; i < to; i++) planes[p][i] = data[i * channels + c] / white;
    });
  return { planes, width, height };
}

/** Planes as samples side by side, of the type and with the channels of `like`, in pieces. */
export function* toInterleaved(
  { planes, width, height }: PlanarImage,
  like: InterleavedImage,
): Pieces<InterleavedImage> {
  const { channels } = like.info;
  const white = whiteOf(like);
  const size = width * height * channels;
  const data =
    white === 1 ? new Float32Array(size) : white === 255 ? new Uint8Array(size) : new Uint16Array(size);
  // Grey with alpha is worked on as RGB, whose channels may drift apart.
  const grey = () => planes[0].map((value, i) => (value + planes[1][i] + planes[2][i]) / 3);
  const used = channels === 2 ? [grey(), planes[3]] : planes;
  for (let c = 0; c < channels; c++) {
    const from = used[c];
    yield* inStretches(from.length, (first, end) => {
      for (let i = first; i < end; i++)
        data[i * channels + c] = white === 1 ? from[i] : Math.round(from[i] * white);
    });
  }
  return { data, info: { width, height, channels } };
}
