import type { Quality } from '../choices.ts';
import type { Diagnosis } from '../diagnosis/analyse.ts';
import { marks } from '../image/binary-plane.ts';
import { type Box, cutPicture, cutPlane, growBox, paste } from '../image/box.ts';
import { Canvas } from '../image/canvas.ts';
import { interpolatedEach } from '../image/interpolate.ts';
import { cutIntoParts } from '../image/parts.ts';
import { keepHidden, type Picture, planesIn } from '../image/picture.ts';
import { areSame } from '../image/same.ts';
import { amongSurroundings } from '../image/surroundings.ts';
import { fillNonlocal } from '../nonlocal/fill.ts';
import type { RestoreOptions } from '../options.ts';
import { type IsOver, never } from '../stopping/pace.ts';
import { inTurns, inTurnsUntil, mapped, type Pieces, turn } from '../time-slicing.ts';
import { colourOverBackdrop } from './colour-over-backdrop.ts';
import { blended, type Hole, holeOf, unmarkedPixels } from './hole.ts';
import { type HoleParts, partsOf, THICK } from './hole-parts.ts';
import type { Estimate, EstimateContext, Job, Problem } from './task.ts';

/** Half thickness, px, up to which slopes are continued into a hole; in larger ones they would swing out. */
const THIN = THICK / 2;

/** Share of the time after which the thick parts of a hole are copied, and the thin ones begin. */
const COPIED = 0.7;

/** A part grows by this many px until its share of known pixels is this share of the whole area's. */
const GROWTH = { pixels: 32, enough: 0.1 } as const;

const SMOOTH_SIDE = 1024;

/** Holding an answer against the colours around takes so many times as long as the smooth fill, at most. */
const AMONG_SURROUNDINGS = 3;

/** Rounds of the non-local fill at most. */
const ROUNDS: Record<Quality, number> = { fast: 6, balanced: 10, best: 14 };

/**
 * E = Σ m·(x − x0)² / N, m = 1 where known (Ulyanov et al., eq. 6), over the part of the image around the hole. Known
 * pixels come back bit-identical, except those the feather blends. What the fit still lacks around the hole is
 * interpolated into it (as Pérez, Gangnet & Blake blend gradients, SIGGRAPH 2003), so that no seam is left. The first
 * answer, which the network does not improve, is the non-local fill of thin holes, and of large ones copies of the picture around.
 */
export async function inpaint(
  picture: Picture,
  { mask, maskGrow = 0, maskFeather = 0, copyFrom, signal }: RestoreOptions,
  diagnosis?: Diagnosis,
): Promise<Job> {
  const { width, height } = picture;
  const growth = { grow: maskGrow, feather: maskFeather };
  const hole = await inTurns(holeOf(mask, width, height, growth), signal);
  const source = copyFrom && unmarkedPixels(copyFrom, width, height);
  let share: number | undefined;
  return {
    picture,
    area: hole.box,
    width,
    height,
    holeRadius: hole.radius,
    otherwise: 'is filled smoothly',
    touches: (box) => touches(box, picture, hole),
    problem: (box) => {
      share ??= knownShare(hole.box, picture, hole);
      return problemOf(picture, hole, withKnown(box, picture, hole, share));
    },
    start: () => picture,
    shown: () => smoothlyFilled(picture, hole),
    estimate: async (context) => {
      const { stopped = never } = context;
      const soft = stopped()
        ? undefined
        : await inTurnsUntil(stopped, (await softly()).softPartsFilled(picture, hole), signal);
      if (!soft) return firstAnswer(picture, hole, source, context, diagnosis);
      if (!soft.rest) return { colour: soft.picture.colour, networkShare: 0 };
      const real = marks(soft.made, (made, i) => made === 0 && source?.[i] !== 0);
      return firstAnswer(soft.picture, soft.rest, real, context, diagnosis);
    },
  };
}

const softly = () => import('../soft/soft-parts.ts');

