/** A result that is too large for one image of Figma's: tiles of it in one group. */

import type { ToPlugin } from '../wire/messages.ts';
import { MAX_IMAGE_SIDE } from '../wire/tiles.ts';
import { boundsOf, fromRows, type Size, tileTransform } from './geometry.ts';
import { coverContainer, fillContainer, finish, hide, type Target, type Written } from './layers.ts';
import { type LayerMemory, remember } from './memory.ts';
import type { ImageFill, Paintable } from './paints.ts';
import { type Place, placeAbove, settle, takesLayerInside } from './place.ts';
import { Refusal } from './refusal.ts';

type WriteRequest = Extract<ToPlugin, { type: 'write' }>;

/**
 * Copies of the layer in one group, each with the same outline and a CROP paint that shows its tile where the whole
 * picture stood. Of a container, rectangles that lie under its content. A repeated image is refused: its tiles would
 * be no repetition any more, and resizing the layer would show no more of them.
 */
export function writeTiles(
  target: Target,
  request: WriteRequest,
  image: Size,
  { hashes, maskIds }: { readonly hashes: readonly string[]; readonly maskIds: readonly string[] },
  made: SceneNode[],
): Written {
  const { node, fills, fillIndex, paint } = target;
  if (paint.scaleMode === 'TILE')
    throw new Refusal(
      'refused-by-figma',
      `Figma takes at most ${MAX_IMAGE_SIDE} pixels a side of a repeated image. Choose a smaller factor.`,
      node.id,
    );
  const hides = request.hideOriginal;
  const { task } = request;
  const paints = request.image.tiles.map((tile, i) => {
    const imageTransform = tileTransform(paint, node, image, request.image, tile) as Transform;
    const below = i === 0 ? fills.slice(0, fillIndex) : [];
    const above = i === hashes.length - 1 ? fills.slice(fillIndex + 1) : [];
    return { own: tilePaint(paint, hashes[i]!, imageTransform), below, above };
  });
  const inside = takesLayerInside(node);
  const hidden: LayerMemory['hidden'] = hides ? (inside ? 'fill' : 'layer') : 'nothing';
  const { group, note } = inside
    ? tilesInside(node, paint, paints, made)
    : tilesAbove(target, paints, hides, made);
  finish(group, node);
  hide(node, fills, fillIndex, hidden);
  const origin = { originalId: node.id, imageHash: paint.imageHash };
  remember(group, { kind: 'layer', task, fillIndex, maskIds, ...origin, hidden });
  const notes = [
    `Figma takes ${MAX_IMAGE_SIDE} pixels a side: the result is a group of ${hashes.length} tiles.`,
  ];
  return { layer: group, notes: note ? notes.concat(note) : notes };
}

/** One tile's paint, and what lies under the first and over the last. */
interface TilePaints {
  readonly own: ImagePaint;
  readonly below: readonly Paint[];
  readonly above: readonly Paint[];
}

interface Tiles {
  readonly group: GroupNode;
  readonly note: string | undefined;
}

/** What lies under the image in the container's own fills goes on showing there. */
function tilesInside(
  container: Paintable,
  paint: ImageFill,
  paints: readonly TilePaints[],
  made: SceneNode[],
): Tiles {
  const frame = container as FrameNode;
  const tiles = paints.map(({ own, above }, i) => {
    const tile = made[made.push(figma.createRectangle()) - 1] as RectangleNode;
    fillContainer(tile, container, i);
    tile.fills = [own, ...above];
    tile.name = `Tile ${i + 1}`;
    return tile;
  });
  const group = figma.group(tiles, frame, 0);
  made.push(group);
  if ('layoutMode' in frame && frame.layoutMode !== 'NONE') {
    group.layoutPositioning = 'ABSOLUTE';
    group.x = 0;
    group.y = 0;
  }
  group.opacity = paint.opacity ?? 1;
  return { group, note: `The tiles lie inside “${container.name}”, under its content.` };
}

function tilesAbove(
  { node, fills, fillIndex, paint }: Target,
  paints: readonly TilePaints[],
  hides: boolean,
  made: SceneNode[],
): Tiles {
  const place = placeAbove(node);
  // First: two layers that fill the same room of an auto-layout parent would halve each other.
  if (hides && place.autoLayout) hide(node, fills, fillIndex, 'layer');
  const tiles = paints.map(({ own, below, above }, i) => {
    const tile = made[made.push(copyOf(node, i === paints.length - 1)) - 1] as Paintable;
    settle(tile, { ...place, index: place.index + i }, false);
    tile.fills = [...below, own, ...above];
    tile.name = `Tile ${i + 1}`;
    tile.visible = true;
    if ('locked' in tile) tile.locked = false;
    return tile;
  });
  const group = groupTiles(tiles, node, paint.opacity ?? 1, place);
  made.push(group);
  if (place.autoLayout && hides)
    group.layoutPositioning = (node as Paintable & AutoLayoutChildrenMixin).layoutPositioning;
  return { group, note: place.note };
}

/** What the layer contains must be drawn once: the last tile, on top, is the one that has it. */
function copyOf(node: Paintable, last: boolean): Paintable {
  if (last || !('children' in node) || node.children.length === 0 || node.type === 'BOOLEAN_OPERATION')
    return node.clone() as Paintable;
  const plate = figma.createRectangle();
  coverContainer(plate, node);
  return plate;
}

function tilePaint(paint: ImageFill, imageHash: string, imageTransform: Transform): ImagePaint {
  const { rotation: _rotation, scalingFactor: _scale, ...look } = paint;
  // Where tiles overlap, a translucent paint would count twice: the group takes its opacity.
  return { ...look, scaleMode: 'CROP', imageHash, imageTransform, opacity: 1, visible: true };
}

function groupTiles(
  tiles: readonly Paintable[],
  original: Paintable,
  paintOpacity: number,
  { parent, index, transform, autoLayout }: Place,
): GroupNode {
  const group = figma.group(tiles, parent, index);
  if (autoLayout) {
    const { x, y } = boundsOf(fromRows(transform), {
      x: 0,
      y: 0,
      width: original.width,
      height: original.height,
    });
    group.layoutPositioning = 'ABSOLUTE';
    group.x = x;
    group.y = y;
  }
  const look = original as Paintable & Partial<BlendMixin>;
  if (look.effects && look.opacity !== undefined && look.blendMode) {
    group.effects = look.effects;
    group.opacity = look.opacity * paintOpacity;
    group.blendMode = look.blendMode;
  }
  tiles.forEach((tile, i) => {
    const shape = tile as Paintable & Partial<BlendMixin & MinimalStrokesMixin>;
    if (shape.effects) shape.effects = [];
    if (shape.opacity !== undefined) shape.opacity = 1;
    if (shape.blendMode) shape.blendMode = 'NORMAL';
    if (shape.strokes && i < tiles.length - 1) shape.strokes = [];
  });
  return group;
}
