import { MaskError } from '../errors.ts';
import type { Picture } from '../image/picture.ts';
import type { Mask, RestoreOptions } from '../options.ts';
import { keepHidden } from './denoise.ts';
import type { Problem } from './task.ts';

/** E = Σ m·(x − x0)² / N, m = 1 where known (Ulyanov et al., eq. 6). Known pixels come back bit-identical. */
export function inpaint(picture: Picture, { mask }: RestoreOptions): Problem {
  const { width, height, channels, colour, alpha } = picture;
  const n = width * height;
  const known = knownPixels(mask, width, height);
  const mean = meanOfKnown(picture, known);
  const guess = colour.map((value, i) => (known[i % n] ? value : mean[Math.floor(i / n)]));
  return {
    width,
    height,
    channels,
    target: guess,
    weight: Float32Array.from(known, (k, i) => k * (alpha ? alpha[i] : 1)),
    guess,
    observe: (_, x) => x,
    compose: (restored) => {
      const filled = restored.map((value, i) => (known[i % n] ? colour[i] : value));
      return { ...picture, colour: keepHidden(picture, filled) };
    },
  };
}

/** 1 = known, 0 = to fill. Throws MaskError where the mask cannot be used. */
export function knownPixels(mask: Mask | undefined, width: number, height: number): Uint8Array {
  if (!mask)
    throw new MaskError('Inpainting needs a mask: which pixels are known, and which are to be filled.');
  if (mask.width !== width || mask.height !== height)
    throw new MaskError(
      `Expected a mask of ${width}×${height}, the image's size, but received ${mask.width}×${mask.height}.`,
    );
  if (mask.data.length !== width * height)
    throw new MaskError(
      `Expected ${width * height} mask samples, one a pixel, but received ${mask.data.length}.`,
    );
  const threshold = mask.data instanceof Float32Array ? 0.5 : 127;
  const known = Uint8Array.from(mask.data, (value) => (value > threshold ? 1 : 0));
  const count = known.reduce((sum, k) => sum + k, 0);
  if (count === known.length)
    throw new MaskError('The mask leaves nothing to fill: every pixel is marked as known.');
  if (count === 0) throw new MaskError('The mask leaves nothing known: every pixel is marked to be filled.');
  return known;
}

function meanOfKnown({ colour, channels, width, height }: Picture, known: Uint8Array): number[] {
  const n = width * height;
  const count = known.reduce((sum, k) => sum + k, 0);
  return Array.from(
    { length: channels },
    (_, c) => known.reduce((sum, k, i) => sum + k * colour[c * n + i], 0) / count,
  );
}
