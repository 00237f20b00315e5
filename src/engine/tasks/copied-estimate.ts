import { fillByCopying, isRough, MOST_LEFT } from '../copying/fill.ts';
import type { Level } from '../copying/level.ts';
import { marks } from '../image/binary-plane.ts';
import { type Box, cutPicture, cutPlane, paste } from '../image/box.ts';
import { interpolatedEach } from '../image/interpolate.ts';
import { keepHidden, type Picture, planesIn, toPicture } from '../image/picture.ts';
import { resize } from '../image/resize.ts';
import type { PlanarImage } from '../options.ts';
import { inTurns, type Pieces } from '../time-slicing.ts';
import { colourOverBackdrop } from './colour-over-backdrop.ts';
import { drawingAround } from './drawing-around.ts';
import { blended, type Hole } from './hole.ts';
import type { Estimate, EstimateContext, SmallHole } from './task.ts';

/** The guide has about as many pixels as a square of this side, and is at most that much smaller than the picture. */
const GUIDE = { side: 88, least: 2 } as const;
/** So little of a hole may be left to its guide where that would be all that a copy from farther off could better. */
const LEFT_ALONE = 1 / 2000;
/** A copy from farther off that fits less well must leave that much less to the guide. */
const LESS_LEFT = 0.5;
/** In drawings so much is left to it rather than copied where edges are narrow, and no reason to look farther off. */
const LEFT_NARROW = 0.01;
/** Shares of the time that end with the first copy, and with the guide for the second one. */
const [FIRST, GUIDED] = [0.25, 0.75];

/**
 * A large hole filled with copies of the picture around it: guided by the smoothest surface, and, unless it is to be fast, by what a
 * network draws into a small version of it; the one whose copies fit better. Undefined where too little can be copied.
 *
 * @param smooth the picture with its hole filled smoothly; it becomes the answer.
 * @param source [height, width] 1 = may be copied from.
 */
export async function copiedEstimate(
  picture: Picture,
  smooth: Picture,
  hole: Hole,
  source: Uint8Array | undefined,
  context: EstimateContext,
): Promise<Estimate | undefined> {
  const box = hole.sources;
  const part = cutPicture(picture, box);
  const { width, height, alpha } = part;
  const blend = cutPlane(hole.blend, picture.width, box);
  const lack = marks(blend, (share, i) => share > 0 && alpha?.[i] !== 0);
  const may = source && cutPlane(source, picture.width, box);
  const allowed = marks(lack, (l, i) => l === 0 && alpha?.[i] !== 0 && may?.[i] !== 0);
  const laidInto = (onto: Float32Array, colour: Float32Array) => {
    paste({ ...picture, colour: onto }, box, keepHidden(part, blended(part, colour, blend)));
    return onto;
  };
  function* whole(colour: Float32Array): Pieces<Float32Array> {
    const onto = picture.colour.slice();
    yield;
    return laidInto(onto, colour);
  }
  // Nothing else is read from there any more, and a picture may be large.
  const last = (colour: Float32Array) => laidInto(smooth.colour, colour);
  const { seed, signal, stopped = () => false, progress, network, foretold } = context;
  const filled = { ...part, colour: await colourOverBackdrop(cutPicture(smooth, box)) };
  const drawing = await inTurns(drawingAround(filled, lack, allowed), signal);
  const flat = drawing !== undefined;
  const plain = (drawing ?? filled).colour;
  const elsewhere = flat ? await wholeOf(smooth, hole, source) : undefined;
  // The smaller the part, the finer the resolution at which its copies are found.
  const copyIn = async (
    place: Box,
    colour: Float32Array,
    [from, to]: readonly [number, number],
    shown: Float32Array,
  ) => {
    const guided = { ...part, colour: colour.slice() };
    const copied = await fillByCopying(
      {
        ...cutPicture(guided, place),
        ...{ hole: cutPlane(lack, width, place), source: cutPlane(allowed, width, place) },
      },
      {
        ...{ seed, signal, stopped, foretold, flat, drawn: colour !== plain },
        whole: elsewhere && { ...elsewhere, x: box.x + place.x, y: box.y + place.y },
        progress: (done) => progress(from + (to - from) * done, () => whole(shown)),
      },
    );
    if (!copied) return undefined;
    paste(guided, place, copied.colour);
    return { ...copied, colour: guided.colour };
  };
  const near = { ...hole.box, x: hole.box.x - box.x, y: hole.box.y - box.y };
  const all = { x: 0, y: 0, width, height };
  const isAll = near.width === width && near.height === height;
  const copy = async (colour: Float32Array, [from, to]: readonly [number, number], shown: Float32Array) => {
    const half = (from + to) / 2;
    const first = await copyIn(near, colour, [from, half], shown);
    // What lies farther off brings what does not belong here: only where something finds no copy near by, or in drawings.
    if (stopped() || isAll || (first && first.left < LEFT_ALONE && !flat)) return first;
    const second = await copyIn(
      all,
      colour,
      [half, to],
      first && first.left <= MOST_LEFT ? first.colour : shown,
    );
    return first && !(second && fitsBetter(second, first, flat)) ? first : second;
  };
  await progress(0, () => whole(plain));
  const small = context.quality === 'fast' ? undefined : reduced(part, lack);
  const first = await copy(plain, [0, small && network ? FIRST : 1], plain);
  if (stopped() && (!first || first.left > MOST_LEFT))
    return { networkShare: 0, colour: last(first?.colour ?? plain) };
  if (!first || first.left > MOST_LEFT) return undefined;
  const estimate = { networkShare: 0, ...(small ? { guide: small } : {}) };
  if (!small || !network || stopped()) return { ...estimate, colour: last(first.colour) };
  const drawn = await network(small, (done) =>
    progress(FIRST + (GUIDED - FIRST) * done, () => whole(first.colour)),
  );
  if (stopped()) return { ...estimate, colour: last(first.colour), network: drawn.facts };
  const guide = await joined(enlarged(drawn.image, width, height), plain, part, lack);
  const second = await copy(guide, [GUIDED, 1], first.colour);
  const { colour } = second && second.cost < first.cost ? second : first;
  return { ...estimate, colour: last(colour), network: drawn.facts };
}

