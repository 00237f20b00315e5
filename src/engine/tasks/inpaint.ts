import { cutPicture, cutPlane } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { RestoreOptions } from '../options.ts';
import { keepHidden } from './denoise.ts';
import { type Hole, holeOf } from './hole.ts';
import type { Problem } from './task.ts';

/**
 * E = Σ m·(x − x0)² / N, m = 1 where known (Ulyanov et al., eq. 6), over the part of the image around the hole. Known
 * pixels come back bit-identical, except those the feather blends.
 */
export function inpaint(picture: Picture, { mask, maskGrow = 0, maskFeather = 0 }: RestoreOptions): Problem {
  const hole = holeOf(mask, picture.width, picture.height, { grow: maskGrow, feather: maskFeather });
  const part = cutPicture(picture, hole.box);
  const known = cutPlane(hole.known, picture.width, hole.box);
  const n = part.width * part.height;
  const mean = meanOfKnown(part, known);
  const guess = part.colour.map((value, i) => (known[i % n] ? value : mean[Math.floor(i / n)]));
  const { width, height, channels, alpha } = part;
  return {
    width,
    height,
    channels,
    target: guess,
    weight: Float32Array.from(known, (k, i) => k * (alpha ? alpha[i] : 1)),
    guess,
    holeRadius: hole.radius,
    box: hole.box,
    observe: (_, x) => x,
    compose: (restored) => ({ ...picture, colour: keepHidden(picture, paste(picture, restored, hole)) }),
  };
}

/** The picture's colour with the estimate of the box blended in where the hole was. */
function paste({ colour, channels, width, height }: Picture, restored: Float32Array, hole: Hole) {
  const { box, blend } = hole;
  const out = colour.slice();
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < box.height; y++)
      for (let x = 0; x < box.width; x++) {
        const share = blend[(box.y + y) * width + box.x + x];
        if (share === 0) continue;
        const at = (c * height + box.y + y) * width + box.x + x;
        const value = restored[(c * box.height + y) * box.width + x];
        out[at] = share === 1 ? value : colour[at] + share * (value - colour[at]);
      }
  return out;
}

function meanOfKnown({ colour, channels, width, height }: Picture, known: Uint8Array): number[] {
  const n = width * height;
  const count = known.reduce((sum, k) => sum + k, 0);
  return Array.from(
    { length: channels },
    (_, c) => known.reduce((sum, k, i) => sum + k * colour[c * n + i], 0) / count,
  );
}
