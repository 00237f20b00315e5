import type { Pieces } from '../../time-slicing.ts';

/**
 * Where the samples of a planar image [channels, height, width] lie in a texture array. Four channels share a texel;
 * a texel's place covers a cell of 4 × 2 pixels (2 × 2 where only four colour attachments exist), one array layer a
 * pixel of the cell. So one fragment computes a whole cell with one attachment a pixel: each weight it fetches serves
 * 8 pixels, each input texel up to 9 taps. Channel groups are tiles stacked in the plane: one draw writes them all.
 */
export interface Cell {
  /** log2 of the cell's width and height. */
  readonly lx: number;
  readonly ly: number;
  /** Pixels of a cell = layers of an image texture = colour attachments of an image draw. */
  readonly pixels: number;
}

/** Consecutive channels in one texel; fewer than 4 at the end of a segment. */
export interface Group {
  readonly channel: number;
  readonly count: number;
}

export interface ImageLayout {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly groups: readonly Group[];
  /** Texels of one group's tile. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Tiles stacked in one column before the next column starts. */
  readonly perColumn: number;
  readonly textureWidth: number;
  readonly textureHeight: number;
  readonly cell: Cell;
}

/** Samples moved in about a millisecond. */
const PIECE = 2 ** 16;

/** Channel groups of segments that start at `boundaries`: no texel spans two segments. */
export function groupsOf(boundaries: readonly number[]): Group[] {
  const groups: Group[] = [];
  for (let i = 0; i + 1 < boundaries.length; i++)
    for (let channel = boundaries[i]; channel < boundaries[i + 1]; channel += 4)
      groups.push({ channel, count: Math.min(4, boundaries[i + 1] - channel) });
  return groups;
}

export function imageLayout(
  groups: readonly Group[],
  height: number,
  width: number,
  cell: Cell,
  maxTexture: number,
): ImageLayout {
  const tileWidth = Math.ceil(width / 2 ** cell.lx);
  const tileHeight = Math.ceil(height / 2 ** cell.ly);
  const columns = Math.ceil(groups.length / Math.max(1, Math.floor(maxTexture / tileHeight)));
  const perColumn = Math.ceil(groups.length / columns);
  const last = groups[groups.length - 1];
  return {
    channels: last.channel + last.count,
    height,
    width,
    groups,
    tileWidth,
    tileHeight,
    perColumn,
    textureWidth: tileWidth * Math.ceil(groups.length / perColumn),
    textureHeight: tileHeight * perColumn,
    cell,
  };
}

/** The texture's floats, all layers; what belongs to no sample is 0. */
export function* packImage(layout: ImageLayout, planar: Float32Array): Pieces<Float32Array> {
  const packed = new Float32Array(4 * layout.textureWidth * layout.textureHeight * layout.cell.pixels);
  yield* eachRun(layout, (count, from, at, step) => {
    for (let i = 0; i < count; i++) packed[at + 4 * i] = planar[from + step * i];
  });
  return packed;
}

export function* unpackImage(layout: ImageLayout, packed: Float32Array): Pieces<Float32Array> {
  const planar = new Float32Array(layout.channels * layout.height * layout.width);
  yield* eachRun(layout, (count, from, at, step) => {
    for (let i = 0; i < count; i++) planar[from + step * i] = packed[at + 4 * i];
  });
  return planar;
}

/**
 * Calls visit(count, from, at, step) for each run of samples that lie side by side in a layer: planar indices from,
 * from + step, …, floats at, at + 4, … of the texture. Runs and not samples: this moves tens of millions of floats. Some
 * rows are a piece of the work.
 */
function* eachRun(
  layout: ImageLayout,
  visit: (count: number, from: number, at: number, step: number) => void,
): Pieces<void> {
  const { groups, height, width, tileWidth, tileHeight, perColumn, textureWidth, textureHeight } = layout;
  const { lx, ly } = layout.cell;
  const step = 1 << lx;
  const strip = Math.ceil(PIECE / width);
  for (const [g, { channel, count }] of groups.entries()) {
    const left = Math.floor(g / perColumn) * tileWidth;
    const top = (g % perColumn) * tileHeight;
    for (let c = 0; c < count; c++)
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < Math.min(step, width); x++) {
          const layer = ((y & ((1 << ly) - 1)) << lx) | x;
          const texel = (layer * textureHeight + top + (y >> ly)) * textureWidth + left;
          const from = ((channel + c) * height + y) * width + x;
          visit(Math.ceil((width - x) / step), from, 4 * texel + c, step);
        }
        if (y % strip === 0) yield;
      }
  }
}
