/** What a layer shows of its image, and through which of Figma's filters. */
import type { PaintFilters, ShownPart } from '../wire/pictures.ts';
import { invert, layerToImage, type Size } from './geometry.ts';
import type { ImageFill, Paintable } from './paints.ts';

const FILTERS = [
  'exposure',
  'contrast',
  'saturation',
  'temperature',
  'tint',
  'highlights',
  'shadows',
] as const;

/** The filters that do something; undefined where none does. */
export function filtersOf({ filters = {} }: ImageFill): PaintFilters | undefined {
  const set: Partial<Record<keyof PaintFilters, number>> = {};
  for (const name of FILTERS) {
    const amount = filters[name] ?? 0;
    if (amount !== 0) set[name] = Math.min(1, Math.max(-1, amount));
  }
  return Object.keys(set).length > 0 ? set : undefined;
}

/** How the layer shows the image; undefined where it repeats it. */
export function shownPart(paint: ImageFill, layer: Paintable, image: Size): ShownPart | undefined {
  if (paint.scaleMode === 'TILE' || layer.width <= 0 || layer.height <= 0) return undefined;
  const matrix = invert(layerToImage(paint, layer, image));
  return { width: layer.width, height: layer.height, matrix };
}
