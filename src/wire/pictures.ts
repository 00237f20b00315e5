import * as v from 'valibot';
import { tileBox } from './tiles.ts';
import { affine, between, bytes, extent, type Of, side, text } from './values.ts';

/** Path or PNG units → pixels of the image file. Several only where the image is tiled over the layer. */
const matrices = v.array(affine);

/** Outlines to draw once per matrix: Path2D(data), setTransform(...matrix), fill(rule). */
const pathMask = v.object({
  kind: v.literal('paths'),
  nodeId: text,
  /** SVG path data with absolute M L Q C Z only. Fill and stroke outlines alike: all are to be filled, none stroked. */
  paths: v.array(v.object({ data: text, rule: v.picklist(['nonzero', 'evenodd']) })),
  matrices,
});
export type PathMask = Of<typeof pathMask>;

/** A layer without usable outlines, rendered by Figma: its alpha marks the area. */
const rasterMask = v.object({ kind: v.literal('raster'), nodeId: text, png: bytes, matrices });

/** The area to fill is the union of all shapes. */
export const maskShape = v.variant('kind', [pathMask, rasterMask]);
export type MaskShape = Of<typeof maskShape>;

/**
 * A picture that was handed over in pieces of at most MAX_IMAGE_SIDE a side: one piece, or the tiles of tiles.ts'
 * tileGrid(), whose small overlap hides the seams. `hash` = the answer to 'hand'.
 */
export const handedImage = v.object({
  width: side,
  height: side,
  tiles: v.array(v.object({ ...tileBox.entries, hash: text })),
});
export type HandedImage = Of<typeof handedImage>;

/** What of an image a layer shows. */
export const shownPart = v.object({
  /** Size of the layer. */
  width: extent,
  height: extent,
  /** Pixels of the image file → px of the layer. */
  matrix: affine,
});
export type ShownPart = Of<typeof shownPart>;

const amount = v.optional(between(-1, 1));
/** What Figma lays over the pixels of a paint. */
export const paintFilters = v.object({
  exposure: amount,
  contrast: amount,
  saturation: amount,
  temperature: amount,
  tint: amount,
  highlights: amount,
  shadows: amount,
});
export type PaintFilters = Of<typeof paintFilters>;
