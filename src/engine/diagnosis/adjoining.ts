import type { Box } from '../image/box.ts';
import { SIDE } from '../jpeg/dct.ts';
import { varianceAt } from '../nonlocal/noise-model.ts';
import { ofSorted, quantile } from '../quantile.ts';
import type { Pieces } from '../time-slicing.ts';
import { type NoiseEstimate, SMEARED } from './noise.ts';
import { isOfAllColours, isRestless } from './noise-finder.ts';
import type { NoisePatch } from './patches.ts';
import { bandEnergy, type Spectra, unclipped } from './spectra.ts';

/** Blocks along the side of a cell. */
const CELL = 3;

/**
 * A cell has a neighbour's noise where three of four of its blocks have at least `least` of the neighbour's energy of both colour
 * differences, and half of them `most` of it at most: of white noise a block's energy is within a quarter of its mean. Where it changes
 * from each pixel to the next as only white noise does, `inPart` in the mean of both is enough: one of them may be cut off.
 */
const ALIKE = {
  ...{ quartile: 0.25, least: 0.5, inPart: 0.25 },
  white: { still: 0.13, most: 2.5 },
  smeared: { still: 0.4, most: 6 },
} as const;
/** Among so many noisy neighbours a cell only has to show a share of their noise: such as cover an edge, or what is cut off. */
const SURROUNDED = { cells: 3, least: 0.2 } as const;
/** Share of clipped samples from which noise no longer goes in all directions of colour. */
const CLIPPED = 0.125;

interface Cell extends Box {
  noise: NoiseEstimate | null;
  /** What blocks have of it in each colour difference, by its variance. */
  levels: readonly number[];
  readonly blocks: readonly number[];
}

/**
 * Noise does not end where patches do: those that were found without any are looked at again in cells, from such as adjoin noisy
 * ones on, for the same noise. So it is taken out to where it ends, without being looked for where there may be none.
 */
export function* withAdjoining(patches: readonly NoisePatch[], fine: Spectra): Pieces<NoisePatch[]> {
  const noisy = patches.filter(({ noise }) => noise?.model);
  if (noisy.length === 0 || noisy.length === patches.length) return [...patches];
  const cells = patches.flatMap((patch) =>
    patch.noise ? [wholeOf(patch, fine)] : cellsOf(patch, fine, CELL),
  );
  yield* spread(cells, fine);
  // The edge of the noise lies in cells that it has only a part of.
  const found = cells.filter(({ noise }) => noise?.model);
  const finer = cells.flatMap((cell) =>
    !cell.noise && found.some((other) => adjoins(cell, other)) ? cellsOf(cell, fine, 1) : [cell],
  );
  yield* spread(finer, fine);
  yield* fillEnclosed(finer, fine);
  return finer.map(({ x, y, width, height, noise }) => ({ x, y, width, height, noise }));
}

/** Has noisy cells hand on their noise to those beside them that show the same, as far as it goes. */
function* spread(cells: readonly Cell[], fine: Spectra, shown?: typeof isLike): Pieces<void> {
  for (let front = cells.filter(({ noise }) => noise?.model); front.length > 0; ) {
    yield;
    const next: Cell[] = [];
    for (const cell of cells) {
      if (cell.noise) continue;
      const near = front.filter((other) => adjoins(cell, other));
      const around =
        near.length > 0 ? cells.filter((other) => other.noise && adjoins(cell, other)).length : 0;
      const shows = shown ?? (around >= SURROUNDED.cells ? showsSome : isLike);
      const from = near.find((other) => shows(cell, other, fine));
      if (from) next.push(Object.assign(cell, { noise: from.noise, levels: from.levels }));
    }
    front = next;
  }
}

/** A patch with noise is a cell of its own. */
function wholeOf(patch: NoisePatch, fine: Spectra): Cell {
  const blocks = blocksIn(patch, fine);
  const { noise } = patch;
  return {
    ...patch,
    blocks,
    levels: noise ? [1, 2].map((plane) => ofSorted(energies(blocks, plane, noise, fine), 0.5) ?? 0) : [],
  };
}

/** Cells of about so many blocks a side. */
function cellsOf({ x, y, width, height }: Box, fine: Spectra, blocks: number): Cell[] {
  const side = blocks * Math.max(SIDE, fine.step);
  const [columns, rows] = [width, height].map((length) => Math.max(1, Math.round(length / side)));
  const edge = (i: number, count: number, length: number) => Math.round((i * length) / count);
  return Array.from({ length: columns * rows }, (_, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const [left, top] = [edge(column, columns, width), edge(row, rows, height)];
    const [right, bottom] = [edge(column + 1, columns, width), edge(row + 1, rows, height)];
    const box = { x: x + left, y: y + top, width: right - left, height: bottom - top };
    return { ...box, noise: null, levels: [], blocks: blocksIn(box, fine) };
  });
}

