import { marks } from '../image/binary-plane.ts';
import { cutPlane } from '../image/box.ts';
import { distancesTo } from '../image/distance.ts';
import type { Pieces } from '../time-slicing.ts';
import { type Hole, holeWith, thicknessIn } from './hole.ts';

/** Thickness, px, from which a hole is thick. */
export const THICK = 24;
/** Where some of a hole is, up to which the rest counts as strokes: what is broader looks blurred beside copies. */
const STROKE = 12;

export interface HoleParts {
  /** Strokes, specks and what else is thin; absent = there is nothing of it. */
  readonly thin?: Hole;
  /** What is thicker; absent = there is nothing of it. The pixels of each part are known to the other. */
  readonly thick?: Hole;
}

/** Tells the strokes of a hole that has thick parts from these, in pieces. */
export function* partsOf(hole: Hole, width: number, height: number): Pieces<HoleParts> {
  if (hole.thickness < THICK) return { thin: hole };
  const { box } = hole;
  const isThick = yield* thickPixels(hole, width, height);
  const known = cutPlane(hole.known, width, box);
  const thin = known.map((k, i) => (k === 0 && !isThick[i] ? 1 : 0));
  if (!thin.includes(1)) return { thick: hole };
  const thick = known.map((k, i) => (k === 0 && isThick[i] ? 1 : 0));
  yield;
  const toThin = yield* distancesTo(thin, box.width, box.height);
  const toThick = yield* distancesTo(thick, box.width, box.height);
  // What fades out belongs to what it fades from.
  const isThin = marks(toThin, (px, i) => px < toThick[i]);
  yield;
  return {
    thin: yield* keeping(hole, isThin, 1, width, height),
    thick: yield* keeping(hole, isThin, 0, width, height),
  };
}

/** [box.height, box.width] 1 on what is broader than a stroke, its corners and the beginnings of strokes that hang on it. */
function* thickPixels({ known, box }: Hole, width: number, height: number): Pieces<Uint8Array> {
  const depth = yield* distancesTo(cutPlane(known, width, box), box.width, box.height);
  const thickness = thicknessIn(depth, box, width, height);
  yield;
  const core = marks(thickness, (px) => px >= STROKE);
  const away = yield* distancesTo(core, box.width, box.height);
  return marks(away, (px) => px <= STROKE);
}

/** The hole where a plane of its box has that value, the rest known. */
export function* keeping(
  hole: Hole,
  plane: Uint8Array,
  value: number,
  width: number,
  height: number,
): Pieces<Hole> {
  const { box } = hole;
  const [known, blend] = [hole.known.slice(), hole.blend.slice()];
  for (let y = 0, i = 0; y < box.height; y++) {
    let to = (box.y + y) * width + box.x;
    for (let x = 0; x < box.width; x++, i++, to++) {
      if (plane[i] === value) continue;
      known[to] = 1;
      blend[to] = 0;
    }
  }
  return yield* holeWith({ known, blend, near: box }, width, height);
}
