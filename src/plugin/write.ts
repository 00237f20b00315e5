/** Puts a result into the document as one undo step: a new layer above the original, or the fill replaced in place. */
import type { ToPlugin, ToUi } from '../wire/messages.ts';
import { scaledPaint } from './geometry.ts';
import {
  fillContainer,
  finish,
  hide,
  hideMasks,
  living,
  type Target,
  takeOver,
  type Written,
} from './layers.ts';
import { type Memory, readMemory, remember } from './memory.ts';
import type { OpenRequest } from './open-request.ts';
import {
  fillsOf,
  type ImageFill,
  imageSize,
  indexOfImage,
  isImageFill,
  isPaintable,
  type Paintable,
  withFill,
} from './paints.ts';
import { pageOf, placeAbove, settle, show, takesLayerInside } from './place.ts';
import { sharedStyle, usedStyle } from './questions.ts';
import { Refusal } from './refusal.ts';
import { asOneStep } from './step.ts';
import { writeTiles } from './write-tiles.ts';

type WriteRequest = Extract<ToPlugin, { type: 'write' }>;

/** The layer and paint a request is about, if both are still what they were. */
export async function findTarget(nodeId: string, fillIndex: number, imageHash?: string): Promise<Target> {
  const node = await figma.getNodeByIdAsync(nodeId);
  if (!node || node.removed)
    throw new Refusal('node-removed', 'The layer was deleted meanwhile. Select another one.', nodeId);
  const fills = isPaintable(node) ? fillsOf(node) : undefined;
  const found = fills && findPaint(fills, fillIndex, readMemory(node), imageHash);
  if (!isPaintable(node) || !fills || !found)
    throw new Refusal(
      'image-changed',
      `“${node.name}” shows another image by now. Start again with it.`,
      nodeId,
    );
  return { node, fills, ...found };
}

/**
 * The paint that shows the image, wherever among the fills it lies by now; without `imageHash` the one at the index. A
 * paint that shows a result made from that image counts as if it still showed it: another result may follow.
 */
function findPaint(
  fills: readonly Paint[],
  near: number,
  memory: Memory | undefined,
  imageHash?: string,
): Pick<Target, 'fillIndex' | 'paint'> | undefined {
  if (imageHash === undefined) {
    const paint = fills[near];
    return isImageFill(paint) ? { fillIndex: near, paint } : undefined;
  }
  const own = indexOfImage(fills, [imageHash], near);
  if (own >= 0) return { fillIndex: own, paint: fills[own] as ImageFill };
  if (memory?.kind !== 'in-place' || memory.before.imageHash !== imageHash) return undefined;
  const { before, after } = memory;
  const fillIndex = indexOfImage(fills, [after.imageHash ?? ''], near);
  if (fillIndex < 0) return undefined;
  const factor = (after.scalingFactor ?? 1) / (before.scalingFactor ?? 1);
  return { fillIndex, paint: { ...scaledPaint(fills[fillIndex] as ImageFill, factor), imageHash } };
}

/** Asks what `write` would ask. Throws Undecided until all is answered. */
export async function prepare(message: Extract<ToPlugin, { type: 'prepare' }>): Promise<ToUi> {
  const { request, nodeId, fillIndex, imageHash } = message;
  const { node } = await findTarget(nodeId, fillIndex, imageHash);
  await sharedStyle(node, message);
  return { type: 'prepared', request };
}

/** The result that a new one of the same layer replaces, if it is still there. */
async function earlierResult({ nodeId, replaces }: WriteRequest): Promise<SceneNode | undefined> {
  const [layer] = replaces === undefined ? [] : await living([replaces]);
  const memory = layer && readMemory(layer);
  return memory?.kind === 'layer' && memory.originalId === nodeId ? layer : undefined;
}

