import type { Diagnosis } from '../damage/analyse.ts';
import { dct, eachBlock, inverseDct } from '../damage/dct.ts';
import { luma } from '../damage/jpeg.ts';
import type { Picture } from '../image/picture.ts';
import type { RestoreOptions } from '../options.ts';
import { denoiseProblem } from './denoise.ts';
import { inPlace, type Job, type Settled } from './task.ts';

/**
 * As denoising, blindly; and where the compression's steps are known, the result is put back inside them: the file says
 * of each luma coefficient in which interval it lay, so an estimate outside is wrong for sure.
 */
export function dejpeg(picture: Picture, _options: RestoreOptions, diagnosis?: Diagnosis): Job {
  const trace = diagnosis?.jpeg;
  return inPlace(picture, (part, box) => ({
    ...denoiseProblem(part, box),
    ...(trace?.onGrid ? { settle: (restored) => insideIntervals(part, restored, trace.table) } : {}),
  }));
}

/** Moves the luma of each whole block so that its coefficients round to the file's; chroma stays. */
export function insideIntervals(picture: Picture, restored: Float32Array, table: Uint8Array): Settled {
  const { width, height, channels } = picture;
  const n = width * height;
  const [observed, estimate] = [luma(picture), luma({ ...picture, colour: restored })];
  const wanted: Float64Array[] = [];
  eachBlock(observed, width, height, (block) => {
    wanted.push(dct(block));
  });
  const colour = restored.slice();
  let index = 0;
  eachBlock(estimate, width, height, (block, at) => {
    const target = wanted[index++];
    const change = dct(block).map((value, i) => {
      const half = table[i] / 2;
      const inside = Math.min(target[i] + half, Math.max(target[i] - half, value));
      return inside - value;
    });
    inverseDct(change).forEach((delta, i) => {
      const pixel = at + (i >> 3) * width + (i & 7);
      for (let c = 0; c < channels; c++) {
        const value = colour[c * n + pixel] + delta / 255;
        colour[c * n + pixel] = Math.min(1, Math.max(0, value));
      }
    });
  });
  return { colour, share: 1 };
}
