import { type Box, cutPicture, growBox, paste, type Size } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';

/** Sides of a tile, px: on the grid of all components' blocks, and of work that leaves a page its turns. */
const [WIDE, HIGH] = [512, 256];
/** How far around a tile its work looks, px: on the grid too. */
const HALO = 32;

/** A part of a picture, whose size depends on nothing but the picture, so that results do neither. */
export interface Tile {
  readonly core: Box;
  /** The core and what is around it. */
  readonly whole: Box;
}

export function tilesOf({ width, height }: Size): Tile[] {
  const tiles: Tile[] = [];
  for (let y = 0; y < height; y += HIGH)
    for (let x = 0; x < width; x += WIDE) {
      const core = { x, y, width: Math.min(WIDE, width - x), height: Math.min(HIGH, height - y) };
      tiles.push({ core, whole: growBox(core, HALO, width, height) });
    }
  return tiles;
}

/** Puts the core of a tile's colour, made of its whole, into a picture. */
export function pasteCore(into: Picture, { core, whole }: Tile, colour: Float32Array): void {
  const { width, height } = whole;
  const inside = { ...core, x: core.x - whole.x, y: core.y - whole.y };
  const tile = { width, height, channels: into.channels, colour, alpha: null };
  paste(into, core, cutPicture(tile, inside).colour);
}
