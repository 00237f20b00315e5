/** Puts a result into the document as one undo step: a new layer above the original, or the fill replaced in place. */
import type { EncodedImage, ToPlugin, ToUi } from '../messages.ts';
import { scaledPaint } from './geometry.ts';
import type { Job } from './job.ts';
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
import {
  fillsOf,
  type ImageFill,
  imageSize,
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
  const shown = fills?.[fillIndex];
  const paint = isImageFill(shown) ? asBefore(shown, fillIndex, readMemory(node), imageHash) : undefined;
  if (!isPaintable(node) || !fills || !paint || (imageHash && paint.imageHash !== imageHash))
    throw new Refusal(
      'image-changed',
      `“${node.name}” shows another image by now. Start again with it.`,
      nodeId,
    );
  return { node, fills, paint };
}

/** A paint that shows a result made from `imageHash`, as if it still showed that image: another result may follow. */
function asBefore(
  paint: ImageFill,
  fillIndex: number,
  memory: Memory | undefined,
  imageHash?: string,
): ImageFill {
  if (memory?.kind !== 'in-place' || memory.fillIndex !== fillIndex) return paint;
  const { before, after } = memory;
  if (paint.imageHash !== after.imageHash || !imageHash || before.imageHash !== imageHash) return paint;
  return { ...scaledPaint(paint, (after.scalingFactor ?? 1) / (before.scalingFactor ?? 1)), imageHash };
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

export async function write(message: WriteRequest, maskIds: readonly string[], job: Job): Promise<ToUi> {
  const { nodeId, fillIndex, imageHash } = message;
  const before = await findTarget(nodeId, fillIndex, imageHash);
  const tiled = message.image.tiles.length > 1;
  const style = await sharedStyle(before.node, { ...message, tiled });
  const image = await imageSize(imageHash);
  if (!image) throw new Refusal('missing-bytes', 'Figma lost the original image. Place it again.', nodeId);
  await pageOf(before.node)?.loadAsync();
  const hashes = await createImages(message.image, job);
  const masks = message.hideMasks ? await living(maskIds) : [];
  const earlier = await earlierResult(message);
  // The document may have changed while Figma took the pixels; from here to the end nothing waits.
  const target = await findTarget(nodeId, fillIndex, imageHash);
  job.check();
  const put = (made: SceneNode[]) => {
    if (hashes.length > 1) return writeTiles(target, message, image, hashes, maskIds, made);
    if (message.place === 'layer') return writeLayer(target, message, hashes[0]!, maskIds, made);
    return writeInPlace(target, message, hashes[0]!, maskIds, style);
  };
  const { layer, notes } = asOneStep((made) => {
    const written = keepingVisible(target.node, () => put(made));
    hideMasks(written.layer, masks, target.node);
    if (earlier) takeOver(written.layer, earlier);
    return written;
  });
  try {
    show(layer, [nodeId, ...maskIds, message.replaces ?? nodeId]);
  } catch {
    // The result is in the document, selected or not.
  }
  return { type: 'done', request: message.request, nodeId: layer.id, name: layer.name, notes };
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

/** Hands the pixels to Figma, one picture at a time. Makes no layer. */
async function createImages(image: EncodedImage, job: Job): Promise<string[]> {
  const hashes: string[] = [];
  for (const { png } of image.tiles) {
    await job.step('Handing the result to Figma', hashes.length, image.tiles.length);
    hashes.push(figma.createImage(png).hash);
  }
  if (hashes.length === 0) throw new Refusal('unknown', 'The result has no pixels.');
  return hashes;
}

function writeLayer(
  { node, fills, paint }: Target,
  { fillIndex, factor, hideOriginal, task }: WriteRequest,
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
  remember(layer, { kind: 'layer', task, fillIndex, maskIds, originalId: node.id, hidden });
  hide(node, fills, fillIndex, hidden);
  return { layer, notes };
}

function writeInPlace(
  { node, fills, paint }: Target,
  { fillIndex, factor, task }: WriteRequest,
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
