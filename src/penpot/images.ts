/** Image fills of Penpot's shapes: which there are, and how they lie on their shape. */
import type { Fill, ImageData, Shape } from '@penpot/plugin-types';
import { chain, IDENTITY, type PaintGeometry, scaling, toRows, translation } from '../plugin/geometry.ts';
import { Refusal } from '../plugin/refusal.ts';
import type { FillDescription } from '../wire/selection.ts';
import type { Affine } from '../wire/values.ts';

/** One image fill of a shape. */
export interface Target {
  readonly shape: Shape;
  readonly fills: readonly Fill[];
  readonly index: number;
  readonly image: ImageData;
}

/** Topmost first; undefined where letters of a text have different ones. */
export function fillsOf({ fills }: Shape): readonly Fill[] | undefined {
  return Array.isArray(fills) ? fills : undefined;
}

export function describeFills(shape: Shape): FillDescription[] {
  return (fillsOf(shape) ?? []).flatMap(({ fillImage, fillOpacity }, index) =>
    fillImage
      ? {
          index,
          imageHash: fillImage.id,
          scaleMode: paintOf(fillImage).scaleMode,
          width: fillImage.width,
          height: fillImage.height,
          visible: fillOpacity !== 0,
        }
      : [],
  );
}

export function carriesImage(shape: Shape): boolean {
  return describeFills(shape).length > 0;
}

/** Covers the shape in its own proportions, or is stretched over it. */
export function paintOf({ keepAspectRatio }: ImageData): PaintGeometry & { scaleMode: 'FILL' | 'CROP' } {
  return keepAspectRatio ? { scaleMode: 'FILL' } : { scaleMode: 'CROP', imageTransform: toRows(IDENTITY) };
}

/** A shape is turned, clockwise, and flipped about its centre. */
export function layerToPage({ center, width, height, rotation, flipX, flipY }: Shape): Affine {
  const angle = ((rotation || 0) * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return chain(
    translation(center.x, center.y),
    [cos, sin, -sin, cos, 0, 0],
    scaling(flipX ? -1 : 1, flipY ? -1 : 1),
    translation(-width / 2, -height / 2),
  );
}

export function shapeOf(id: string): Shape | undefined {
  return penpot.currentPage?.getShapeById(id) ?? undefined;
}

/** The fill a request is about; found by its image, wherever it lies by now, where that is given. */
export function findTarget(nodeId: string, near: number, imageHash?: string): Target {
  const shape = shapeOf(nodeId);
  if (!shape)
    throw new Refusal('node-removed', 'The layer was deleted meanwhile. Select another one.', nodeId);
  const fills = fillsOf(shape) ?? [];
  const is = ({ fillImage }: Fill) =>
    fillImage !== undefined && (imageHash === undefined || fillImage.id === imageHash);
  const at = fills[near];
  const index = at && is(at) ? near : fills.findIndex(is);
  const image = fills[index]?.fillImage;
  const changed = `“${shape.name}” shows another image by now. Start again with it.`;
  if (!image) throw new Refusal('image-changed', changed, nodeId);
  return { shape, fills, index, image };
}

/** The same fills with another image in one of them, as plain data. */
export function withImage(
  fills: readonly Fill[],
  index: number,
  { id, name, width, height, mtype }: ImageData,
): Fill[] {
  return fills.map((fill, i) => {
    if (i !== index) return fill;
    const keepAspectRatio = fill.fillImage?.keepAspectRatio ?? false;
    const plain = { id, name, width, height, mtype, keepAspectRatio };
    return { ...fill, fillImage: plain as ImageData };
  });
}
