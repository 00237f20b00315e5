import { applyTables, clampIndex, tentTable } from '../image/axis-table.ts';
import { type Box, cutPicture, paste } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import type { IsOver } from '../stopping/pace.ts';
import type { Pieces } from '../time-slicing.ts';
import type { Mixture } from './mixture.ts';

/** Rows that are worked on at once, and how many around them are looked at. */
const STRIP = { rows: 64, around: 8 } as const;

/**
 * How far other pixels count, px, and how much, by a normal law over px; how unlike their surroundings may be, by the step of what mixes and
 * in samples at least.
 */
const NEAR = { reach: 4, spread: 1.4, unlike: 0.3, least: 2 / 255 } as const;

/** Reach of the mean that tells what surroundings are like, and of the one that stays, px: tents for normal laws of 1 and 1.2 px. */
const SMOOTH = { surroundings: 2.6, kept: 3 } as const;

/**
 * The mean of the pixels around each whose colour mixes with its own, by how sure that is, how near they lie and how much
 * alike their surroundings are.
 *
 * @param mixture of the same picture.
 * @returns the planes; strips of rows below where it was `over` are as they were.
 */
export function* undithered(picture: Picture, mixture: Mixture, over: IsOver): Pieces<Float32Array> {
  return yield* byStrips(picture, over, function* (strip, top, core) {
    const { width, height, channels, colour } = strip;
    const n = width * height;
    const around = yield* smoothed(strip, colour, SMOOTH.surroundings);
    const { colourAt, colours, mixed, step } = mixture;
    const unlikely = 1 / (2 * Math.max(NEAR.least, NEAR.unlike * step) ** 2);
    const first = top * picture.width;
    const unlikeness = (at: number, other: number) => {
      let unlike = 0;
      for (let p = at, q = other; p < colour.length; p += n, q += n) unlike += (around[p] - around[q]) ** 2;
      return unlike;
    };
    const out = new Float32Array(colour.length);
    const sum = new Float64Array(channels);
    const average = (x: number, y: number) => {
      const at = y * width + x;
      const own = colourAt[first + at] * colours;
      let total = 0;
      sum.fill(0);
      const [bottom, right] = [Math.min(height - 1, y + NEAR.reach), Math.min(width - 1, x + NEAR.reach)];
      for (let row = Math.max(0, y - NEAR.reach); row <= bottom; row++)
        for (let column = Math.max(0, x - NEAR.reach); column <= right; column++) {
          const other = row * width + column;
          const sure = mixed[own + colourAt[first + other]];
          if (sure === 0) continue;
          const away = (row - y) ** 2 + (column - x) ** 2;
          const weight = sure * Math.exp(-away * AWAY - unlikeness(at, other) * unlikely);
          for (let c = 0; c < channels; c++) sum[c] += weight * colour[c * n + other];
          total += weight;
        }
      for (let c = 0; c < channels; c++) out[c * n + at] = sum[c] / total;
    };
    for (let y = core.y; y < core.y + core.height; y++) {
      for (let x = 0; x < width; x++) average(x, y);
      yield;
    }
    return out;
  });
}

const AWAY = 1 / (2 * NEAR.spread ** 2);

/**
 * What a dithered picture may become: its means stay, since dither keeps them, and every sample lies within those beside it.
 *
 * @returns the planes; strips of rows below where it was `over` are the picture's.
 */
export function* asDithered(picture: Picture, estimate: Float32Array, over: IsOver): Pieces<Float32Array> {
  const whole = { ...picture, colour: estimate };
  return yield* byStrips(picture, over, function* (strip, top, core) {
    const { width, height, channels, colour } = strip;
    const ours = cutPicture(whole, { x: 0, y: top, width, height }).colour;
    const missing = yield* smoothed(
      strip,
      colour.map((value, i) => value - ours[i]),
      SMOOTH.kept,
    );
    for (let row = 0; row < channels * core.height; row++) {
      const y = core.y + (row % core.height);
      const plane = Math.floor(row / core.height) * width * height;
      for (let x = 0; x < width; x++) {
        let [least, most] = [1, 0];
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++) {
            const value = colour[plane + clampIndex(y + dy, height) * width + clampIndex(x + dx, width)];
            if (value < least) least = value;
            if (value > most) most = value;
          }
        const i = plane + y * width + x;
        ours[i] = Math.min(most, Math.max(least, ours[i] + missing[i]));
      }
      yield;
    }
    return ours;
  });
}

function* smoothed(
  { width, height, channels }: Picture,
  planes: Float32Array,
  reach: number,
): Pieces<Float32Array> {
  const [rows, columns] = [tentTable(height, reach), tentTable(width, reach)];
  const out = new Float32Array(planes.length);
  for (let c = 0; c < channels; c++) {
    const at = c * width * height;
    out.set(applyTables(planes.subarray(at, at + width * height), 1, rows, columns), at);
    yield;
  }
  return out;
}

/** What a filter makes of a picture, strip by strip, each with the rows around it; `top`: its first row's; `core`: what of it is asked for. */
function* byStrips(
  picture: Picture,
  over: IsOver,
  filter: (strip: Picture, top: number, core: Box) => Pieces<Float32Array>,
): Pieces<Float32Array> {
  const { width, height } = picture;
  const result = { ...picture, colour: picture.colour.slice() };
  for (let y = 0; y < height && !over(); y += STRIP.rows) {
    const rows = Math.min(STRIP.rows, height - y);
    const top = Math.max(0, y - STRIP.around);
    const box = { x: 0, y: top, width, height: Math.min(height, y + rows + STRIP.around) - top };
    const strip = cutPicture(picture, box);
    const core = { x: 0, y: y - top, width, height: rows };
    const made = { ...strip, colour: yield* filter(strip, top, core) };
    paste(result, { ...core, y }, cutPicture(made, core).colour);
    yield;
  }
  return result.colour;
}