/** Thin parts of a hole by the non-local fill, thick ones by copies. */
async function firstAnswer(
  picture: Picture,
  hole: Hole,
  source: Uint8Array | undefined,
  context: EstimateContext,
  diagnosis: Diagnosis | undefined,
): Promise<Estimate | undefined> {
  const { signal, stopped = never } = context;
  const { width, height } = picture;
  const { thin, thick } = stopped() ? {} : await inTurns(partsOf(hole, width, height), signal);
  if (thin && !thick) return nonlocalEstimate(picture, hole, context, diagnosis);
  const began = performance.now();
  const smooth = await inTurns(smoothlyFilled(picture, hole, stopped), signal);
  if (!thick || stopped()) return { colour: smooth.colour, networkShare: 0 };
  const inTime = endingEarlier(context, performance.now() - began);
  return thin
    ? bothEstimates(picture, smooth, { thin, thick, source }, inTime, diagnosis)
    : (await copying()).copiedEstimate(picture, smooth, hole, source, inTime);
}

/** Copies that are found are laid into the whole picture, which takes about as long as to fill it smoothly. */
function endingEarlier(context: EstimateContext, ms: number): EstimateContext {
  const { stopped = never, pace } = context;
  pace?.reserve(ms);
  return { ...context, stopped: () => stopped() || pace?.allows() === false };
}

const copying = () => import('./copied-estimate.ts');

/** Thick parts of the hole copied, from nothing that was made up, then the thin ones by the non-local fill. */
async function bothEstimates(
  picture: Picture,
  smooth: Picture,
  { thin, thick, source }: Required<HoleParts> & { readonly source: Uint8Array | undefined },
  context: EstimateContext,
  diagnosis: Diagnosis | undefined,
): Promise<Estimate | undefined> {
  const n = thin.blend.length;
  const within =
    (range: readonly [number, number]): EstimateContext['progress'] =>
    (done, colour) =>
      context.progress(range[0] + (range[1] - range[0]) * done, colour);
  const laid = (strokes: Float32Array, rest: Float32Array): Picture => {
    const colour = rest.slice();
    for (let plane = 0; plane < colour.length; plane += n)
      for (let i = 0; i < n; i++) if (thin.blend[i] > 0) colour[plane + i] = strokes[plane + i];
    return { ...picture, colour };
  };
  const real = marks(thin.blend, (share, i) => share === 0 && source?.[i] !== 0);
  const copied = await (await copying()).copiedEstimate(
    laid(smooth.colour, picture.colour),
    smooth,
    thick,
    real,
    { ...context, progress: within([0, COPIED]) },
  );
  if (!copied || context.stopped?.()) return copied;
  const { colour } = await nonlocalEstimate(
    laid(picture.colour, copied.colour),
    thin,
    { ...context, progress: within([COPIED, 1]) },
    diagnosis,
  );
  return { ...copied, colour };
}

/** The non-local fill of the part around the hole, laid into the picture. */
async function nonlocalEstimate(
  picture: Picture,
  hole: Hole,
  { quality, seed: _, progress, ...context }: EstimateContext,
  diagnosis?: Diagnosis,
) {
  const { box } = hole;
  const { width, height } = box;
  const began = performance.now();
  const { signal, stopped } = context;
  const smooth = cutPicture(await inTurns(smoothlyFilled(picture, hole, stopped), signal), box);
  const smoothing = performance.now() - began;
  await turn();
  const part = cutPicture(picture, box);
  await turn();
  const blend = cutPlane(hole.blend, picture.width, box);
  const open = cutPlane(hole.open, picture.width, box);
  await turn();
  const known = cutPlane(hole.known, picture.width, box).map((k, i) => (part.alpha?.[i] === 0 ? 0 : k));
  function* whole(planes: Float32Array): Pieces<Float32Array> {
    const result = { ...picture, colour: picture.colour.slice() };
    yield;
    const laid = blended(part, planes, blend);
    yield;
    paste(result, box, keepHidden(part, laid));
    return result.colour;
  }
  const start = await colourOverBackdrop(smooth);
  const wanted = known.map((k, i) => (k === 0 && part.alpha?.[i] !== 0 ? 1 : 0));
  const reachesBorder = open.includes(1);
  if (reachesBorder) context.pace?.reserve(AMONG_SURROUNDINGS * smoothing);
  const filled = await fillNonlocal(
    { width, height, planes: part.channels, start, known, wanted },
    {
      ...{ ...context, rounds: ROUNDS[quality], noise: (diagnosis?.noise.sigma ?? 0) / 255 },
      progress: (done, planes) => progress(done, () => whole(planes)),
    },
  );
  await turn();
  const colour =
    reachesBorder && !areSame(filled, start)
      ? await inTurns(amongSurroundings(filled, part, known, open, stopped), signal)
      : filled;
  return { colour: await inTurns(whole(colour)), networkShare: 0 };
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
    *settle(restored) {
      const known = visiblyKnown(part, blend);
      const joined = yield* withoutSeam(restored, part, known, hole.radius);
      const colour = open.includes(1) ? yield* amongSurroundings(joined, part, known, open) : joined;
      return { colour, share: 1 };
    },
    compose: (restored) => keepHidden(part, blended(part, restored, blend)),
  };
}

