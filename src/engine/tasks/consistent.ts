import type { Reduction } from '../choices.ts';
import { type AxisTable, applyTables, cutTable, tablesApplied } from '../image/axis-table.ts';
import { type Box, cutPicture, cutPlane, growBox, paste } from '../image/box.ts';
import type { Drawn } from '../image/drawn.ts';
import { stretch } from '../image/parts.ts';
import type { Picture } from '../image/picture.ts';
import { clampPlanes } from '../image/premultiply.ts';
import { bilinearTable, lanczosTable, reductionTable } from '../image/resize.ts';
import type { IsOver } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';
import { tensorsOf } from './along-edges.ts';
import { asDrawing, type DrawingAxis, drawingAxis } from './as-drawing.ts';
import { rangesOf } from './drawn-ranges.ts';

/** Tiles that are worked on at once, px of the picture a side, and how far around them is looked. */
const TILE = 64;
const HALO = 8;
/** Half a step of 8-bit samples: what the picture's own rounding leaves open. */
const ROUNDING = 0.5 / 255;
/** Photographs: projections at most, and how far the worst sample may be from its rounding that ends them. */
const PHOTO = { rounds: 32, enough: ROUNDING / 2 } as const;
/** How far a correction goes, of what is missing: the finest detail comes back from shrinking at less than half of it. */
const STEP = 1.6;
/** How one axis shrinks to the picture's, and grows from it. */
interface Axis {
  readonly shrink: AxisTable;
  readonly grow: AxisTable;
  readonly smooth: AxisTable;
  readonly drawing: DrawingAxis;
}

/** What an enlargement is held against. */
interface Enlargement {
  /** The picture, premultiplied. */
  readonly picture: Picture;
  readonly drawn: Drawn;
  /** [height, width] of the picture: how uncertain its pixels are, beside their rounding; absent = not at all. */
  readonly doubt?: Float32Array;
  /** How the picture is taken to have been reduced, where it is no drawing. */
  readonly reduction: Reduction;
  /** The plain enlargement: what the result is where the time is `over` before it is looked at. */
  readonly plain: Float32Array;
  readonly over: IsOver;
  /** Size of the result. */
  readonly width: number;
  readonly height: number;
}

/**
 * The enlargement next to the given planes that shrinks to the picture again, by projections onto convex sets (Youla &
 * Webb, IEEE TMI 1, 1982), in tiles. Photographs: the reduction gives the picture within its rounding. Drawings
 * (Drawn): the means over the picture's pixels do, within the range of colours around each; then what was flat stays
 * flat, and an edge lies in the pixels that it was blended in.
 *
 * @param colour [channels, height, width] of the result, premultiplied.
 * @param drawing the planes that drawings start from.
 */
