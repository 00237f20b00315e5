import { ImageSizeError, InvalidSamplesError, shown } from '../errors.ts';
import type { PlanarImage, Preview, RasterImage } from '../options.ts';
import type { Size } from './box.ts';
import { checkForm } from './check-image.ts';

/**
 * What the engine works on: 1 or 3 colour planes in [0, 1] and, apart from them, alpha; or, premultiplied, alpha as the
 * last of 2 or 4 planes.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  /** [channels, height, width] */
  readonly colour: Float32Array;
  /** [height, width], or null when opaque or premultiplied. */
  readonly alpha: Float32Array | null;
}

const MIN_SIDE = 8;

export type AnyImage = RasterImage | PlanarImage;

export const isPlanar = (image: AnyImage): image is PlanarImage => 'planes' in image;

/**
 * Checks an image and splits it into colour and alpha; a raster whose three channels agree everywhere becomes grey.
 * Throws ImageSizeError and InvalidSamplesError.
 */
export function toPicture(image: AnyImage): Picture {
  checkForm(image);
  checkSize(image);
  return isPlanar(image) ? fromPlanes(image) : fromRaster(image);
}

/** Throws ImageSizeError unless both sides are whole numbers of pixels and enough. */
export function checkSize({ width, height }: Size): void {
  const whole = Number.isInteger(width) && Number.isInteger(height);
  if (!whole || width < MIN_SIDE || height < MIN_SIDE)
    throw new ImageSizeError(
      `Expected an image of at least ${MIN_SIDE}×${MIN_SIDE} pixels but received ${shown(width)}×${shown(height)}.`,
    );
}

function fromPlanes({ planes, width, height }: PlanarImage): Picture {
  const n = width * height;
  if (![1, 3, 4].includes(planes.length))
    throw new InvalidSamplesError(
      `Expected 1, 3 or 4 planes (grey, RGB, RGBA) but received ${planes.length}.`,
    );
  planes.forEach((plane, p) => {
    if (plane.length !== n)
      throw new ImageSizeError(
        `Expected ${n} samples in plane ${p} (${width}×${height}) but received ${plane.length}.`,
      );
    const bad = plane.findIndex((x) => !(x >= 0 && x <= 1));
    if (bad >= 0)
      throw new InvalidSamplesError(
        `Expected samples in [0, 1] but plane ${p} has ${plane[bad]} at (${bad % width}, ${Math.floor(bad / width)}).`,
      );
  });
  const channels = planes.length === 1 ? 1 : 3;
  const colour = new Float32Array(channels * n);
  for (let c = 0; c < channels; c++) colour.set(planes[c], c * n);
  return { width, height, channels, colour, alpha: planes.length === 4 ? planes[3].slice() : null };
}

function fromRaster({ data, width, height }: RasterImage): Picture {
  const n = width * height;
  if (data.length !== 4 * n)
    throw new ImageSizeError(
      `Expected ${4 * n} bytes of RGBA for ${width}×${height} but received ${data.length}.`,
    );
  let grey = true;
  let opaque = true;
  for (let i = 0; i < 4 * n; i += 4) {
    grey &&= data[i] === data[i + 1] && data[i] === data[i + 2];
    opaque &&= data[i + 3] === 255;
  }
  const channels = grey ? 1 : 3;
  const colour = new Float32Array(channels * n);
  for (let c = 0; c < channels; c++) for (let i = 0; i < n; i++) colour[c * n + i] = data[4 * i + c] / 255;
  const alpha = opaque ? null : Float32Array.from({ length: n }, (_, i) => data[4 * i + 3] / 255);
  return { width, height, channels, colour, alpha };
}

const clamp = (x: number) => Math.min(1, Math.max(0, x));
const toByte = (x: number) => Math.round(clamp(x) * 255);

/** 8-bit RGBA of a picture. */
export function toRaster({ width, height, channels, colour, alpha }: Picture): Preview {
  const n = width * height;
  const data = new Uint8ClampedArray(4 * n);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < 3; c++) data[4 * i + c] = toByte(colour[(channels === 1 ? 0 : c * n) + i]);
    data[4 * i + 3] = alpha ? toByte(alpha[i]) : 255;
  }
  return { data, width, height };
}

/** The planes of a picture, in [0, 1]: sums of parts may be a rounding outside. */
export function toPlanes(picture: Picture): PlanarImage {
  const { width, height, channels, colour, alpha } = picture;
  const n = width * height;
  const planes = Array.from({ length: channels }, (_, c) => colour.subarray(c * n, (c + 1) * n).map(clamp));
  return { planes: alpha ? [...planes, alpha.map(clamp)] : planes, width, height };
}

/** The restored colour, with the original's where alpha is 0. */
export function keepHidden({ colour, alpha, width, height }: Picture, restored: Float32Array): Float32Array {
  if (!alpha) return restored;
  const n = width * height;
  return restored.map((value, i) => (alpha[i % n] === 0 ? colour[i] : value));
}
