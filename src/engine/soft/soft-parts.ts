import { marks } from '../image/binary-plane.ts';
import { type Box, cutPicture, cutPlane, growBox } from '../image/box.ts';
import { distancesTo } from '../image/distance.ts';
import { type Picture, planesIn } from '../image/picture.ts';
import { amongSurroundings } from '../image/surroundings.ts';
import { type Hole, thicknessIn } from '../tasks/hole.ts';
import { keeping, THICK } from '../tasks/hole-parts.ts';
import type { Pieces } from '../time-slicing.ts';
import { continuedSoftly } from './isophotes.ts';
import { isSoftAround } from './judge.ts';

/** Strokes thinner than this, px, need no help. */
const LEAST = 8;
/** What of a hole lies nearer to each other than twice this, px, is filled as one. */
const TOGETHER = 2;
/** How much around each is looked at, px. */
const AROUND = 16;

/** What of a hole lay in soft shapes, filled. */
export interface SoftlyFilled {
  /** The picture with these parts filled. */
  readonly picture: Picture;
  /** [height, width] 1 = filled. */
  readonly made: Uint8Array;
  /** What is left to fill; absent = nothing. */
  readonly rest?: Hole;
}

/** Fills those parts of a hole that lie in shadows, glows, gradients and what else is soft; undefined where there are none. */
export function* softPartsFilled(picture: Picture, hole: Hole): Pieces<SoftlyFilled | undefined> {
  const { width, height } = picture;
  const { box } = hole;
  if (hole.thickness < LEAST) return undefined;
  const isSoft = new Uint8Array(box.width * box.height);
  let colour: Float32Array | undefined;
  for (const { own, thickness } of yield* partsIn(hole, width, height)) {
    const around = growBox(boxOf(own, box), AROUND, width, height);
    const part = cutPicture(picture, around);
    if (part.alpha?.includes(0)) continue;
    const lack = marks(cutPlane(hole.blend, width, around), (share) => share > 0);
    yield;
    if (!(yield* isSoftAround(part, lack, thickness < THICK))) continue;
    const open = cutPlane(hole.open, width, around);
    const filled = yield* filledSoftly(part, lack, open);
    colour ??= picture.colour.slice();
    yield;
    lay(filled, { own, box, around, hole, picture }, colour);
    for (const i of own) isSoft[i] = 1;
    yield;
  }
  if (!colour) return undefined;
  const made = new Uint8Array(width * height);
  for (let i = 0; i < isSoft.length; i++)
    if (isSoft[i]) made[(box.y + Math.floor(i / box.width)) * width + box.x + (i % box.width)] = 1;
  const left = cutPlane(hole.blend, width, box).some((share, i) => share > 0 && !isSoft[i]);
  const rest = left ? { rest: yield* keeping(hole, isSoft, 0, width, height) } : {};
  return { picture: { ...picture, colour }, made, ...rest };
}

function* filledSoftly(part: Picture, lack: Uint8Array, open: Uint8Array): Pieces<Float32Array> {
  const { width, height, channels } = part;
  const known = lack.map((l) => 1 - l);
  const planes = yield* continuedSoftly(planesIn(part.colour, channels), known, width, height);
  const filled = new Float32Array(part.colour.length);
  for (const [c, plane] of planes.entries()) filled.set(plane, c * plane.length);
  return open.includes(1) ? yield* amongSurroundings(filled, part, known, open) : filled;
}

interface Place {
  /** Pixels of the hole's box that are to be laid. */
  readonly own: readonly number[];
  readonly box: Box;
  /** Where the filled part lies in the picture. */
  readonly around: Box;
  readonly hole: Hole;
  readonly picture: Picture;
}

function lay(filled: Float32Array, { own, box, around, hole, picture }: Place, onto: Float32Array): void {
  const { width, height, channels } = picture;
  for (const i of own) {
    const [x, y] = [box.x + (i % box.width), box.y + Math.floor(i / box.width)];
    const [from, to] = [(y - around.y) * around.width + x - around.x, y * width + x];
    const share = hole.blend[to];
    for (let c = 0; c < channels; c++) {
      const value = filled[c * around.width * around.height + from];
      const at = c * width * height + to;
      onto[at] = share === 1 ? value : onto[at] + share * (value - onto[at]);
    }
  }
}

interface Part {
  /** Its pixels in the hole's box. */
  readonly own: readonly number[];
  readonly thickness: number;
}

/** The parts of a hole that are thick enough and lie apart. */
function* partsIn({ blend, box }: Hole, width: number, height: number): Pieces<Part[]> {
  const lack = marks(cutPlane(blend, width, box), (share) => share > 0);
  const away = yield* distancesTo(lack, box.width, box.height);
  const depth = yield* distancesTo(
    lack.map((l) => 1 - l),
    box.width,
    box.height,
  );
  const thickness = thicknessIn(depth, box, width, height);
  const seen = new Uint8Array(lack.length);
  const parts: Part[] = [];
  for (let first = 0; first < seen.length; first++) {
    if (seen[first] || thickness[first] < LEAST) continue;
    const own: number[] = [];
    let thick = 0;
    const found = [first];
    seen[first] = 1;
    for (let i = found.pop(), looked = 0; i !== undefined; i = found.pop(), looked++) {
      if (lack[i]) own.push(i);
      thick = Math.max(thick, thickness[i]);
      const x = i % box.width;
      for (const j of [i - box.width, x > 0 ? i - 1 : -1, x + 1 < box.width ? i + 1 : -1, i + box.width]) {
        if (j < 0 || j >= seen.length || seen[j] || away[j] > TOGETHER) continue;
        seen[j] = 1;
        found.push(j);
      }
      if (looked % MANY === MANY - 1) yield;
    }
    parts.push({ own, thickness: thick });
  }
  return parts;
}

/** The box of the picture around such pixels. */
function boxOf(own: readonly number[], box: Box): Box {
  let [left, top, right, bottom] = [box.width, box.height, 0, 0];
  for (const i of own) {
    const [x, y] = [i % box.width, Math.floor(i / box.width)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return { x: box.x + left, y: box.y + top, width: right - left + 1, height: bottom - top + 1 };
}

/** Pixels that are looked at between two turns. */
const MANY = 2 ** 14;
