/** How convolutions are cut: channels into blocks of register tiles, images into tiles, tiles into tasks. */

/** Channel blocks of 6, 5 and 4 rows, in this order. */
export interface Blocks {
  readonly sixes: number;
  readonly fives: number;
  readonly fours: number;
  readonly count: number;
  /** Channels with the last block's padding. */
  readonly channels: number;
}

/** Time of one register tile in multiply-adds a lane: tiles of fewer rows load more for each product. */
const COST = { six: 6, five: 5.15, four: 4.4 };

/**
 * The cheapest blocks that cover `channels`. Without FMA a product needs a register of its own and six rows spill, so
 * only 5 and 4 are used there.
 */
export function blocksOf(channels: number, fma: boolean): Blocks {
  let best: Blocks | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let fours = 0; fours <= 5; fours++)
    for (let fives = 0; fives <= (fma ? 6 : Math.ceil(channels / 5)); fives++) {
      const left = Math.max(0, channels - 5 * fives - 4 * fours);
      if (!fma && left > 0) continue;
      const sixes = Math.ceil(left / 6);
      const cost = COST.six * sixes + COST.five * fives + COST.four * fours;
      if (cost >= bestCost) continue;
      bestCost = cost;
      const count = sixes + fives + fours;
      best = { sixes, fives, fours, count, channels: 6 * sixes + 5 * fives + 4 * fours };
    }
  return best!;
}

/** Floats after a packed plane that a tile's last vector may read; SLACK of assembly/view.ts. */
const SLACK = 8;
/** A packed tile should stay in a core's L2 … */
const PACKED_FLOATS = 90_000;
/** … and one block's rows of the other operand in its L1. */
const FLAT_SAMPLES = 640;
/** Wider rows are cut. */
const WIDEST = 96;
/** Tasks to aim for, so that any usual number of threads is busy. */
const TASKS = 8;

export interface Tiles {
  readonly height: number;
  readonly width: number;
  readonly across: number;
  readonly down: number;
  readonly count: number;
  readonly pitch: number;
  /** Floats of one packed plane. */
  readonly plane: number;
  /** Flattened samples of the largest tile, rounded up to whole register tiles. */
  readonly samples: number;
}

/** Cuts a side into equal tiles of about `size`; no tile but a lone one is shorter than `least`. */
function cut(length: number, size: number, least: number): { size: number; count: number } {
  const even = Math.max(least, Math.ceil(length / Math.ceil(length / size)));
  const count = Math.ceil(length / even);
  const last = length - (count - 1) * even;
  return { size: even, count: count > 1 && last < least ? count - 1 : count };
}

function rowsOf(height: number, planes: number, pitch: number, extra: number): number {
  const byPack = Math.floor(PACKED_FLOATS / (planes * pitch)) - extra;
  return Math.max(1, Math.min(height, byPack, Math.floor(FLAT_SAMPLES / pitch)));
}

/** Tiles of an output of height × width whose packed input has `planes` planes, `extra` rows and columns larger. */
export function outputTiles(height: number, width: number, planes: number, extra: number): Tiles {
  const x = cut(width, WIDEST, 1);
  const y = cut(height, rowsOf(height, planes, x.size + extra, extra), 1);
  return describe(y, x, y.size, x.size, extra);
}

/** Floats of a 1×1 convolution's tile; whole cache lines, so that no two tasks write the same one. */
const RUN = 640;
const LINE = 16;

/** Tiles of an image taken as one row of `pixels`: all that a 1×1 convolution of stride 1 needs to know of it. */
export function flatTiles(pixels: number, planes: number): Tiles {
  const most = Math.min(RUN, Math.floor(PACKED_FLOATS / planes));
  const size = Math.ceil(Math.min(most, Math.max(4 * LINE, pixels / TASKS)) / LINE) * LINE;
  const width = Math.min(pixels, size);
  return describe({ size: 1, count: 1 }, { size: width, count: Math.ceil(pixels / width) }, 1, width, 0);
}

/**
 * Tiles of an input gradient of height × width: the tiles at the borders own the padding too, and are folded on
 * themselves, so none is thinner than pad + 1. Extents in samples of one phase, as convBackwardInput counts them.
 */
export function inputTiles(
  height: number,
  width: number,
  planes: number,
  kernel: number,
  stride: number,
): Tiles {
  const pad = (kernel - 1) / 2;
  const reach = Math.floor((kernel - 1) / stride);
  const x = cut(width, WIDEST * stride, pad + 1);
  const across = longestPhase(width, x, pad, stride);
  const rows = rowsOf(Math.ceil(height / stride), planes, across + reach, reach) * stride;
  const y = cut(height, rows, pad + 1);
  return describe(y, x, longestPhase(height, y, pad, stride), across, reach);
}

function longestPhase(
  length: number,
  { size, count }: { size: number; count: number },
  pad: number,
  stride: number,
) {
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const from = i === 0 ? 0 : i * size + pad;
    const to = i === count - 1 ? length + 2 * pad : (i + 1) * size + pad;
    longest = Math.max(longest, Math.ceil(to / stride) - Math.floor(from / stride));
  }
  return longest;
}

type Cut = ReturnType<typeof cut>;

function describe(y: Cut, x: Cut, height: number, width: number, extra: number): Tiles {
  const pitch = width + extra;
  return {
    height: y.size,
    width: x.size,
    across: x.count,
    down: y.count,
    count: x.count * y.count,
    pitch,
    plane: (height + extra) * pitch + SLACK,
    samples: Math.ceil(((height - 1) * pitch + width) / 8) * 8,
  };
}

/** Into how many tasks the channel blocks of each tile are divided. */
export function groupsOf(blocks: Blocks, tiles: number): number {
  return Math.min(blocks.count, Math.ceil(TASKS / tiles));
}
