/** Where a new layer can stand so that it covers the original: which parent, which index, which transform. */

import { compose, fromRows, invert, toRows } from './geometry.ts';
import { Refusal } from './refusal.ts';

type Parent = BaseNode & ChildrenMixin;

export interface Place {
  readonly parent: Parent;
  readonly index: number;
  /** In the new parent's container space. */
  readonly transform: Transform;
  /** Whether the parent lays out its children and the new layer must opt out to keep its position. */
  readonly autoLayout: boolean;
  readonly note?: string;
}

/** Parents whose children nobody may add to, or whose look would change with one more. */
const FIXED = ['INSTANCE', 'BOOLEAN_OPERATION', 'TRANSFORM_GROUP', 'COMPONENT_SET', 'TABLE'];

/** The outermost ancestor that takes no new layers; undefined if the layer has free siblings. */
export function outermostFixed(node: BaseNode): SceneNode | undefined {
  return outermost(node, FIXED);
}

/** The outermost instance the layer lies in. */
export function outermostInstance(node: BaseNode): SceneNode | undefined {
  return outermost(node, ['INSTANCE']);
}

function outermost(node: BaseNode, types: readonly string[]): SceneNode | undefined {
  let found: SceneNode | undefined;
  for (let parent = node.parent; parent; parent = parent.parent)
    if (types.indexOf(parent.type) >= 0) found = parent as SceneNode;
  return found;
}

export function pageOf(node: BaseNode): PageNode | undefined {
  let at: BaseNode | null = node;
  while (at && at.type !== 'PAGE') at = at.parent;
  return at ?? undefined;
}

/** relativeTransform counts from the nearest ancestor that is neither group nor boolean operation. */
function containerToPage(parent: BaseNode): Transform {
  let at: BaseNode | null = parent;
  while (at && (at.type === 'GROUP' || at.type === 'BOOLEAN_OPERATION')) at = at.parent;
  return at && 'absoluteTransform' in at
    ? at.absoluteTransform
    : [
        [1, 0, 0],
        [0, 1, 0],
      ];
}

/** Right above the layer, or above the outermost ancestor that takes no new layers. */
export function placeAbove(node: SceneNode): Place {
  const fixed = outermostFixed(node);
  const below = fixed ?? node;
  const parent = below.parent;
  if (!parent || parent.type === 'DOCUMENT')
    throw new Refusal('no-place', `There is no place for a new layer beside “${below.name}”.`, node.id);
  const toPage = fromRows((node as LayoutMixin & SceneNode).absoluteTransform);
  const place = {
    parent,
    index: parent.children.findIndex(({ id }) => id === below.id) + 1,
    transform: toRows(compose(invert(fromRows(containerToPage(parent))), toPage)),
    autoLayout: 'layoutMode' in parent && parent.layoutMode !== 'NONE',
  };
  return fixed ? { ...place, note: `The new layer is above “${fixed.name}”, which takes no layers.` } : place;
}

/** Containers whose own fill lies under their children: the new layer goes between the two. */
export function takesLayerInside(node: SceneNode): node is FrameNode | ComponentNode | SectionNode {
  const container =
    node.type === 'COMPONENT' ||
    node.type === 'SECTION' ||
    (node.type === 'FRAME' && node.children.length > 0);
  return container && !outermostFixedAbove(node);
}

function outermostFixedAbove(node: SceneNode): boolean {
  const fixed = outermostFixed(node);
  return fixed !== undefined && fixed.type !== 'COMPONENT_SET'; // a variant takes layers, its set does not
}

/** Strokes included where Figma says so; it does not for hidden layers. */
export function boundsOnPage(node: SceneNode): Rect | null {
  const rendered = 'absoluteRenderBounds' in node ? node.absoluteRenderBounds : null;
  return rendered ?? ('absoluteBoundingBox' in node ? node.absoluteBoundingBox : null);
}

/** Puts the new layer there. Position counts only after the layer has left the flow of an auto-layout parent. */
export function settle(
  layer: SceneNode,
  { parent, index, transform, autoLayout }: Place,
  inFlow: boolean,
): void {
  const { width, height } = layer;
  parent.insertChild(index, layer);
  const shape = layer as RectangleNode;
  if (autoLayout && !inFlow && 'layoutPositioning' in layer) {
    shape.layoutPositioning = 'ABSOLUTE';
    shape.layoutGrow = 0;
    shape.layoutAlign = 'INHERIT';
    // In the flow, for a moment, it shared the room of the layer it covers.
    const off = Math.max(Math.abs(shape.width - width), Math.abs(shape.height - height));
    if (off > 0.01) shape.resize(width, height);
  }
  shape.relativeTransform = transform;
}

/**
 * Selected and, only if it is outside of what the user sees, in view. With `from`, only where nothing but those layers
 * is selected: the user may have turned to something else meanwhile.
 */
export function show(layer: SceneNode, from?: readonly string[]): void {
  try {
    selectInView(layer, from);
  } catch {
    // What was changed before is in the document, selected or not.
  }
}

function selectInView(layer: SceneNode, from?: readonly string[]): void {
  if (pageOf(layer)?.id !== figma.currentPage.id) return;
  if (from && figma.currentPage.selection.some(({ id }) => from.indexOf(id) < 0)) return;
  figma.currentPage.selection = [layer];
  const box = 'absoluteBoundingBox' in layer ? layer.absoluteBoundingBox : null;
  const view = figma.viewport.bounds;
  if (!box) return;
  const away =
    box.x + box.width < view.x ||
    box.y + box.height < view.y ||
    box.x > view.x + view.width ||
    box.y > view.y + view.height;
  if (away) figma.viewport.scrollAndZoomIntoView([layer]);
}
