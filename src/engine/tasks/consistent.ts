import { type AxisTable, areaTable, bilinearTable, cutTable, lanczosTable } from '../image/axis-table.ts';
import { type Box, cutPicture, cutPlane, growBox, paste } from '../image/box.ts';
import type { Drawn } from '../image/drawn.ts';
import type { Picture } from '../image/picture.ts';
import { clampPlanes, unpremultiply } from '../image/premultiply.ts';
import { applyTables } from '../image/resize.ts';
import { stretch } from '../parts.ts';
import type { Pieces } from '../turns.ts';

/** Tiles that are worked on at once, px of the picture a side, and how far around them is looked. */
const TILE = 64;
const HALO = 8;
/** Half a step of 8-bit samples: what the picture's own rounding leaves open. */
const ROUNDING = 0.5 / 255;
/** Photographs: projections at most, and the worst sample's error, in steps, that ends them. */
const PHOTO = { rounds: 32, enough: 1.5 * ROUNDING } as const;
/** How far a correction goes, of what is missing: the finest detail comes back from shrinking at less than half of it. */
const STEP = 1.6;
/**
 * Drawings: projections with smooth corrections, which find the edges; then with exact ones, of which one would do if the
 * result's pixels never lay in two of the picture's.
 */
const DRAWING = { smooth: 12, exact: 3 } as const;

/** How one axis shrinks to the picture's, and grows from it. */
interface Axis {
  readonly shrink: AxisTable;
  readonly grow: AxisTable;
  readonly mean: AxisTable;
  readonly smooth: AxisTable;
  readonly plain: AxisTable;
}

/** What an enlargement is held against. */
export interface Enlargement {
  /** The picture, premultiplied. */
  readonly picture: Picture;
  readonly drawn: Drawn;
  /** Size of the result. */
  readonly width: number;
  readonly height: number;
}

/**
 * The enlargement next to the given planes that shrinks to the picture again, by projections onto convex sets (Youla &
 * Webb, IEEE TMI 1, 1982), in tiles. Photographs: Lanczos2's shrinking gives the picture within its rounding. Drawings
 * (Drawn): the means over the picture's pixels do, within the range of colours around each; then what was flat stays
 * flat, and an edge lies in the pixels that it was blended in.
 *
 * @param colour [channels, height, width] of the result, premultiplied.
 * @param drawing the planes that drawings start from.
 */