/** The blocks whose middle lies in a box. */
function blocksIn(box: Box, { count, x, y }: Spectra): number[] {
  const blocks: number[] = [];
  for (let b = 0; b < count; b++) {
    const [dx, dy] = [x[b] + SIDE / 2 - box.x, y[b] + SIDE / 2 - box.y];
    if (dx >= 0 && dx < box.width && dy >= 0 && dy < box.height) blocks.push(b);
  }
  return blocks;
}

/** Whether two boxes share a part of a side. */
const adjoins = (a: Box, b: Box): boolean => sharedSide(a, b) > 0;

/** Length of the side that two boxes share, px. */
function sharedSide(a: Box, b: Box): number {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return across === 0 || down === 0 ? Math.max(0, across, down) : 0;
}

/**
 * Places that have more noise than ends around them have it, too, where they are no less loud: few photons leave many pixels as they
 * are, and stand still. Noise σ 10 to 25, of photons and enlarged in a part of ten photographs: .98 of it is found, .83 of the
 * enlarged before, and none beside it.
 */
function* fillEnclosed(cells: readonly Cell[], fine: Spectra): Pieces<void> {
  const right = Math.max(...cells.map(({ x, width }) => x + width));
  const bottom = Math.max(...cells.map(({ y, height }) => y + height));
  const left = new Set(cells.filter(({ noise }) => !noise));
  for (const first of left) {
    yield;
    const place = [first];
    left.delete(first);
    let [inside, beside] = [0, 0];
    for (const cell of place) {
      const { x, y, width, height } = cell;
      beside += (Number(x === 0) + Number(x + width === right)) * height;
      beside += (Number(y === 0) + Number(y + height === bottom)) * width;
      for (const other of cells) {
        if (!adjoins(cell, other)) continue;
        if (other.noise) inside += sharedSide(cell, other);
        else if (left.delete(other)) place.push(other);
      }
    }
    if (inside > beside) yield* spread([...place, ...cells.filter(({ noise }) => noise)], fine, isLoud);
  }
}

function isLike(cell: Cell, { noise, levels }: Cell, fine: Spectra): boolean {
  const { blocks } = cell;
  if (!noise || blocks.length === 0) return false;
  const { still, most } = noise.correlation > SMEARED ? ALIKE.smeared : ALIKE.white;
  const isCut = median(blocks, (b) => fine.clipped[b]) > CLIPPED;
  if (!isRestless(fine, blocks, still) || !(isCut || isOfAllColours(fine, blocks, 'high'))) return false;
  const found = levels.map((level, i) =>
    energies(blocks, i + 1, noise, fine).map((energy) => energy / level),
  );
  const quartiles = found.map((energy) => ofSorted(energy, ALIKE.quartile));
  const mean = (quartiles[0] + quartiles[1]) / 2;
  const isThere =
    Math.min(...quartiles) >= ALIKE.least ||
    (mean >= ALIKE.inPart && isRestless(fine, blocks, ALIKE.white.still));
  return isThere && found.every((energy) => ofSorted(energy, 0.5) <= most);
}

/** Whether a cell has no less of a neighbour's noise than that. */
function isLoud({ blocks }: Cell, { noise, levels }: Cell, fine: Spectra): boolean {
  if (!noise || blocks.length === 0) return false;
  return levels.every(
    (level, i) => ofSorted(energies(blocks, i + 1, noise, fine), ALIKE.quartile) >= ALIKE.least * level,
  );
}

function showsSome({ blocks }: Cell, { noise, levels }: Cell, fine: Spectra): boolean {
  if (!noise || blocks.length === 0) return false;
  return levels.every(
    (level, i) => ofSorted(energies(blocks, i + 1, noise, fine), 0.5) >= SURROUNDED.least * level,
  );
}

const median = (blocks: readonly number[], f: (block: number) => number) =>
  quantile(Float64Array.from(blocks, f), 0.5);

/**
 * Of each block the details of a colour difference, by the variance that its noise has there: the finest, or of smeared noise, which
 * has few of those and a sharp picture as many, the middle ones.
 */
function energies(
  blocks: readonly number[],
  plane: number,
  { model, correlation }: NoiseEstimate,
  fine: Spectra,
): Float64Array {
  const band = correlation > SMEARED ? 'middle' : 'high';
  return Float64Array.from(blocks, (b) => {
    const variance = varianceAt(model!.planes[plane], fine.brightness[b]);
    return bandEnergy(fine.power[plane], b, band) / (variance * Math.max(LEAST_SEEN, unclipped(fine, b)));
  }).sort();
}

/** Of a clipped block's noise no less is taken for left, share of its variance. */
const LEAST_SEEN = 0.5;
