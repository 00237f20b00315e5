/** Shapes that mark an area: as outlines where Penpot has them, else as it renders them. */
import type { Shape } from '@penpot/plugin-types';
import {
  boundsOf,
  compose,
  invert,
  layerToImage,
  meanScale,
  overlap,
  scaling,
  translation,
  wholeOf,
} from '../plugin/geometry.ts';
import { Refusal } from '../plugin/refusal.ts';
import type { MaskShape } from '../wire/pictures.ts';
import { MAX_IMAGE_SIDE } from '../wire/tiles.ts';
import type { Affine } from '../wire/values.ts';
import { fillsOf, layerToPage, paintOf, type Target } from './images.ts';

/** Control points of a quarter of a circle lie this far from its ends, in radii. */
const QUARTER = 0.5523;

export async function readMasks(shapes: readonly Shape[], target: Target): Promise<MaskShape[]> {
  const { shape, image } = target;
  const toImage = compose(layerToImage(paintOf(image), shape, image), invert(layerToPage(shape)));
  const touches = ({ bounds }: Shape) => overlap(boundsOf(toImage, bounds), wholeOf(image));
  if (shapes.length > 0 && !shapes.some(touches))
    throw new Refusal('mask-outside', 'The shapes do not touch the image. Move them over the area to fill.');
  const masks: MaskShape[] = [];
  for (const mask of shapes) masks.push(outline(mask, toImage) ?? (await rendered(mask, toImage)));
  return masks;
}

/** Undefined where only Penpot knows what the shape looks like. */
function outline(shape: Shape, pageToImage: Affine): MaskShape | undefined {
  if ((fillsOf(shape) ?? []).length === 0 || shape.strokes.length > 0 || shape.blur) return undefined;
  const mask = (data: string, matrix: Affine): MaskShape => ({
    kind: 'paths',
    nodeId: shape.id,
    paths: [{ data, rule: 'nonzero' }],
    matrices: [matrix],
  });
  const { width: w, height: h } = shape;
  const inPlace = compose(pageToImage, layerToPage(shape));
  // Reading: a path's data is where it lies on the page, however it was turned.
  if (shape.type === 'path' && /^[MLQCZ\d\s.,eE+-]*$/.test(shape.d)) return mask(shape.d, pageToImage);
  if (shape.type === 'rectangle' && !shape.borderRadius)
    return mask(`M 0 0 L ${w} 0 L ${w} ${h} L 0 ${h} Z`, inPlace);
  if (shape.type === 'ellipse') return mask(ellipse(w / 2, h / 2), inPlace);
  return undefined;
}

function ellipse(rx: number, ry: number): string {
  const quarter = (fx: number, fy: number, tx: number, ty: number) => {
    const at = (x: number, y: number) => `${rx + rx * x} ${ry + ry * y}`;
    return `C ${at(fx + QUARTER * tx, fy + QUARTER * ty)} ${at(tx + QUARTER * fx, ty + QUARTER * fy)} ${at(tx, ty)}`;
  };
  const turns = [quarter(1, 0, 0, 1), quarter(0, 1, -1, 0), quarter(-1, 0, 0, -1), quarter(0, -1, 1, 0)];
  return `M ${2 * rx} ${ry} ${turns.join(' ')} Z`;
}

/** Reading: an export covers the shape's bounds on the page. */
async function rendered(shape: Shape, pageToImage: Affine): Promise<MaskShape> {
  const { x, y, width, height } = shape.bounds;
  const most = MAX_IMAGE_SIDE / Math.max(width, height);
  const scale = Math.min(Math.max(meanScale(pageToImage), 0.05), most);
  const png = await shape.export({ type: 'png', scale });
  const toPage = compose(translation(x, y), scaling(1 / scale, 1 / scale));
  return { kind: 'raster', nodeId: shape.id, png, matrices: [compose(pageToImage, toPage)] };
}
