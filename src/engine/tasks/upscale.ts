import { lanczosTable } from '../image/axis-table.ts';
import type { Picture } from '../image/picture.ts';
import { resize } from '../image/resize.ts';
import { NUMERIC_OPTIONS, type RestoreOptions } from '../options.ts';
import type { Problem } from './task.ts';

/** E = ‖d(x) − x0‖² / N with d the Lanczos2 down-sampling by the factor (Ulyanov et al., eq. 5). */
export function upscale(
  picture: Picture,
  { scale = NUMERIC_OPTIONS.scale.default }: RestoreOptions,
): Problem {
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const enlarged = resize(picture, width, height, 'bicubic');
  return {
    width,
    height,
    channels: picture.channels,
    target: picture.colour,
    weight: picture.alpha,
    guess: enlarged.colour,
    observe: (graph, x) =>
      graph.resample(
        'observed',
        x,
        lanczosTable(height, picture.height, 2),
        lanczosTable(width, picture.width, 2),
      ),
    compose: (colour) => ({ width, height, channels: picture.channels, colour, alpha: enlarged.alpha }),
  };
}
