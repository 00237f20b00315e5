/** Mask layers as outlines where Figma has them, else rendered; both with matrices into image pixels. */

import type { MaskShape, PathMask } from '../wire/pictures.ts';
import { MAX_IMAGE_SIDE } from '../wire/tiles.ts';
import type { Affine } from '../wire/values.ts';
import {
  type Box,
  boundsOf,
  compose,
  fromRows,
  invert,
  meanScale,
  overlap,
  type PaintGeometry,
  pageToImage,
  type Size,
  scaling,
  translation,
  wholeOf,
} from './geometry.ts';
import type { OpenRequest } from './open-request.ts';
import { carriesImage } from './paints.ts';
import { maskBounds } from './paths.ts';
import { boundsOnPage } from './place.ts';
import { Refusal } from './refusal.ts';

/** The image under the masks. */
interface Ground {
  readonly paint: PaintGeometry;
  readonly layer: Size;
  readonly image: Size;
  readonly layerToPage: Affine;
}

/** Reads all masks; refuses if they mark nothing of the image. */
export async function readMasks(
  nodes: readonly SceneNode[],
  ground: Ground,
  open: OpenRequest,
): Promise<MaskShape[]> {
  const shapes: MaskShape[] = [];
  for (const [index, node] of nodes.entries()) {
    await open.step(`Reading “${node.name}”`, index, nodes.length);
    if (node.removed) continue;
    await collect(node, ground, shapes);
  }
  if (nodes.length > 0 && shapes.length === 0)
    throw new Refusal('empty-mask', 'The mask layers are empty. Draw something over the area to fill.');
  if (nodes.length > 0 && !shapes.some((shape) => marksImage(shape, ground.image)))
    throw new Refusal(
      'mask-outside',
      'The mask layers do not touch the image. Move them over the area to fill.',
    );
  return shapes;
}

async function collect(node: SceneNode, ground: Ground, shapes: MaskShape[]): Promise<void> {
  const outlines = needsRendering(node) ? undefined : outlinesOf(node, ground);
  if (outlines) shapes.push(...outlines);
  else shapes.push(...(await rendered(node, ground)));
}

/** Outlines of a layer and its descendants; undefined if any of them must be rendered. */
function outlinesOf(node: SceneNode, ground: Ground): PathMask[] | undefined {
  const own = ownOutline(node, ground);
  if (!('children' in node) || node.type === 'BOOLEAN_OPERATION') return own ? [own] : undefined;
  const all: PathMask[] = own ? [own] : [];
  for (const child of node.children) {
    if (!child.visible) continue;
    const outlines = needsRendering(child) ? undefined : outlinesOf(child, ground);
    if (!outlines) return undefined;
    all.push(...outlines);
  }
  return all.length > 0 ? all : undefined;
}

/** What only Figma can draw: blurs, masks, clipping, pictures, strokes that are not centred, unknown layers. */
function needsRendering(node: SceneNode): boolean {
  if (carriesImage(node)) return true;
  if ('effects' in node && node.effects.some(({ type, visible }) => type === 'LAYER_BLUR' && visible))
    return true;
  if ('strokeAlign' in node && node.strokeAlign === 'OUTSIDE' && hasStroke(node)) return true;
  if (!('children' in node)) return !('fillGeometry' in node);
  if (node.type === 'BOOLEAN_OPERATION') return false;
  if (node.children.some((child) => 'isMask' in child && child.isMask)) return true;
  return (
    'clipsContent' in node &&
    node.clipsContent &&
    node.children.some((child) => !fitsInside(child, node as FrameNode))
  );
}

/** Whether a child stays within its frame, its stroke included: then clipping cuts nothing. */
function fitsInside(child: SceneNode, frame: FrameNode | ComponentNode | InstanceNode): boolean {
  if (!child.visible || !('absoluteTransform' in child)) return true;
  const toFrame = compose(invert(fromRows(frame.absoluteTransform)), fromRows(child.absoluteTransform));
  const { x, y, width, height } = boundsOf(toFrame, wholeOf(child));
  const edge = 'strokes' in child && hasStroke(child) ? widestStroke(child) : 0;
  const slack = edge - 0.01;
  return x >= slack && y >= slack && x + width <= frame.width - slack && y + height <= frame.height - slack;
}

function isShown({ visible, opacity }: Paint): boolean {
  return visible !== false && opacity !== 0;
}

function hasStroke(node: MinimalStrokesMixin): boolean {
  return node.strokes.some(isShown) && node.strokeWeight !== 0;
}