/** The box, grown where it has next to no known pixel to learn from; `all`: what of the hole's area is known. */
function withKnown(box: Box, picture: Picture, hole: Hole, all: number): Box {
  const { width, height } = picture;
  let grown = box;
  while (
    knownShare(grown, picture, hole) < GROWTH.enough * all &&
    (grown.width < width || grown.height < height)
  )
    grown = growBox(grown, GROWTH.pixels, width, height);
  return grown;
}

/** Share of a box's pixels that are known, as much as they are seen. */
function knownShare({ x, y, width, height }: Box, picture: Picture, { known }: Hole): number {
  let sum = 0;
  for (let row = y; row < y + height; row++)
    for (let i = row * picture.width + x, n = 0; n < width; i++, n++)
      if (known[i]) sum += picture.alpha ? picture.alpha[i] : 1;
  return sum / (width * height);
}

/** The hole filled by interpolation alone, in parts too: the equations of a huge one would not fit the memory. */
function* smoothlyFilled(picture: Picture, hole: Hole, over: IsOver = never): Pieces<Picture> {
  const canvas = new Canvas(picture);
  const share = knownShare(hole.box, picture, hole);
  for (const part of cutIntoParts({ area: hole.box, picture, result: picture }, SMOOTH_SIDE)) {
    if (!touches(part.box, picture, hole)) continue;
    const box = withKnown(part.box, picture, hole, share);
    yield;
    const cut = cutPicture(picture, box);
    const blend = cutPlane(hole.blend, picture.width, box);
    yield;
    const smooth = yield* withoutSeam(
      new Float32Array(cut.colour.length),
      cut,
      visiblyKnown(cut, blend),
      hole.radius,
      over,
    );
    const colour = keepHidden(cut, blended(cut, smooth, blend));
    yield;
    canvas.lay(part, { box, colour });
    yield;
  }
  return canvas.picture;
}

/** What no estimate is blended into, and alpha does not hide. */
function visiblyKnown({ alpha }: Picture, blend: Float32Array): Uint8Array {
  const known = new Uint8Array(blend.length);
  for (let i = 0; i < known.length; i++) known[i] = blend[i] === 0 && alpha?.[i] !== 0 ? 1 : 0;
  return known;
}

const touches = (box: Box, { width }: Picture, { blend }: Hole) =>
  cutPlane(blend, width, box).some((share) => share > 0);

/** The estimate plus its error around what is blended in, carried smoothly inwards. */
function* withoutSeam(
  estimate: Float32Array,
  part: Picture,
  known: Uint8Array,
  radius: number,
  over: IsOver = never,
): Pieces<Float32Array> {
  const { width, height, channels, colour } = part;
  const n = width * height;
  const out = estimate.slice();
  const errors: Float32Array[] = [];
  for (const [c, plane] of planesIn(colour, channels).entries())
    errors.push(yield* mapped(plane, (value, i) => value - estimate[c * n + i]));
  const smoothness = radius <= THIN ? 'thinPlate' : 'membrane';
  const missing = yield* interpolatedEach(errors, known, width, height, smoothness, over);
  for (const [c, plane] of missing.entries())
    out.set(yield* mapped(plane, (value, i) => Math.min(1, Math.max(0, estimate[c * n + i] + value))), c * n);
  return out;
}

function meanOfKnown({ colour, channels, width, height }: Picture, known: Uint8Array): number[] {
  const n = width * height;
  const count = known.reduce((sum, k) => sum + k, 0) || 1;
  return Array.from(
    { length: channels },
    (_, c) => known.reduce((sum, k, i) => sum + k * colour[c * n + i], 0) / count,
  );
}
