import { MaskError } from '../errors.ts';
import { marks } from '../image/binary-plane.ts';
import { type Box, boxAround, cutPlane, growBox } from '../image/box.ts';
import { CONTEXT, contextOf } from '../image/context.ts';
import { distancesTo } from '../image/distance.ts';
import { type Growth, growing } from '../image/grown.ts';
import { MARKED } from '../image/marked.ts';
import type { Picture } from '../image/picture.ts';
import type { Mask } from '../options.ts';
import type { Pieces } from '../time-slicing.ts';

/** What is to be filled, and how it is put back. */
export interface Hole {
  /** [height, width] 1 = known, 0 = to fill. */
  readonly known: Uint8Array;
  /** [height, width] how much of the estimate the result shows: 1 in the hole, falling over the feather to 0. */
  readonly blend: Float32Array;
  /** [height, width] 1 where that is more than 0 and reaches the image's border: nothing is known on that side. */
  readonly open: Uint8Array;
  /** The farthest that a pixel of the hole lies from a known one, px: half of its thickness. */
  readonly radius: number;
  /** Diameter of the largest circle in it, or of what of that lies in the image, px. */
  readonly thickness: number;
  /** The part of the image worth working on: the hole with enough around it to learn from. */
  readonly box: Box;
  /** A wider one, to copy from: what repeats itself seldom does so next to the hole. */
  readonly sources: Box;
}

/** The hole a mask describes, grown by `grow` px and feathered outwards over `feather` px, in pieces. Throws MaskError. */
export function* holeOf(
  mask: Mask | undefined,
  width: number,
  height: number,
  { grow, feather }: Growth,
): Pieces<Hole> {
  const n = width * height;
  const asked = markedPixels(mask, width, height);
  yield;
  // Beyond `near` all is known and shows nothing of the estimate. Something is marked, or knownPixels had thrown.
  const { box: near, share } = (yield* growing(asked, width, height, { grow, feather }))!;
  const [known, blend] = [new Uint8Array(n).fill(1), new Float32Array(n)];
  for (let y = 0, i = 0; y < near.height; y++) {
    let at = (near.y + y) * width + near.x;
    for (let x = 0; x < near.width; x++, i++, at++) {
      known[at] = share[i] < 1 ? 1 : 0;
      blend[at] = share[i];
    }
  }
  if (!known.includes(1))
    throw new MaskError(`The mask, grown by ${grow} px, leaves nothing known: grow it by less.`);
  return yield* holeWith({ known, blend, near }, width, height);
}

interface Marked extends Pick<Hole, 'known' | 'blend'> {
  /** Beyond it all is known and shows nothing of the estimate. */
  readonly near: Box;
}

/** The hole of these planes, [height, width] each, in pieces. */
export function* holeWith({ known, blend, near }: Marked, width: number, height: number): Pieces<Hole> {
  yield;
  const open = yield* reachingBorder(blend, width, height);
  const depth = yield* distancesTo(cutPlane(known, width, near), near.width, near.height);
  const radius = greatest(depth);
  yield;
  const thickness = greatest(thicknessIn(depth, near, width, height));
  yield;
  const shown = marks(cutPlane(blend, width, near), (share) => share > 0);
  const tight = boxAround(shown, near.width, near.height)!;
  const whole = { ...tight, x: near.x + tight.x, y: near.y + tight.y };
  const [box, sources] = [areaOf(whole, width, height), around(whole, CONTEXT.sources, width, height)];
  return { known, blend, open, radius, thickness, box, sources };
}

/**
 * [box.height, box.width] how thick a hole is at each pixel, px: nothing is known beyond the image's border, so that only what
 * lies on this side of it counts of a circle that reaches the nearest known pixel, `depth` px away.
 */
