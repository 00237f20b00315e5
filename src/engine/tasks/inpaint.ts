import { Canvas } from '../canvas.ts';
import { type Box, cutPicture, cutPlane, growBox } from '../image/box.ts';
import { interpolate } from '../image/interpolate.ts';
import type { Picture } from '../image/picture.ts';
import { type Range, rangeAround } from '../image/surroundings.ts';
import type { RestoreOptions } from '../options.ts';
import { cutIntoParts } from '../parts.ts';
import { keepHidden } from './denoise.ts';
import { type Hole, holeOf } from './hole.ts';
import type { Job, Problem } from './task.ts';

/** Half thickness, px, up to which slopes are continued into a hole; in larger ones they would swing out. */
const THIN = 12;

/** A part grows by this many px until its share of known pixels is this share of the whole area's. */
const GROWTH = { pixels: 32, enough: 0.1 } as const;

const SMOOTH_SIDE = 1024;

/**
 * E = Σ m·(x − x0)² / N, m = 1 where known (Ulyanov et al., eq. 6), over the part of the image around the hole. Known
 * pixels come back bit-identical, except those the feather blends. What the fit still lacks around the hole is
 * interpolated into it (as Pérez, Gangnet & Blake blend gradients, SIGGRAPH 2003), so that no seam is left.
 */
export function inpaint(picture: Picture, { mask, maskGrow = 0, maskFeather = 0 }: RestoreOptions): Job {
  const { width, height } = picture;
  const hole = holeOf(mask, width, height, { grow: maskGrow, feather: maskFeather });
  return {
    picture,
    area: hole.box,
    width,
    height,
    holeRadius: hole.radius,
    otherwise: 'is filled smoothly',
    touches: (box) => touches(box, picture, hole),
    problem: (box) => problemOf(picture, hole, withKnown(box, picture, hole)),
    start: (shows) => (shows ? smoothlyFilled(picture, hole) : picture),
  };
}

function problemOf(picture: Picture, hole: Hole, box: Box): Problem {
  const part = cutPicture(picture, box);
  const known = cutPlane(hole.known, picture.width, box);
  const blend = cutPlane(hole.blend, picture.width, box);
  const open = cutPlane(hole.open, picture.width, box);
  const n = part.width * part.height;
  const mean = meanOfKnown(part, known);
  const guess = part.colour.map((value, i) => (known[i % n] ? value : mean[Math.floor(i / n)]));
  const { width, height, channels, alpha } = part;
  return {
    width,
    height,
    channels,
    box,
    target: guess,
    weight: Float32Array.from(known, (k, i) => k * (alpha ? alpha[i] : 1)),
    guess,
    observe: (_, x) => x,
    settle: (restored) => {
      const known = Uint8Array.from(blend, (share, i) => (share === 0 && alpha?.[i] !== 0 ? 1 : 0));
      const joined = withoutSeam(restored, part, known, hole.radius);
      return { colour: open.includes(1) ? amongSurroundings(joined, part, known, open) : joined, share: 1 };
    },
    compose: (restored) => keepHidden(part, blended(part, restored, blend)),
  };
}

/** The box, grown where it has next to no known pixel to learn from. */
function withKnown(box: Box, { width, height, alpha }: Picture, { known, box: area }: Hole): Box {
  const share = (part: Box) => {
    const inside = cutPlane(known, width, part);
    const visible = alpha && cutPlane(alpha, width, part);
    return inside.reduce((sum, k, i) => sum + k * (visible ? visible[i] : 1), 0) / inside.length;
  };
  const least = GROWTH.enough * share(area);
  let grown = box;
  while (share(grown) < least && (grown.width < width || grown.height < height))
    grown = growBox(grown, GROWTH.pixels, width, height);
  return grown;
}

/** The hole filled by interpolation alone, in parts too: the equations of a huge one would not fit the memory. */
function smoothlyFilled(picture: Picture, hole: Hole): Picture {
  const canvas = new Canvas(picture);
  for (const part of cutIntoParts({ area: hole.box, picture, result: picture }, SMOOTH_SIDE)) {
    if (!touches(part.box, picture, hole)) continue;
    const problem = problemOf(picture, hole, withKnown(part.box, picture, hole));
    const { colour } = problem.settle!(new Float32Array(problem.target.length));
    canvas.lay(part, { box: problem.box, colour: problem.compose(colour) });
  }
  return canvas.picture;
}

const touches = (box: Box, { width }: Picture, { blend }: Hole) =>
  cutPlane(blend, width, box).some((share) => share > 0);

/** The estimate plus its error around what is blended in, carried smoothly inwards. */
function withoutSeam(estimate: Float32Array, part: Picture, known: Uint8Array, radius: number): Float32Array {
  const { width, height, channels, colour } = part;
  const n = width * height;
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

/**
 * Of what the estimate adds to the membrane's fill, in what is `open` to the image's border, as much as stays among the
 * colours around: nothing ties a network down that has to extrapolate, and it draws there whatever it has learnt elsewhere.
 */
function amongSurroundings(
  estimate: Float32Array,
  { width, height, channels, colour }: Picture,
  known: Uint8Array,
  open: Uint8Array,
): Float32Array {
  const n = width * height;
  const planes = Array.from({ length: channels }, (_, c) => {
    const given = colour.subarray(c * n, (c + 1) * n);
    const smooth = interpolate(given, known, width, height, 'membrane');
    return {
      wanted: estimate.subarray(c * n, (c + 1) * n),
      smooth,
      ...rangeAround(given, known, width, height),
    };
  });
  const out = estimate.slice();
  for (let i = 0; i < n; i++) {
    if (!open[i]) continue;
    const share = Math.min(...planes.map((plane) => shareWithin(plane, i)));
    planes.forEach(({ wanted, smooth }, c) => {
      out[c * n + i] = smooth[i] + share * (wanted[i] - smooth[i]);
    });
  }
  return out;
}

/** How far one may go from the smooth value of a pixel to the wanted one within the range, 0 … 1. */
function shareWithin(
  { wanted, smooth, low, high }: Range & Record<'wanted' | 'smooth', Float32Array>,
  i: number,
) {
  const step = wanted[i] - smooth[i];
  const room = step > 0 ? high[i] - smooth[i] : low[i] - smooth[i];
  return Math.abs(step) <= Math.abs(room) ? 1 : Math.max(0, room / step);
}

/** The colour with the estimate blended in where the hole was. */
function blended({ colour }: Picture, restored: Float32Array, blend: Float32Array): Float32Array {
  return colour.map((value, i) => {
    const share = blend[i % blend.length];
    if (share === 0) return value;
    return share === 1 ? restored[i] : value + share * (restored[i] - value);
  });
}

function meanOfKnown({ colour, channels, width, height }: Picture, known: Uint8Array): number[] {
  const n = width * height;
  const count = known.reduce((sum, k) => sum + k, 0) || 1;
  return Array.from(
    { length: channels },
    (_, c) => known.reduce((sum, k, i) => sum + k * colour[c * n + i], 0) / count,
  );
}
