/** What every way of putting a result into the document has in common. */
import { type LayerMemory, readMemory, remember } from './memory.ts';
import { type ImageFill, type Paintable, withFill } from './paints.ts';

/** The layer and paint a result is for. */
export interface Target {
  readonly node: Paintable;
  readonly fills: readonly Paint[];
  /** Where the paint lies among them now. */
  readonly fillIndex: number;
  readonly paint: ImageFill;
}

/** What was made, for the answer. */
export interface Written {
  readonly layer: SceneNode;
  readonly notes: string[];
}

/** Layers by their ids, without those that were deleted. */
export async function living(ids: readonly string[]): Promise<SceneNode[]> {
  const found: SceneNode[] = [];
  for (const id of ids) {
    const node = await figma.getNodeByIdAsync(id);
    if (node && !node.removed) found.push(node as SceneNode);
  }
  return found;
}

const MARK = ' · restored';

/** Gives a rectangle the outline of a container. */
export function coverContainer(layer: RectangleNode, container: Paintable): void {
  const frame = container as FrameNode;
  layer.resize(frame.width, frame.height);
  if (!('topLeftRadius' in frame)) return;
  layer.topLeftRadius = frame.topLeftRadius;
  layer.topRightRadius = frame.topRightRadius;
  layer.bottomLeftRadius = frame.bottomLeftRadius;
  layer.bottomRightRadius = frame.bottomRightRadius;
  layer.cornerSmoothing = frame.cornerSmoothing;
}

/** Puts a rectangle into a container, under its content, so that it covers it and follows its size. */
export function fillContainer(layer: RectangleNode, container: Paintable, index = 0): void {
  const frame = container as FrameNode;
  coverContainer(layer, container);
  frame.insertChild(index, layer);
  if ('layoutMode' in frame && frame.layoutMode !== 'NONE') layer.layoutPositioning = 'ABSOLUTE';
  layer.relativeTransform = [
    [1, 0, 0],
    [0, 1, 0],
  ];
  if ('constraints' in frame) layer.constraints = { horizontal: 'STRETCH', vertical: 'STRETCH' };
}

export function finish(layer: SceneNode, original: SceneNode): void {
  const end = original.name.length - MARK.length;
  const name = end > 0 && original.name.slice(end) === MARK ? original.name.slice(0, end) : original.name;
  layer.name = name + MARK;
  layer.visible = true;
  if ('locked' in layer) layer.locked = false;
}

/** Puts a result in the place of an earlier one of the same layer, which goes. */
export function takeOver(layer: SceneNode, earlier: SceneNode): void {
  const [memory, past] = [readMemory(layer), readMemory(earlier)];
  const hiddenMaskIds = [...(past?.hiddenMaskIds ?? []), ...(memory?.hiddenMaskIds ?? [])];
  if (memory && hiddenMaskIds.length > 0) remember(layer, { ...memory, hiddenMaskIds });
  earlier.remove();
}

export function hide(
  node: Paintable,
  fills: readonly Paint[],
  index: number,
  what: LayerMemory['hidden'],
): void {
  if (what === 'layer') node.visible = false;
  if (what === 'fill') node.fills = withFill(fills, index, { ...(fills[index] as Paint), visible: false });
}

/**
 * Takes the layers that marked an area out of sight, for they lie over the result. Figma's own masks stay: without one
 * its siblings would show more; so does what the original lies in.
 */
export function hideMasks(result: SceneNode, masks: readonly SceneNode[], original: SceneNode): void {
  const around = new Set<string>();
  for (let at: BaseNode | null = original; at; at = at.parent) around.add(at.id);
  const hidden = masks.filter(
    (mask) => !mask.removed && mask.visible && !('isMask' in mask && mask.isMask) && !around.has(mask.id),
  );
  for (const mask of hidden) mask.visible = false;
  const memory = readMemory(result);
  if (memory && hidden.length > 0) remember(result, { ...memory, hiddenMaskIds: hidden.map(({ id }) => id) });
}