export function thicknessIn(depth: Float32Array, box: Box, width: number, height: number): Float32Array {
  const thickness = new Float32Array(depth.length);
  for (let i = 0; i < depth.length; i++) {
    const px = depth[i];
    if (px === 0) continue;
    const [x, y] = [box.x + (i % box.width), box.y + Math.floor(i / box.width)];
    thickness[i] = px + Math.min(px, x, y, width - 1 - x, height - 1 - y);
  }
  return thickness;
}

function greatest(plane: Float32Array): number {
  let most = 0;
  for (let i = 0; i < plane.length; i++) most = Math.max(most, plane[i]);
  return most;
}

/** Pixels that are looked at between two turns. */
const MANY = 2 ** 14;

/** The pixels with a share that others with one connect to the image's border. */
function* reachingBorder(blend: Float32Array, width: number, height: number): Pieces<Uint8Array> {
  const open = new Uint8Array(blend.length);
  const found: number[] = [];
  let looked = 0;
  const look = (x: number, y: number) => {
    const i = y * width + x;
    if (x < 0 || y < 0 || x >= width || y >= height || open[i] || blend[i] === 0) return;
    open[i] = 1;
    found.push(i);
  };
  for (let x = 0; x < width; x++) for (const y of [0, height - 1]) look(x, y);
  for (let y = 0; y < height; y++) for (const x of [0, width - 1]) look(x, y);
  for (let i = found.pop(); i !== undefined; i = found.pop()) {
    const [x, y] = [i % width, Math.floor(i / width)];
    look(x - 1, y);
    look(x + 1, y);
    look(x, y - 1);
    look(x, y + 1);
    if (looked++ % MANY === 0) yield;
  }
  return open;
}

/** The part of an image that is worth working on, around the box of its hole. */
export const areaOf = (tight: Box, width: number, height: number): Box =>
  around(tight, CONTEXT.share, width, height);

function around(tight: Box, share: number, width: number, height: number): Box {
  return growBox(tight, contextOf(tight, share), width, height);
}

/** The colour with the estimate blended in where the hole was. */
export function blended({ colour }: Picture, restored: Float32Array, blend: Float32Array): Float32Array {
  const out = colour.slice();
  for (let plane = 0; plane < out.length; plane += blend.length)
    for (let i = 0; i < blend.length; i++) {
      const share = blend[i];
      if (share === 0) continue;
      const to = plane + i;
      out[to] = share === 1 ? restored[to] : out[to] + share * (restored[to] - out[to]);
    }
  return out;
}

/** 1 = to fill, 0 = known. Throws MaskError where the mask cannot be used. */
function markedPixels(mask: Mask | undefined, width: number, height: number): Uint8Array {
  if (!mask)
    throw new MaskError('Inpainting needs a mask: which pixels are known, and which are to be filled.');
  const known = unmarkedPixels(mask, width, height);
  if (!known.includes(0))
    throw new MaskError('The mask leaves nothing to fill: every pixel is marked as known.');
  if (!known.includes(1))
    throw new MaskError('The mask leaves nothing known: every pixel is marked to be filled.');
  for (let i = 0; i < known.length; i++) known[i] = 1 - known[i];
  return known;
}

/** 1 where nothing is marked. Throws MaskError where the mask does not fit the image. */
export function unmarkedPixels(mask: Mask, width: number, height: number): Uint8Array {
  if (mask.width !== width || mask.height !== height)
    throw new MaskError(
      `Expected a mask of ${width}×${height}, the image's size, but received ${mask.width}×${mask.height}.`,
    );
  if (mask.data.length !== width * height)
    throw new MaskError(
      `Expected ${width * height} mask samples, one a pixel, but received ${mask.data.length}.`,
    );
  const least = (1 - MARKED) * (mask.data instanceof Float32Array ? 1 : 255);
  const unmarked = new Uint8Array(mask.data.length);
  for (let i = 0; i < unmarked.length; i++) unmarked[i] = mask.data[i] >= least ? 1 : 0;
  return unmarked;
}