export async function write(
  message: WriteRequest,
  maskIds: readonly string[],
  open: OpenRequest,
): Promise<ToUi> {
  const { nodeId, fillIndex, imageHash } = message;
  const before = await findTarget(nodeId, fillIndex, imageHash);
  const page = pageOf(before.node);
  const tiled = message.image.tiles.length > 1;
  const style = await sharedStyle(before.node, { ...message, tiled });
  const image = await imageSize(imageHash);
  if (!image) throw new Refusal('missing-bytes', 'Figma lost the original image. Place it again.', nodeId);
  const hashes = message.image.tiles.map(({ hash }) => hash);
  if (hashes.length === 0 || hashes.some((hash) => !figma.getImageByHash(hash)))
    throw new Refusal('unknown', 'The result did not reach Figma. Insert it once more.');
  await open.step('Putting the result in place', 0, 1);
  await page?.loadAsync();
  const masks = message.hideMasks ? await living(maskIds) : [];
  const earlier = await earlierResult(message);
  // The document may have changed while Figma took the pixels; from here to the end nothing waits.
  const target = await findTarget(nodeId, fillIndex, imageHash);
  open.check();
  const asked = message.hideOriginal || (tiled && message.place === 'in-place');
  const request = { ...message, hideOriginal: asked && isThereToHide(target, earlier) };
  const put = (made: SceneNode[]) => {
    if (tiled) return writeTiles(target, request, image, { hashes, maskIds }, made);
    if (message.place === 'layer') return writeLayer(target, request, hashes[0]!, maskIds, made);
    return writeInPlace(target, request, hashes[0]!, maskIds, style);
  };
  const { layer, notes } = asOneStep((made) => {
    const written = keepingVisible(target.node, () => put(made));
    hideMasks(written.layer, masks, target.node);
    if (earlier) takeOver(written.layer, earlier);
    return written;
  });
  show(layer, [nodeId, ...maskIds, message.replaces ?? nodeId]);
  return { type: 'done', request: message.request, nodeId: layer.id, name: layer.name, notes };
}

/** Whether the original shows, or did until the earlier result: what was hidden before stays so, also after Revert. */
function isThereToHide({ node, paint }: Target, earlier: SceneNode | undefined): boolean {
  const past = earlier && readMemory(earlier);
  const hidden = past?.kind === 'layer' && past.hidden !== 'nothing';
  return hidden || (takesLayerInside(node) ? paint.visible !== false : node.visible);
}

/** A layer that was hidden for a change that then fails is shown again. */
function keepingVisible<T>(node: SceneNode, change: () => T): T {
  const { visible } = node;
  try {
    return change();
  } catch (error) {
    if (node.visible !== visible) node.visible = visible;
    throw error;
  }
}

function writeLayer(
  { node, fills, fillIndex, paint }: Target,
  { factor, hideOriginal, task }: WriteRequest,
  hash: string,
  maskIds: readonly string[],
  made: SceneNode[],
): Written {
  const restored: ImageFill = { ...scaledPaint(paint, factor), imageHash: hash };
  const inside = takesLayerInside(node);
  const notes: string[] = [];
  let layer: Paintable;
  if (inside) {
    layer = made[made.push(figma.createRectangle()) - 1] as RectangleNode;
    fillContainer(layer as RectangleNode, node);
    // What lies over the image in the container must lie over the new one too.
    layer.fills = [{ ...restored, visible: true }, ...fills.slice(fillIndex + 1)];
    notes.push(`The new layer lies inside “${node.name}”, under its content.`);
  } else {
    const place = placeAbove(node);
    const wanted = withFill(fills, fillIndex, { ...restored, visible: true });
    layer = made[made.push(node.clone()) - 1] as Paintable;
    // First: two layers that fill the same room of an auto-layout parent would halve each other.
    if (hideOriginal && place.autoLayout) hide(node, fills, fillIndex, 'layer');
    settle(layer, place, hideOriginal);
    layer.fills = wanted;
    if (place.note) notes.push(place.note);
  }
  finish(layer, node);
  const hidden = hideOriginal ? (inside ? 'fill' : 'layer') : 'nothing';
  const origin = { originalId: node.id, imageHash: paint.imageHash };
  remember(layer, { kind: 'layer', task, fillIndex, maskIds, ...origin, hidden });
  hide(node, fills, fillIndex, hidden);
  return { layer, notes };
}

function writeInPlace(
  { node, fills, fillIndex, paint }: Target,
  { factor, task }: WriteRequest,
  hash: string,
  maskIds: readonly string[],
  style: PaintStyle | undefined,
): Written {
  const after: ImageFill = { ...scaledPaint(paint, factor), imageHash: hash };
  const earlier = readMemory(node);
  // The first original stays the one to go back to, as long as the layer still shows what this plugin put there.
  const last =
    earlier?.kind === 'in-place' && earlier.after.imageHash === paint.imageHash ? earlier : undefined;
  const before = last?.before ?? paint;
  const detachedStyleId = style ? undefined : (usedStyle(node) ?? last?.detachedStyleId);
  if (style) style.paints = withFill(style.paints, fillIndex, after);
  else node.fills = withFill(fills, fillIndex, after);
  const styles = { styleId: style?.id, detachedStyleId };
  remember(node, { kind: 'in-place', task, fillIndex, maskIds, before, after, ...styles });
  return {
    layer: node,
    notes: style ? [`The style “${style.name}” was changed, and every layer with it.`] : [],
  };
}
