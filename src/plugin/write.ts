/** Puts a result into the document as one undo step: a new layer above the original, or the fill replaced in place. */
import type { EncodedImage, ToPlugin, ToUi } from '../messages.ts';
import { boundsOf, fromRows, type Size, scaledPaint, tileTransform } from './geometry.ts';
import type { Job } from './job.ts';
import { type LayerMemory, readMemory, remember } from './memory.ts';
import {
  fillsOf,
  type ImageFill,
  imageSize,
  isImageFill,
  isPaintable,
  type Paintable,
  withFill,
} from './paints.ts';
import { type Place, pageOf, placeAbove, settle, show, takesLayerInside } from './place.ts';
import { Refusal, Undecided } from './refusal.ts';

type WriteRequest = Extract<ToPlugin, { type: 'write' }>;

interface Target {
  readonly node: Paintable;
  readonly fills: readonly Paint[];
  readonly paint: ImageFill;
}

/** What was made, for the answer. */
interface Written {
  readonly layer: SceneNode;
  readonly notes: string[];
}

const MARK = ' · restored';

/** The layer and paint a request is about, if both are still what they were. */
export async function findTarget(nodeId: string, fillIndex: number, imageHash?: string): Promise<Target> {
  const node = await figma.getNodeByIdAsync(nodeId);
  if (!node || node.removed) throw new Refusal('node-removed', 'The layer was deleted meanwhile.', nodeId);
  const fills = isPaintable(node) ? fillsOf(node) : undefined;
  const paint = fills?.[fillIndex];
  if (!isPaintable(node) || !fills || !isImageFill(paint) || (imageHash && paint.imageHash !== imageHash))
    throw new Refusal(
      'image-changed',
      `“${node.name}” shows another image by now. Start again with it.`,
      nodeId,
    );
  return { node, fills, paint };
}

