import type { Reduction } from '../choices.ts';
import { tablesApplied } from '../image/axis-table.ts';
import type { Picture } from '../image/picture.ts';
import { clampedPlanes } from '../image/premultiply.ts';
import { lanczosTable, reductionTable } from '../image/resize.ts';
import { mapped, type Pieces } from '../time-slicing.ts';

/** A picture as it is, and as it comes back from being reduced and enlarged plainly: planes of one size. */
export interface Example {
  readonly width: number;
  readonly height: number;
  /** [channels, height, width] */
  readonly blurred: Float32Array;
  readonly sharp: Float32Array;
}

/** Examples with their shares, which sum to 1. */
export type Lessons = readonly (readonly [example: Example, share: number])[];

/** The sizes at which a picture teaches, and how often each is chosen: the smaller, the sharper, but the fewer pixels. */
const SIZES = [
  [1, 0.4],
  [0.9, 0.2],
  [0.8, 0.2],
  [0.7, 0.1],
  [0.6, 0.1],
] as const;
/** Of pictures with more pixels than steps look at, two do. */
const LARGE = 2 ** 20;
const SIZES_OF_LARGE = [
  [1, 0.6],
  [0.7, 0.4],
] as const;

/**
 * What a picture says of its own enlargement by `factor` (Shocher, Cohen & Irani, "Zero-Shot" Super-Resolution, CVPR
 * 2018): itself at several sizes, of sides of at least `least` px, each beside what is left of it once reduced.
 */
export function* lessonsOf(
  picture: Picture,
  factor: number,
  least: number,
  reduction: Reduction = 'lanczos',
): Pieces<Lessons> {
  const reduce = (from: Picture, width: number, height: number) => reduced(from, width, height, reduction);
  const sizes = picture.width * picture.height > LARGE ? SIZES_OF_LARGE : SIZES;
  const lessons: [Example, number][] = [];
  for (const [size, share] of sizes) {
    const [width, height] = [Math.round(picture.width * size), Math.round(picture.height * size)];
    if (size < 1 && Math.min(width, height) < least) break;
    const sharp = size === 1 ? picture : yield* reduce(picture, width, height);
    lessons.push([yield* exampleOf(sharp, factor, reduce), share]);
  }
  const sum = lessons.reduce((all, [, share]) => all + share, 0);
  return lessons.map(([example, share]) => [example, share / sum] as const);
}

function* exampleOf(picture: Picture, factor: number, reduce: Reduce): Pieces<Example> {
  const { width, height, colour } = picture;
  const side = (n: number) => Math.max(1, Math.round(n / factor));
  const small = yield* reduce(picture, side(width), side(height));
  return { width, height, sharp: colour, blurred: (yield* enlarge(small, width, height)).colour };
}

type Reduce = (picture: Picture, width: number, height: number) => Pieces<Picture>;

/** As an enlargement will be held against its picture; rounded to 8 bits, as files are. */
function* reduced(picture: Picture, width: number, height: number, reduction: Reduction): Pieces<Picture> {
  const { channels, colour } = picture;
  const rows = reductionTable(reduction, picture.height, height);
  const cols = reductionTable(reduction, picture.width, width);
  const planes = yield* clampedPlanes(yield* tablesApplied(colour, channels, rows, cols), channels);
  const rounded = yield* mapped(planes, (value) => Math.round(255 * value) / 255);
  return { ...picture, width, height, colour: rounded };
}

/** The plain enlargement that the network starts from, in pieces. */
export function* enlarge(picture: Picture, width: number, height: number): Pieces<Picture> {
  const { channels, colour } = picture;
  const [rows, cols] = [lanczosTable(picture.height, height, 3), lanczosTable(picture.width, width, 3)];
  const planes = yield* tablesApplied(colour, channels, rows, cols);
  return { ...picture, width, height, colour: yield* clampedPlanes(planes, channels) };
}