export function* consistent(
  colour: Float32Array,
  drawing: Float32Array,
  { picture, drawn, doubt, reduction, plain, over, width, height }: Enlargement,
): Pieces<Float32Array> {
  const { channels } = picture;
  const across = axisOf(picture.width, width, reduction);
  const along = axisOf(picture.height, height, reduction);
  const result: Picture = { width, height, channels, colour: colour.slice(), alpha: null };
  const isPartlyDrawn = drawn.share.some((s) => s > 0);
  const ranges = isPartlyDrawn ? yield* rangesOf(picture, drawn) : [];
  const tensors = isPartlyDrawn ? yield* tensorsOf(picture) : [];
  for (let y = 0; y < picture.height; y += TILE)
    for (let x = 0; x < picture.width; x += TILE) {
      const tile = {
        x,
        y,
        width: Math.min(TILE, picture.width - x),
        height: Math.min(TILE, picture.height - y),
      };
      const box = growBox(tile, HALO, picture.width, picture.height);
      const [cols, rows] = [across(box.x, box.width), along(box.y, box.height)];
      const place = { x: cols.start, y: rows.start, width: cols.length, height: rows.length };
      const cut = (planes: Float32Array, from: Box = place) =>
        cutPicture({ ...result, colour: planes }, from).colour;
      const inner = innerBox(tile, picture, result);
      if (over()) {
        paste(result, inner, cut(plain, inner));
        continue;
      }
      const part = cutPicture(picture, box);
      const share = cutPlane(drawn.share, picture.width, box);
      const doubted = doubt && cutPlane(doubt, picture.width, box);
      const isPhoto = share.some((s) => s < 1);
      const photo = isPhoto ? yield* asPhoto(cut(colour), part, rows, cols, doubted) : undefined;
      yield;
      const known = {
        ranges: ranges.map((plane) => cutPicture({ ...picture, colour: plane }, box).colour),
        tensors: tensors.map((plane) => cutPlane(plane, picture.width, box)),
      };
      const flat = share.some((s) => s > 0)
        ? yield* asDrawing(cut(drawing), part, known, rows.drawing, cols.drawing)
        : undefined;
      yield;
      const both =
        photo && flat ? mix(photo, flat, applyTables(share, 1, rows.smooth, cols.smooth)) : (photo ?? flat)!;
      const shifted = { ...inner, x: inner.x - place.x, y: inner.y - place.y };
      const whole: Picture = { ...place, channels, colour: both, alpha: null };
      paste(result, inner, cutPicture(whole, shifted).colour);
      yield;
    }
  return result.colour;
}

/** Where a tile of the picture lies in the result. */
function innerBox(tile: Box, from: Picture, to: Picture): Box {
  const x = stretch({ start: tile.x, length: tile.width }, from.width, to.width);
  const y = stretch({ start: tile.y, length: tile.height }, from.height, to.height);
  return { x: x.start, y: y.start, width: x.length, height: y.length };
}

function axisOf(n: number, enlarged: number, reduction: Reduction) {
  const tables = {
    shrink: reductionTable(reduction, enlarged, n),
    grow: lanczosTable(n, enlarged, 3),
    smooth: bilinearTable(n, enlarged),
  };
  const drawing = drawingAxis(n, enlarged);
  return (start: number, length: number): Axis & { start: number; length: number } => {
    const inputs = { start, length };
    const place = stretch(inputs, n, enlarged);
    return {
      ...place,
      shrink: cutTable(tables.shrink, inputs, place),
      grow: cutTable(tables.grow, place, inputs),
      smooth: cutTable(tables.smooth, place, inputs),
      drawing: drawing(inputs, place),
    };
  };
}

/**
 * Back-projection (Irani & Peleg, 1991) of what exceeds the picture's rounding, and where something was taken out of it as much
 * again: enlarging that too would be noise.
 */
function* asPhoto(
  estimate: Float32Array,
  { channels, colour }: Picture,
  rows: Axis,
  cols: Axis,
  doubt?: Float32Array,
): Pieces<Float32Array> {
  let planes = estimate;
  // Alpha is never cleaned.
  const opaque = channels === 2 || channels === 4 ? colour.length - colour.length / channels : colour.length;
  for (let round = 0; round < PHOTO.rounds; round++) {
    const shrunk = yield* tablesApplied(planes, channels, rows.shrink, cols.shrink);
    let worst = 0;
    const missing = colour.map((value, i) => {
      const error = value - shrunk[i];
      const slack = doubt && i < opaque ? doubt[i % doubt.length] : 0;
      const excess = Math.max(0, Math.abs(error) - ROUNDING - slack);
      worst = Math.max(worst, excess);
      return STEP * Math.sign(error) * excess;
    });
    if (worst <= PHOTO.enough) break;
    const change = yield* tablesApplied(missing, channels, rows.grow, cols.grow);
    planes = clampPlanes(
      planes.map((value, i) => value + change[i]),
      channels,
    );
  }
  return planes;
}

function mix(photo: Float32Array, drawing: Float32Array, share: Float32Array): Float32Array {
  return photo.map((value, i) => value + share[i % share.length] * (drawing[i] - value));
}