/** Sides may have weights of their own; of other layers whose strokes differ nothing is known. */
function widestStroke(node: MinimalStrokesMixin & Partial<IndividualStrokesMixin>): number {
  if (node.strokeWeight !== figma.mixed) return node.strokeWeight as number;
  const { strokeTopWeight, strokeRightWeight, strokeBottomWeight, strokeLeftWeight } = node;
  const sides = [strokeTopWeight, strokeRightWeight, strokeBottomWeight, strokeLeftWeight];
  return Math.max(...sides.map((side) => side ?? Infinity));
}

function ownOutline(node: SceneNode, ground: Ground): PathMask | undefined {
  if (!('fillGeometry' in node)) return undefined;
  const paths: PathMask['paths'][number][] = [];
  for (const { data, windingRule } of markedPaths(node))
    if (data.trim() !== '') paths.push({ data, rule: windingRule === 'EVENODD' ? 'evenodd' : 'nonzero' });
  const box = boundsOnPage(node);
  if (paths.length === 0 || !box) return undefined;
  const matrices = toImage(ground, box).map((matrix) => compose(matrix, fromRows(node.absoluteTransform)));
  return matrices.length > 0 ? { kind: 'paths', nodeId: node.id, paths, matrices } : undefined;
}

/**
 * Which outlines of a layer mark area. A closed outline marks what it encloses even without a fill: who draws around a
 * tear means the tear. Containers without any paint mark nothing themselves. Open strokes mark their own width.
 */
function markedPaths(node: SceneNode & GeometryMixin): VectorPath[] {
  const filled = node.fills === figma.mixed || (node.fills as readonly Paint[]).some(isShown);
  const stroked = hasStroke(node);
  const paths: VectorPath[] = [];
  if (filled || (!('children' in node) && stroked)) paths.push(...node.fillGeometry);
  if (paths.length === 0 && stroked && node.type === 'VECTOR') paths.push(...closedPaths(node));
  // An inside stroke never leaves the fill, but strokeGeometry is always centred.
  if (stroked && !(node.strokeAlign === 'INSIDE' && paths.length > 0)) paths.push(...node.strokeGeometry);
  return paths;
}

/** Figma may leave fillGeometry empty where nothing is filled; the drawn path itself tells what is closed. */
function closedPaths(node: VectorNode): VectorPath[] {
  return node.vectorPaths
    .filter(({ data, windingRule }) => windingRule !== 'NONE' && /z\s*$/i.test(data.trim()))
    .map(({ data, windingRule }) => ({ data, windingRule }));
}

function toImage({ paint, layer, image, layerToPage }: Ground, pageBox: Box): Affine[] {
  try {
    return pageToImage(paint, layer, image, layerToPage, pageBox);
  } catch (error) {
    throw error instanceof RangeError
      ? new Refusal(
          'mask-outside',
          'The area cannot be mapped onto the image. Give both a size, and mark fewer repetitions.',
        )
      : error;
  }
}

/** Figma's own rendering at about one pixel an image pixel. */
async function rendered(node: SceneNode, ground: Ground): Promise<MaskShape[]> {
  const box = exportedRegion(node);
  if (!box) return [];
  const matrices = toImage(ground, box);
  if (matrices.length === 0) return [];
  const scale = Math.min(
    Math.max(meanScale(matrices[0]!), 0.05),
    MAX_IMAGE_SIDE / Math.max(box.width, box.height),
  );
  const png = await (node as SceneNode & ExportMixin).exportAsync({
    format: 'PNG',
    constraint: { type: 'SCALE', value: scale },
    colorProfile: 'SRGB',
  });
  const size = pngSize(png);
  const pixelsToPage = compose(
    translation(box.x, box.y),
    scaling(box.width / size.width, box.height / size.height),
  );
  return [{ kind: 'raster', nodeId: node.id, png, matrices: matrices.map((m) => compose(m, pixelsToPage)) }];
}

/**
 * Page area an export covers. Reading: an export shows the layer as it stands on the page (rotation included), cut to
 * absoluteRenderBounds. Unverified for fractional positions.
 */
function exportedRegion(node: SceneNode): Box | undefined {
  const bounds = 'absoluteRenderBounds' in node ? node.absoluteRenderBounds : null;
  return bounds && bounds.width > 0 && bounds.height > 0 ? bounds : undefined;
}

/** Width and height from the IHDR chunk. */
function pngSize(png: Uint8Array): Size {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

function marksImage(shape: MaskShape, image: Size): boolean {
  const whole = wholeOf(image);
  if (shape.kind === 'paths') {
    const bounds = maskBounds(shape);
    return bounds !== undefined && overlap(bounds, whole);
  }
  const size = pngSize(shape.png);
  return shape.matrices.some((matrix) => overlap(boundsOf(matrix, wholeOf(size)), whole));
}
