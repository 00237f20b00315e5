import type { PlanarImage } from '../../engine/options.ts';

/** How well thin strokes came through. */
export interface Strokes {
  /** Contrast of all of them in the result, as a share of the damaged picture's: 1 = as it was. */
  readonly ofInput: number;
  /** The lowest of any place's, as a share of the undamaged picture's. */
  readonly weakest: number;
}

/** A stroke stands out by so much at least, and its ground on both sides differs by so much at most. */
const CONTRAST = 0.15;
const GROUND = 0.05;
/** Strokes are told from each other by squares of this side, px, that have so many of their pixels. */
const PLACE = 16;
const ENOUGH = 12;

interface StrokePixel {
  readonly at: number;
  /** To the next pixel across the stroke. */
  readonly step: number;
  /** What it differs by from its ground where nothing is damaged. */
  readonly contrast: number;
  readonly place: number;
}

/** Brightness as it is seen on white, [height, width]. */
function brightness({ planes }: PlanarImage): Float32Array {
  const [r, g = r, b = r, alpha] = planes;
  return r.map((_, i) => {
    const luma = 0.299 * r[i] + 0.587 * g[i] + 0.114 * b[i];
    return alpha ? 1 + alpha[i] * (luma - 1) : luma;
  });
}

/** Pixels of strokes about one pixel wide: they differ from both sides alike, whose ground goes on. */
function strokePixels({ width, height }: PlanarImage, y: Float32Array): StrokePixel[] {
  const found: StrokePixel[] = [];
  for (let i = 2; i < height - 2; i++)
    for (let j = 2; j < width - 2; j++) {
      const at = i * width + j;
      const place = Math.floor(i / PLACE) * Math.ceil(width / PLACE) + Math.floor(j / PLACE);
      for (const step of [1, width]) {
        const contrast = contrastAt(y, at, step);
        const near = Math.max(Math.abs(y[at - step] - y[at]), Math.abs(y[at + step] - y[at]));
        const nearest = Math.min(Math.abs(y[at - step] - y[at]), Math.abs(y[at + step] - y[at]));
        const even = Math.abs(y[at - 2 * step] - y[at + 2 * step]) <= GROUND;
        const thin = nearest >= 0.5 * Math.abs(contrast) && near <= Math.abs(contrast) + GROUND;
        if (Math.abs(contrast) >= CONTRAST && even && thin) found.push({ at, step, contrast, place });
      }
    }
  return found;
}

const contrastAt = (y: Float32Array, at: number, step: number) =>
  y[at] - (y[at - 2 * step] + y[at + 2 * step]) / 2;

function byPlace(pixels: readonly StrokePixel[]): StrokePixel[][] {
  const places = new Map<number, StrokePixel[]>();
  for (const pixel of pixels) {
    const place = places.get(pixel.place);
    if (place) place.push(pixel);
    else places.set(pixel.place, [pixel]);
  }
  return [...places.values()];
}

/** The contrast that is left of the strokes of `clean`; undefined where it has hardly any. */
export function strokesLeft(
  clean: PlanarImage,
  input: PlanarImage,
  result: PlanarImage,
): Strokes | undefined {
  const pixels = strokePixels(clean, brightness(clean));
  if (pixels.length < ENOUGH) return undefined;
  const [before, after] = [brightness(input), brightness(result)];
  const sum = (of: readonly StrokePixel[], value: (pixel: StrokePixel) => number) =>
    of.reduce((total, pixel) => total + Math.sign(pixel.contrast) * value(pixel), 0);
  const seen = (y: Float32Array) => (pixel: StrokePixel) => contrastAt(y, pixel.at, pixel.step);
  const places = byPlace(pixels).filter((place) => place.length >= ENOUGH);
  const ofClean = (place: readonly StrokePixel[]) =>
    sum(place, seen(after)) / sum(place, ({ contrast }) => contrast);
  return {
    ofInput: sum(pixels, seen(after)) / sum(pixels, seen(before)),
    weakest: Math.min(1, ...places.map(ofClean)),
  };
}
