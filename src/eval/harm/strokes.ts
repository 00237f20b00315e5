import type { PlanarImage } from '../../engine/options.ts';

/**
 * Contrast of thin strokes in the result, as a share of the damaged picture's or of the undamaged one's, whichever has less: 1 = as it was.
 * What noise adds to it by chance is none of theirs.
 */
export interface Strokes {
  /** Of strokes of a few pixels and more; absent where there are hardly any. */
  readonly ofInput?: number;
  /** Of dots, as in dotted lines, stars and specks of texture. */
  readonly dots?: number;
}

/** A stroke stands out by so much at least, and its ground on both sides differs by so much at most. */
const CONTRAST = 0.15;
const GROUND = 0.05;
/** Pixels of a stroke, at least: fewer are a dot, or the tip of a shape. */
const LENGTH = 3;
/** Pixels from which there are strokes, or dots, to speak of. */
const ENOUGH = 12;

interface StrokePixel {
  readonly at: number;
  /** To the next pixel across the stroke. */
  readonly step: number;
  /** What it differs by from its ground where nothing is damaged. */
  readonly contrast: number;
}

/** Brightness as it is seen on white, [height, width]. */
function brightness({ planes }: PlanarImage): Float32Array {
  const [r, g = r, b = r, alpha] = planes;
  return r.map((_, i) => {
    const luma = 0.299 * r[i] + 0.587 * g[i] + 0.114 * b[i];
    return alpha ? 1 + alpha[i] * (luma - 1) : luma;
  });
}

/** Pixels that differ from both sides alike along one axis, whose ground goes on. */
function thinPixels({ width, height }: PlanarImage, y: Float32Array, step: number): StrokePixel[] {
  const found: StrokePixel[] = [];
  for (let i = 2; i < height - 2; i++)
    for (let j = 2; j < width - 2; j++) {
      const at = i * width + j;
      const contrast = contrastAt(y, at, step);
      const near = Math.max(Math.abs(y[at - step] - y[at]), Math.abs(y[at + step] - y[at]));
      const nearest = Math.min(Math.abs(y[at - step] - y[at]), Math.abs(y[at + step] - y[at]));
      const even = Math.abs(y[at - 2 * step] - y[at + 2 * step]) <= GROUND;
      const thin = nearest >= 0.5 * Math.abs(contrast) && near <= Math.abs(contrast) + GROUND;
      if (Math.abs(contrast) >= CONTRAST && even && thin) found.push({ at, step, contrast });
    }
  return found;
}

const contrastAt = (y: Float32Array, at: number, step: number) =>
  y[at] - (y[at - 2 * step] + y[at + 2 * step]) / 2;

/** Pixels of strokes about one pixel wide, and those that are thin along both axes and of no stroke. */
function strokesAndDots(image: PlanarImage, y: Float32Array) {
  const { width } = image;
  const [strokes, dots]: StrokePixel[][] = [[], []];
  const axes = [1, width].map((step) => {
    const pixels = thinPixels(image, y, step);
    const signs = new Int8Array(y.length);
    for (const { at, contrast } of pixels) signs[at] = Math.sign(contrast);
    return { pixels, signs, step };
  });
  for (const [k, { pixels, signs, step }] of axes.entries()) {
    const along = step === 1 ? width : 1;
    /** Pixels of the same stroke on one side of another. */
    const beyond = (at: number, towards: number, most: number): number =>
      most === 0
        ? 0
        : Math.max(
            ...[-step, 0, step].map((aside) => {
              const next = at + towards + aside;
              return signs[next] === signs[at] ? 1 + beyond(next, towards, most - 1) : 0;
            }),
          );
    const lengthAt = (at: number) => 1 + beyond(at, along, LENGTH - 1) + beyond(at, -along, LENGTH - 1);
    for (const pixel of pixels)
      if (lengthAt(pixel.at) >= LENGTH) strokes.push(pixel);
      else if (axes[1 - k].signs[pixel.at] === signs[pixel.at]) dots.push(pixel);
  }
  return { strokes, dots };
}

/** The contrast that is left of the strokes of `clean`; undefined where it has hardly any. */
export function strokesLeft(
  clean: PlanarImage,
  input: PlanarImage,
  result: PlanarImage,
): Strokes | undefined {
  const [truth, before, after] = [clean, input, result].map(brightness);
  const { strokes, dots } = strokesAndDots(clean, truth);
  const left = (of: readonly StrokePixel[]) => {
    const seen = (y: Float32Array) =>
      of.reduce((sum, { at, step, contrast }) => sum + Math.sign(contrast) * contrastAt(y, at, step), 0);
    return of.length < ENOUGH ? undefined : seen(after) / Math.min(seen(before), seen(truth));
  };
  const [ofInput, ofDots] = [left(strokes), left(dots)];
  if (ofInput === undefined && ofDots === undefined) return undefined;
  return {
    ...(ofInput === undefined ? {} : { ofInput }),
    ...(ofDots === undefined ? {} : { dots: ofDots }),
  };
}