export function* consistent(
  colour: Float32Array,
  drawing: Float32Array,
  { picture, drawn, width, height }: Enlargement,
): Pieces<Float32Array> {
  const { channels } = picture;
  const across = axisOf(picture.width, width);
  const along = axisOf(picture.height, height);
  const result: Picture = { width, height, channels, colour: colour.slice(), alpha: null };
  const { low, high } = rangesOf(picture, drawn.flat);
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
      const cut = (planes: Float32Array) => cutPicture({ ...result, colour: planes }, place).colour;
      const part = cutPicture(picture, box);
      const share = cutPlane(drawn.share, picture.width, box);
      const photo = share.some((s) => s < 1) ? asPhoto(cut(colour), part, rows, cols) : undefined;
      yield;
      const range = [low, high].map((plane) => cutPicture({ ...picture, colour: plane }, box).colour);
      const flat = share.some((s) => s > 0) ? asDrawing(cut(drawing), part, range, rows, cols) : undefined;
      const both =
        photo && flat ? mix(photo, flat, applyTables(share, 1, rows.smooth, cols.smooth)) : (photo ?? flat)!;
      const inner = innerBox(tile, picture, result);
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

function axisOf(n: number, enlarged: number) {
  const tables = {
    shrink: lanczosTable(enlarged, n, 2),
    grow: lanczosTable(n, enlarged, 3),
    mean: areaTable(enlarged, n),
    smooth: bilinearTable(n, enlarged),
    plain: areaTable(n, enlarged),
  };
  return (start: number, length: number): Axis & { start: number; length: number } => {
    const inputs = { start, length };
    const place = stretch(inputs, n, enlarged);
    return {
      ...place,
      shrink: cutTable(tables.shrink, inputs, place),
      grow: cutTable(tables.grow, place, inputs),
      mean: cutTable(tables.mean, inputs, place),
      smooth: cutTable(tables.smooth, place, inputs),
      plain: cutTable(tables.plain, place, inputs),
    };
  };
}

/** Back-projection (Irani & Peleg, 1991) of what exceeds the picture's rounding: enlarging that too would be noise. */
function asPhoto(
  estimate: Float32Array,
  { channels, colour }: Picture,
  rows: Axis,
  cols: Axis,
): Float32Array {
  let planes = estimate;
  for (let round = 0; round < PHOTO.rounds; round++) {
    const shrunk = applyTables(planes, channels, rows.shrink, cols.shrink);
    let worst = 0;
    const missing = colour.map((value, i) => {
      const error = value - shrunk[i];
      worst = Math.max(worst, Math.abs(error));
      return STEP * Math.sign(error) * Math.max(0, Math.abs(error) - ROUNDING);
    });
    if (worst <= PHOTO.enough) break;
    const change = applyTables(missing, channels, rows.grow, cols.grow);
    planes = clampPlanes(
      planes.map((value, i) => value + change[i]),
      channels,
    );
  }
  return planes;
}

/** Alpha first, of a picture that has it: colours are limited as they show, and multiplied by it. */
function asDrawing(
  estimate: Float32Array,
  { channels, colour }: Picture,
  [low, high]: Float32Array[],
  rows: Axis,
  cols: Axis,
): Float32Array {
  const n = estimate.length / channels;
  const least = extremes(low, channels, rows.plain, cols.plain, Math.min);
  const most = extremes(high, channels, rows.plain, cols.plain, Math.max);
  const out = new Float32Array(estimate.length);
  const m = colour.length / channels;
  const transparent = channels === 2 || channels === 4;
  const alpha = transparent ? out.subarray(-n) : undefined;
  for (let c = channels - 1; c >= 0; c--) {
    const cut = (planes: Float32Array) => planes.slice(c * n, (c + 1) * n);
    const [bottom, top] = [cut(least), cut(most)];
    if (alpha && c < channels - 1)
      for (let i = 0; i < n; i++) [bottom[i], top[i]] = [alpha[i] * bottom[i], alpha[i] * top[i]];
    const target = colour.subarray(c * m, (c + 1) * m);
    out.set(project(cut(estimate), target, { least: bottom, most: top }, rows, cols), c * n);
  }
  return out;
}

/** The plane next to `estimate` between its limits whose means are those of the picture. */
function project(
  estimate: Float32Array,
  target: Float32Array,
  { least, most }: Record<'least' | 'most', Float32Array>,
  rows: Axis,
  cols: Axis,
): Float32Array {
  const limit = (value: number, i: number) => Math.min(most[i], Math.max(least[i], value));
  const means = (x: Float32Array) => applyTables(x, 1, rows.mean, cols.mean);
  let plane = estimate.map(limit);
  for (let round = 0; round < DRAWING.smooth; round++) {
    const now = means(plane);
    const missing = target.map((value, i) => value - now[i]);
    const change = applyTables(missing, 1, rows.smooth, cols.smooth);
    plane = plane.map((value, i) => limit(value + change[i], i));
  }
  const [above, below] = [means(most), means(least)];
  for (let round = 0; round < DRAWING.exact; round++) {
    const now = means(plane);
    // Which part of the way to its limit, up or down, every sample has to go.
    const way = target.map((value, i) => {
      const room = value > now[i] ? above[i] - now[i] : now[i] - below[i];
      return room > 0 ? Math.min(1, Math.max(-1, (value - now[i]) / room)) : 0;
    });
    const share = applyTables(way, 1, rows.plain, cols.plain);
    plane = plane.map((value, i) => value + Math.abs(share[i]) * ((share[i] > 0 ? most : least)[i] - value));
  }
  return plane;
}

/**
 * Per sample of the picture: the range of its 3 × 3 neighbours, of colours as they show; flat pixels have their own value
 * only.
 */
function rangesOf(picture: Picture, flat: Uint8Array) {
  const { width, height, channels, colour } = picture;
  const n = width * height;
  const alpha = channels === 2 || channels === 4 ? colour.slice(-n) : undefined;
  const shown = alpha ? Float32Array.from([...unpremultiply(picture).colour, ...alpha]) : colour;
  const [low, high] = [shown.slice(), shown.slice()];
  for (let i = 0; i < shown.length; i++) {
    const at = i % n;
    if (flat[at]) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    const isColour = alpha !== undefined && i < shown.length - n;
    // Hidden colour has no part in it.
    if (isColour && alpha[at] === 0) [low[i], high[i]] = [1, 0];
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
        if (isColour && alpha[v * width + u] === 0) continue;
        const value = shown[i - at + v * width + u];
        low[i] = Math.min(low[i], value);
        high[i] = Math.max(high[i], value);
      }
  }
  return { low, high };
}

/** The least or greatest of the samples under each tap of the tables, instead of their mean. */
function extremes(
  x: Float32Array,
  channels: number,
  rows: AxisTable,
  cols: AxisTable,
  choose: (a: number, b: number) => number,
): Float32Array {
  const out = new Float32Array(channels * rows.outputs * cols.outputs);
  const first = choose === Math.min ? 1 : 0;
  let to = 0;
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < rows.outputs; i++)
      for (let j = 0; j < cols.outputs; j++, to++) {
        out[to] = first;
        for (let s = 0; s < rows.taps; s++) {
          if (rows.weights[i * rows.taps + s] === 0) continue;
          const line = (c * rows.inputs + rows.start[i] + s) * cols.inputs + cols.start[j];
          for (let t = 0; t < cols.taps; t++)
            if (cols.weights[j * cols.taps + t] !== 0) out[to] = choose(out[to], x[line + t]);
        }
      }
  return out;
}

function mix(photo: Float32Array, drawing: Float32Array, share: Float32Array): Float32Array {
  return photo.map((value, i) => value + share[i % share.length] * (drawing[i] - value));
}
