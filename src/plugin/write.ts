/** Puts a result into the document as one undo step: a new layer above the original, or the fill replaced in place. */
import type { EncodedImage, Question, ToPlugin, ToUi } from '../messages.ts';
import { scaledPaint } from './geometry.ts';
import type { Job } from './job.ts';
import { fillContainer, finish, hide, hideMasks, living, type Target, type Written } from './layers.ts';
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
import { Refusal, Undecided } from './refusal.ts';
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

export async function write(message: WriteRequest, maskIds: readonly string[], job: Job): Promise<ToUi> {
  const { nodeId, fillIndex, imageHash } = message;
  const before = await findTarget(nodeId, fillIndex, imageHash);
  const style = await sharedStyle(before.node, message);
  const image = await imageSize(imageHash);
  if (!image) throw new Refusal('missing-bytes', 'Figma lost the original image. Place it again.', nodeId);
  await pageOf(before.node)?.loadAsync();
  const hashes = await createImages(message.image, job);
  const masks = message.hideMasks ? await living(maskIds) : [];
  // The document may have changed while Figma took the pixels; from here to the end nothing waits.
  const target = await findTarget(nodeId, fillIndex, imageHash);
  job.check();
  const put = (made: SceneNode[]) => {
    if (hashes.length > 1) return writeTiles(target, message, image, hashes, maskIds, made);
    if (message.place === 'layer') return writeLayer(target, message, hashes[0]!, maskIds, made);
    return writeInPlace(target, message, hashes[0]!, maskIds, style);
  };
  const { layer, notes } = asOneStep((made) => {
    const written = put(made);
    hideMasks(written.layer, masks, target.node);
    return written;
  });
  show(layer);
  return { type: 'done', request: message.request, nodeId: layer.id, name: layer.name, notes };
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
    layer = made[made.push(node.clone()) - 1] as Paintable;
    const place = placeAbove(node);
    settle(layer, place, hideOriginal);
    layer.fills = withFill(fills, fillIndex, { ...restored, visible: true });
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

/** How a result changes the fills of the layer itself; a new layer beside it leaves them alone. */
function changeOfFills(
  node: Paintable,
  { place, hideOriginal, image }: WriteRequest,
): 'replaced' | 'hidden' | undefined {
  const tiled = image.tiles.length > 1;
  if (place === 'in-place' && !tiled) return 'replaced';
  return takesLayerInside(node) && (tiled || hideOriginal) ? 'hidden' : undefined;
}

/** Id of the style of all its fills, if there is one: texts may use several. */
const usedStyle = ({ fillStyleId }: Paintable): string | undefined =>
  (typeof fillStyleId === 'string' && fillStyleId) || undefined;

/** Assigning fills would silently detach a shared style: the user decides. Returns the style to change, if any. */
async function sharedStyle(node: Paintable, request: WriteRequest): Promise<PaintStyle | undefined> {
  const change = changeOfFills(node, request);
  if (!change) return undefined;
  const { answers } = request;
  const bound = 'boundVariables' in node ? node.boundVariables?.fills : undefined;
  if (bound && bound.length > 0 && answers['fill-variable'] !== 'detach')
    throw new Undecided({
      code: 'fill-variable',
      words: `A fill of “${node.name}” is bound to a variable. Replacing the image may unbind it.`,
      choices: [{ id: 'detach', label: 'Replace it anyway' }],
    });
  const id = usedStyle(node);
  if (!id) return undefined;
  const style = await figma.getStyleByIdAsync(id);
  const answer = answers['fill-style'];
  if (style?.type !== 'PAINT' || answer === 'detach') return undefined;
  const changeable = change === 'replaced' && !style.remote;
  if (answer === 'style' && changeable) return style;
  throw new Undecided(styleQuestion(node.name, style.name, change, changeable));
}

function styleQuestion(
  layer: string,
  style: string,
  change: 'replaced' | 'hidden',
  changeable: boolean,
): Question {
  const uses = `“${layer}” uses the style “${style}”.`;
  if (change === 'hidden')
    return {
      code: 'fill-style',
      words: `${uses} Hiding the image detaches this layer from it.`,
      choices: [{ id: 'detach', label: 'Hide it anyway' }],
    };
  const choices = [{ id: 'detach', label: 'Change this layer only' }];
  if (changeable) choices.push({ id: 'style', label: 'Change the style everywhere' });
  return { code: 'fill-style', words: `${uses} Change only this layer?`, choices };
}
