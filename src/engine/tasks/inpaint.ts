import { cutPicture, cutPlane } from '../image/box.ts';
import { interpolate } from '../image/interpolate.ts';
import type { Picture } from '../image/picture.ts';
import type { RestoreOptions } from '../options.ts';
import { keepHidden } from './denoise.ts';
import { type Hole, holeOf } from './hole.ts';
import type { Problem } from './task.ts';

/** Half thickness, px, up to which slopes are continued into a hole; in larger ones they would swing out. */
const THIN = 12;

/**
 * E = Σ m·(x − x0)² / N, m = 1 where known (Ulyanov et al., eq. 6), over the part of the image around the hole. Known
 * pixels come back bit-identical, except those the feather blends. What the fit still lacks around the hole is
 * interpolated into it (as Pérez, Gangnet & Blake blend gradients, SIGGRAPH 2003), so that no seam is left.
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
    settle: (restored) => ({
      colour: withoutSeam(restored, part, cutPlane(hole.blend, picture.width, hole.box), hole.radius),
      notes: [],
    }),
    compose: (restored) => ({ ...picture, colour: keepHidden(picture, paste(picture, restored, hole)) }),
  };
}

/** The estimate plus its error around what is blended in, carried smoothly inwards. */
function withoutSeam(
  estimate: Float32Array,
  part: Picture,
  blend: Float32Array,
  radius: number,
): Float32Array {
  const { width, height, channels, colour, alpha } = part;
  const n = width * height;
  const known = Uint8Array.from(blend, (share, i) => (share === 0 && alpha?.[i] !== 0 ? 1 : 0));
  const out = estimate.slice();
  for (let c = 0; c < channels; c++) {
    const [from, to] = [c * n, (c + 1) * n];
    const error = colour.subarray(from, to).map((value, i) => value - estimate[from + i]);
    const missing = interpolate(error, known, width, height, radius <= THIN ? 'thinPlate' : 'membrane');
    missing.forEach((value, i) => {
      out[from + i] = Math.min(1, Math.max(0, estimate[from + i] + value));
    });
  }
  return out;
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
