import { ImageSizeError, InvalidSamplesError, shown } from '../errors.ts';
import type { PlanarImage, Preview, RasterImage } from '../options.ts';
import { atOnce, inStretches, mapped, type Pieces } from '../time-slicing.ts';
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
export const toPicture = (image: AnyImage): Picture => atOnce(pictureOf(image));

/** The same in pieces. */
export function* pictureOf(image: AnyImage): Pieces<Picture> {
  checkForm(image);
  checkSize(image);
  return yield* isPlanar(image) ? fromPlanes(image) : fromRaster(image);
}

/** Throws ImageSizeError unless both sides are whole numbers of pixels and enough. */
export function checkSize({ width, height }: Size): void {
  const whole = Number.isInteger(width) && Number.isInteger(height);
  if (!whole || width < MIN_SIDE || height < MIN_SIDE)
    throw new ImageSizeError(
      `Expected an image of at least ${MIN_SIDE}×${MIN_SIDE} pixels but received ${shown(width)}×${shown(height)}.`,
    );
}

function* fromPlanes({ planes, width, height }: PlanarImage): Pieces<Picture> {
  const n = width * height;
  if (![1, 3, 4].includes(planes.length))
    throw new InvalidSamplesError(
      `Expected 1, 3 or 4 planes (grey, RGB, RGBA) but received ${planes.length}.`,
    );
  for (const [p, plane] of planes.entries()) {
    if (plane.length !== n)
      throw new ImageSizeError(
        `Expected ${n} samples in plane ${p} (${width}×${height}) but received ${plane.length}.`,
      );
    yield* inStretches(n, (from, to) => {
      for (let i = from; i < to; i++)
        if (!(plane[i] >= 0 && plane[i] <= 1))
          throw new InvalidSamplesError(
            `Expected samples in [0, 1] but plane ${p} has ${plane[i]} at (${i % width}, ${Math.floor(i / width)}).`,
          );
    });
  }
  const channels = planes.length === 1 ? 1 : 3;
  const colour = new Float32Array(channels * n);
  for (let c = 0; c < channels; c++) {
    colour.set(planes[c], c * n);
    yield;
  }
  return { width, height, channels, colour, alpha: planes.length === 4 ? planes[3].slice() : null };
}

function* fromRaster({ data, width, height }: RasterImage): Pieces<Picture> {
  const n = width * height;
  if (data.length !== 4 * n)
    throw new ImageSizeError(
      `Expected ${4 * n} bytes of RGBA for ${width}×${height} but received ${data.length}.`,
    );
  let grey = true;
  let opaque = true;
  yield* inStretches(n, (from, to) => {
    for (let i = 4 * from; i < 4 * to; i += 4) {
      grey &&= data[i] === data[i + 1] && data[i] === data[i + 2];
      opaque &&= data[i + 3] === 255;
    }
  });
  const channels = grey ? 1 : 3;
  const colour = new Float32Array(channels * n);
  const alpha = opaque ? null : new Float32Array(n);
  yield* inStretches(n, (from, to) => {
    for (let c = 0; c < channels; c++)
      for (let i = from; i < to; i++) colour[c * n + i] = data[4 * i + c] / 255;
    if (alpha) for (let i = from; i < to; i++) alpha[i] = data[4 * i + 3] / 255;
  });
  return { width, height, channels, colour, alpha };
}

const clamp = (x: number) => Math.min(1, Math.max(0, x));
const toByte = (x: number) => Math.round(clamp(x) * 255);

/** 8-bit RGBA of a picture. */
export const toRaster = (picture: Picture): Preview => atOnce(rasterised(picture));

/** The same in pieces. */
export function* rasterised({ width, height, channels, colour, alpha }: Picture): Pieces<Preview> {
  const n = width * height;
  const data = new Uint8ClampedArray(4 * n);
  yield* inStretches(n, (from, to) => {
    for (let i = from; i < to; i++) {
      for (let c = 0; c < 3; c++) data[4 * i + c] = toByte(colour[(channels === 1 ? 0 : c * n) + i]);
      data[4 * i + 3] = alpha ? toByte(alpha[i]) : 255;
    }
  });
  return { data, width, height };
}

/** Each plane of samples [channels, height, width], as a view. */
export function planesIn(samples: Float32Array, channels: number): Float32Array[] {
  const n = samples.length / channels;
  return Array.from({ length: channels }, (_, c) => samples.subarray(c * n, (c + 1) * n));
}

/** The planes of a picture, in [0, 1]: sums of parts may be a rounding outside. */
export const toPlanes = (picture: Picture): PlanarImage => atOnce(planesOf(picture));

/** The same in pieces. */
export function* planesOf(picture: Picture): Pieces<PlanarImage> {
  const { width, height, channels, colour, alpha } = picture;
  const planes: Float32Array[] = [];
  for (const plane of planesIn(colour, channels)) planes.push(yield* mapped(plane, clamp));
  return { planes: alpha ? [...planes, yield* mapped(alpha, clamp)] : planes, width, height };
}

/** The restored colour, with the original's where alpha is 0. */
export function keepHidden({ colour, alpha, width, height }: Picture, restored: Float32Array): Float32Array {
  if (!alpha) return restored;
  const n = width * height;
  return restored.map((value, i) => (alpha[i % n] === 0 ? colour[i] : value));
}
