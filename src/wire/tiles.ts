import * as v from 'valibot';
import { type Of, offset, side } from './values.ts';

/** Figma refuses images above this many pixels a side. */
export const MAX_IMAGE_SIDE = 4096;

/** Result pixels by which neighbouring tiles overlap, so that no antialiased edge shows through between them. */
export const TILE_OVERLAP = 2;

const tileSide = v.pipe(side, v.maxValue(MAX_IMAGE_SIDE));
export const tileBox = v.object({ x: offset, y: offset, width: tileSide, height: tileSide });
/** Where one tile lies in the whole picture, in its pixels. */
export type TileBox = Of<typeof tileBox>;

/**
 * Cuts a picture into the fewest tiles of at most `side` pixels, row by row: one tile for what Figma takes whole.
 * Neighbours overlap by TILE_OVERLAP.
 */
export function tileGrid(
  { width, height }: { readonly width: number; readonly height: number },
  side: number = MAX_IMAGE_SIDE,
): TileBox[] {
  const tiles: TileBox[] = [];
  for (const [y, tileHeight] of spans(height, side))
    for (const [x, tileWidth] of spans(width, side))
      tiles.push({ x, y, width: tileWidth, height: tileHeight });
  return tiles;
}

function spans(length: number, side: number): [start: number, length: number][] {
  if (length <= side) return [[0, length]];
  const number = Math.ceil((length - TILE_OVERLAP) / (side - TILE_OVERLAP));
  const step = Math.ceil((length - TILE_OVERLAP) / number);
  const list: [number, number][] = [];
  for (let i = 0; i < number; i++) list.push([i * step, Math.min(step + TILE_OVERLAP, length - i * step)]);
  return list;
}
