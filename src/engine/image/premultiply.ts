import { atOnce, inStretches, type Pieces } from '../time-slicing.ts';
import type { Picture } from './picture.ts';

/**
 * Colour times alpha, and alpha as one more plane behind it (Porter & Duff, SIGGRAPH 1984): what may be filtered without
 * hidden colour bleeding into what is seen. 2 or 4 channels; an opaque picture stays as it is.
 */
export function premultiply(picture: Picture): Picture {
  const { width, height, channels, colour, alpha } = picture;
  if (!alpha) return picture;
  const n = width * height;
  const planes = new Float32Array((channels + 1) * n);
  for (let i = 0; i < channels * n; i++) planes[i] = colour[i] * alpha[i % n];
  planes.set(alpha, channels * n);
  return { width, height, channels: channels === 1 ? 2 : 4, colour: planes, alpha: null };
}

/** What `premultiply` made the planes of; black where nothing shows. */
export function unpremultiply(picture: Picture): Picture {
  const { width, height, channels, colour: planes } = picture;
  if (channels === 1 || channels === 3) return picture;
  const n = width * height;
  const alpha = planes.slice(-n);
  const colour = planes
    .subarray(0, -n)
    .map((value, i) => (alpha[i % n] > 0 ? Math.min(1, value / alpha[i % n]) : 0));
  return { width, height, channels: channels === 2 ? 1 : 3, colour, alpha };
}

/** Brings planes back into [0, 1] and below their alpha, if they have one, in place; where that overshoots, its colour shrinks with it. */
export function clampPlanes(planes: Float32Array, channels: Picture['channels']): Float32Array {
  return atOnce(clampedPlanes(planes, channels));
}

/** The same in pieces. */
export function* clampedPlanes(planes: Float32Array, channels: Picture['channels']): Pieces<Float32Array> {
  const n = planes.length / channels;
  // The last plane, which the others are brought below before it changes.
  const alpha = channels === 1 || channels === 3 ? undefined : planes.subarray(-n);
  yield* inStretches(planes.length, (from, to) => {
    if (!alpha) for (let i = from; i < to; i++) planes[i] = Math.max(0, Math.min(1, planes[i]));
    else
      for (let i = from; i < to; i++) {
        const most = alpha[i % n];
        planes[i] = Math.max(0, Math.min(1, most, planes[i] / Math.max(1, most)));
      }
  });
  return planes;
}