export async function write(message: WriteRequest, maskIds: readonly string[], job: Job): Promise<ToUi> {
  const { nodeId, fillIndex, imageHash } = message;
  const before = await findTarget(nodeId, fillIndex, imageHash);
  const style = message.place === 'in-place' ? await sharedStyle(before.node, message) : undefined;
  const image = await imageSize(imageHash);
  if (!image) throw new Refusal('missing-bytes', 'Figma lost the original image.', nodeId);
  await pageOf(before.node)?.loadAsync();
  const hashes = await createImages(message.image, job);
  // The document may have changed while Figma took the pixels; from here to the end nothing waits.
  const target = await findTarget(nodeId, fillIndex, imageHash);
  job.check();
  const { layer, notes } = asOneStep((made) => {
    if (hashes.length > 1) return writeTiles(target, message, image, hashes, maskIds, made);
    if (message.place === 'layer') return writeLayer(target, message, hashes[0]!, maskIds, made);
    return writeInPlace(target, message, hashes[0]!, maskIds, style);
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

/** One undo step; layers in `made` are removed again if the change fails half-way. */
function asOneStep<T>(change: (made: SceneNode[]) => T): T {
  const made: SceneNode[] = [];
  figma.commitUndo();
  try {
    return change(made);
  } catch (error) {
    for (const node of made) if (!node.removed) node.remove();
    throw error;
  } finally {
    figma.commitUndo();
  }
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
    fillContainer(layer as RectangleNode, node, { ...restored, visible: true });
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

/** A rectangle that covers a container under its content and follows its size. */
function fillContainer(layer: RectangleNode, container: Paintable, paint: ImagePaint): void {
  const frame = container as FrameNode;
  layer.resize(frame.width, frame.height);
  layer.fills = [paint];
  frame.insertChild(0, layer);
  if ('layoutMode' in frame && frame.layoutMode !== 'NONE') layer.layoutPositioning = 'ABSOLUTE';
  layer.relativeTransform = [
    [1, 0, 0],
    [0, 1, 0],
  ];
  if ('constraints' in frame) {
    layer.constraints = { horizontal: 'STRETCH', vertical: 'STRETCH' };
    layer.topLeftRadius = frame.topLeftRadius;
    layer.topRightRadius = frame.topRightRadius;
    layer.bottomLeftRadius = frame.bottomLeftRadius;
    layer.bottomRightRadius = frame.bottomRightRadius;
    layer.cornerSmoothing = frame.cornerSmoothing;
  }
}

function finish(layer: SceneNode, original: SceneNode): void {
  const end = original.name.length - MARK.length;
  const name = end > 0 && original.name.slice(end) === MARK ? original.name.slice(0, end) : original.name;
  layer.name = name + MARK;
  layer.visible = true;
  if ('locked' in layer) layer.locked = false;
}

function hide(node: Paintable, fills: readonly Paint[], index: number, what: LayerMemory['hidden']): void {
  if (what === 'layer') node.visible = false;
  if (what === 'fill') node.fills = withFill(fills, index, { ...(fills[index] as Paint), visible: false });
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
  const before =
    earlier?.kind === 'in-place' && earlier.after.imageHash === paint.imageHash ? earlier.before : paint;
  if (style) style.paints = withFill(style.paints, fillIndex, after);
  else node.fills = withFill(fills, fillIndex, after);
  remember(node, { kind: 'in-place', task, fillIndex, maskIds, before, after });
  return {
    layer: node,
    notes: style ? [`The style “${style.name}” was changed, and every layer with it.`] : [],
  };
}

/** Assigning fills would silently detach a shared style: the user decides. */
async function sharedStyle(node: Paintable, { answers }: WriteRequest): Promise<PaintStyle | undefined> {
  const bound = 'boundVariables' in node ? node.boundVariables?.fills : undefined;
  if (bound && bound.length > 0 && answers['fill-variable'] !== 'detach')
    throw new Undecided({
      code: 'fill-variable',
      words: `A fill of “${node.name}” is bound to a variable. Replacing the image may unbind it.`,
      choices: [{ id: 'detach', label: 'Replace it anyway' }],
    });
  const id = node.fillStyleId;
  if (typeof id !== 'string' || id === '') return undefined;
  const style = await figma.getStyleByIdAsync(id);
  const answer = answers['fill-style'];
  if (style?.type !== 'PAINT' || answer === 'detach') return undefined;
  if (answer === 'style' && !style.remote) return style;
  const choices = [{ id: 'detach', label: 'Change this layer only' }];
  if (!style.remote) choices.push({ id: 'style', label: 'Change the style everywhere' });
  throw new Undecided({
    code: 'fill-style',
    words: `“${node.name}” uses the style “${style.name}”. Change only this layer?`,
    choices,
  });
}

/**
 * A result too large for one image: copies of the layer in one group, each with the same outline and a CROP paint that
 * shows its tile where the whole picture stood. Look that must count once (effects, opacity, strokes) counts once.
 */
function writeTiles(
  { node, fills, paint }: Target,
  request: WriteRequest,
  image: Size,
  hashes: readonly string[],
  maskIds: readonly string[],
  made: SceneNode[],
): Written {
  if (paint.scaleMode === 'TILE' || takesLayerInside(node))
    throw new Refusal(
      'refused-by-figma',
      'Figma takes at most 4096 pixels a side here. Choose a smaller factor.',
      node.id,
    );
  const place = placeAbove(node);
  const hide = request.place === 'in-place' || request.hideOriginal;
  const tiles = request.image.tiles.map((tile, i) => {
    const copy = made[made.push(node.clone()) - 1] as Paintable;
    settle(copy, { ...place, index: place.index + i }, false);
    const imageTransform = tileTransform(paint, node, image, request.image, tile) as Transform;
    const below = i === 0 ? fills.slice(0, request.fillIndex) : [];
    const above = i === hashes.length - 1 ? fills.slice(request.fillIndex + 1) : [];
    copy.fills = [...below, tilePaint(paint, hashes[i]!, imageTransform), ...above];
    copy.name = `Tile ${i + 1}`;
    copy.visible = true;
    if ('locked' in copy) copy.locked = false;
    return copy;
  });
  const group = groupTiles(tiles, node, paint.opacity ?? 1, place);
  if (place.autoLayout && hide)
    group.layoutPositioning = (node as Paintable & AutoLayoutChildrenMixin).layoutPositioning;
  made.push(group);
  finish(group, node);
  const { task, fillIndex } = request;
  const hidden = hide ? 'layer' : 'nothing';
  remember(group, { kind: 'layer', task, fillIndex, maskIds, originalId: node.id, hidden });
  if (hide) node.visible = false;
  const notes = [`Figma takes 4096 pixels a side: the result is a group of ${tiles.length} tiles.`];
  return { layer: group, notes: place.note ? notes.concat(place.note) : notes };
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