/** All of a drawing, where corners may be like others. */
async function wholeOf(smooth: Picture, { blend }: Hole, source: Uint8Array | undefined): Promise<Level> {
  const lack = marks(blend, (share, i) => share > 0 && smooth.alpha?.[i] !== 0);
  const allowed = marks(lack, (l, i) => l === 0 && smooth.alpha?.[i] !== 0 && source?.[i] !== 0);
  return { ...smooth, colour: await colourOverBackdrop(smooth), hole: lack, source: allowed };
}

type Fit = Pick<NonNullable<Awaited<ReturnType<typeof fillByCopying>>>, 'cost' | 'left' | 'rough'>;

/** Whether a copy from farther off is the better one. */
export function fitsBetter(far: Fit, near: Fit, flat: boolean): boolean {
  const isCheaper = far.cost < near.cost;
  if (flat) return isCheaper || (near.left > LEFT_NARROW && far.left < near.left);
  // Of two that leave about the same, that which is as rough as what lies around.
  const isLike = Math.abs(far.left - near.left) < LEFT_ALONE;
  if (isLike && isRough(far.rough) !== isRough(near.rough)) return isRough(far.rough);
  return far.left < (isCheaper ? 1 : LESS_LEFT) * near.left;
}

/** A small version of a picture, each pixel the mean of what is known; undefined where it has no hole, or nothing else. */
function reduced(
  { width, height, channels, colour, alpha }: Picture,
  lack: Uint8Array,
): SmallHole | undefined {
  const factor = Math.max(GUIDE.least, Math.round(Math.sqrt(width * height) / GUIDE.side));
  const [w, h] = [Math.ceil(width / factor), Math.ceil(height / factor)];
  const [known, all] = [new Float32Array(w * h), new Float32Array(w * h)];
  const sums = new Float32Array(channels * w * h);
  for (let i = 0; i < lack.length; i++) {
    const to = Math.floor(Math.floor(i / width) / factor) * w + Math.floor((i % width) / factor);
    all[to]++;
    if (lack[i] || alpha?.[i] === 0) continue;
    known[to]++;
    for (let c = 0; c < channels; c++) sums[c * w * h + to] += colour[c * lack.length + i];
  }
  const data = known.map((k, i) => (2 * k > all[i] ? 1 : 0));
  if (!data.includes(0) || !data.includes(1) || Math.min(w, h) < 8) return undefined;
  const means = sums.map((sum, i) => (known[i % known.length] ? sum / known[i % known.length] : 0));
  const planes = Array.from({ length: channels }, (_, c) => means.slice(c * w * h, (c + 1) * w * h));
  return { planes, width: w, height: h, mask: { data, width: w, height: h } };
}

function enlarged(image: PlanarImage, width: number, height: number): Float32Array {
  const factor = Math.round(Math.max(width / image.width, height / image.height));
  const small = toPicture(image);
  const large = resize(small, factor * small.width, factor * small.height, 'bicubic');
  return cutPicture(large, { x: 0, y: 0, width, height }).colour;
}

/** The guide in what is lacking, with its error around that carried smoothly inwards; the rest as it is. */
async function joined(
  guide: Float32Array,
  plain: Float32Array,
  { width, height, channels }: Picture,
  lack: Uint8Array,
): Promise<Float32Array> {
  const n = width * height;
  const known = lack.map((l) => 1 - l);
  const out = plain.slice();
  const errors = planesIn(plain, channels).map((plane, c) =>
    plane.map((value, i) => value - guide[c * n + i]),
  );
  const carried = await inTurns(interpolatedEach(errors, known, width, height, 'membrane'));
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < n; i++)
      if (lack[i]) out[c * n + i] = Math.min(1, Math.max(0, guide[c * n + i] + carried[c][i]));
  return out;
}
