/** Results in Penpot's document: putting them in, comparing, taking them out again. */
import type { Fill, ImageData, Shape } from '@penpot/plugin-types';
import { Refusal } from '../plugin/refusal.ts';
import type { ToPlugin } from '../wire/messages.ts';
import { fillsOf, findTarget, shapeOf, withImage } from './images.ts';

interface Memory {
  readonly kind: 'layer' | 'in-place';
  /** The layer that shows the original: the one beneath, or the result's own. */
  readonly originalId: string;
  /** The original was hidden. */
  readonly hidden: boolean;
  readonly index: number;
  /** The original image, and the result's, as plain data. */
  readonly before: ImageData;
  readonly after: ImageData;
  readonly maskIds: readonly string[];
  readonly hiddenMaskIds: readonly string[];
}

export interface Shown {
  readonly shape: Shape;
  readonly showing: 'original' | 'restored';
}

const KEY = 'result';
const MARK = ' · restored';

export function readMemory(shape: Shape): Memory | undefined {
  try {
    const memory = JSON.parse(shape.getPluginData(KEY) || 'null') as Memory | null;
    return memory?.kind === 'layer' || memory?.kind === 'in-place' ? memory : undefined;
  } catch {
    return undefined;
  }
}

/** Everything in it is one step of Penpot's history. */
function asOneStep<T>(change: () => T): T {
  const block = penpot.history.undoBlockBegin();
  try {
    return change();
  } finally {
    penpot.history.undoBlockFinish(block);
  }
}

type Write = Extract<ToPlugin, { type: 'write' }>;

/** Nothing in it waits, so that a cancel finds either nothing or all of it. */
export function write(message: Write, uploaded: ImageData | undefined, maskIds: readonly string[]): Shape {
  const { nodeId, fillIndex, imageHash, place, hideOriginal } = message;
  if (message.image.tiles.length > 1)
    throw new Refusal('no-place', 'A result in pieces has no place in Penpot. Choose a smaller factor.');
  if (!uploaded) throw new Refusal('unknown', 'The result did not reach Penpot. Insert it once more.');
  const { shape, fills, index, image } = findTarget(nodeId, fillIndex, imageHash);
  const masks = message.hideMasks ? maskIds.flatMap((id) => shapeOf(id) ?? []) : [];
  const hiddenMasks = masks.filter(({ visible }) => visible);
  return asOneStep(() => {
    const earlier = message.replaces === undefined ? undefined : shapeOf(message.replaces);
    const restored = withImage(fills, index, uploaded);
    const layer = place === 'layer' ? layAbove(shape, restored, hideOriginal) : shape;
    if (place === 'in-place') shape.fills = restored;
    for (const mask of hiddenMasks) mask.visible = false;
    const past = earlier && earlier.id !== layer.id ? readMemory(earlier) : undefined;
    remember(layer, {
      kind: place,
      originalId: shape.id,
      hidden: hideOriginal,
      index,
      before: withImage(fills, index, image)[index]!.fillImage!,
      after: restored[index]!.fillImage!,
      maskIds,
      hiddenMaskIds: [...(past?.hiddenMaskIds ?? []), ...hiddenMasks.map(({ id }) => id)],
    });
    if (past?.kind === 'layer' && past.originalId === shape.id) earlier?.remove();
    penpot.selection = [layer];
    return layer;
  });
}

function layAbove(original: Shape, fills: Fill[], hideOriginal: boolean): Shape {
  const layer = original.clone();
  try {
    layer.setParentIndex(original.parentIndex + 1);
    layer.fills = fills;
    layer.name = original.name.endsWith(MARK) ? original.name : original.name + MARK;
    layer.visible = true;
    layer.blocked = false;
    if (hideOriginal) original.visible = false;
    return layer;
  } catch (error) {
    layer.remove(); // nothing is done by halves
    throw error;
  }
}

function remember(shape: Shape, memory: Memory | undefined): void {
  shape.setPluginData(KEY, memory ? JSON.stringify(memory) : '');
}

function resultOf(nodeId: string): { layer: Shape; memory: Memory; original: Shape } {
  const layer = shapeOf(nodeId);
  if (!layer)
    throw new Refusal('node-removed', 'The layer was deleted meanwhile. Select another one.', nodeId);
  const memory = readMemory(layer);
  const original = memory && shapeOf(memory.originalId);
  if (!memory || !original)
    throw new Refusal('no-original', `There is nothing to compare “${layer.name}” with.`, nodeId);
  return { layer, memory, original };
}

/** Toggles between original and result. */
export function compare(nodeId: string): Shown {
  const { layer, memory, original } = resultOf(nodeId);
  if (memory.kind === 'in-place') {
    const result = fillsOf(layer)?.[memory.index]?.fillImage?.id !== memory.after.id;
    return asOneStep(() => swap(layer, memory, result));
  }
  const result = !layer.visible;
  asOneStep(() => {
    layer.visible = result;
    if (memory.hidden) original.visible = !result;
  });
  return { shape: layer, showing: result ? 'restored' : 'original' };
}

function swap(layer: Shape, { index, before, after }: Memory, result: boolean): Shown {
  const fills = fillsOf(layer) ?? [];
  const shown = fills[index]?.fillImage?.id;
  if (shown !== before.id && shown !== after.id)
    throw new Refusal('no-original', `“${layer.name}” shows another image by now.`, layer.id);
  layer.fills = withImage(fills, index, result ? after : before);
  return { shape: layer, showing: result ? 'restored' : 'original' };
}

/** Removes the result; the layer that shows the original again gets selected. */
export function revert(nodeId: string): Shown {
  const { layer, memory, original } = resultOf(nodeId);
  return asOneStep(() => {
    for (const id of memory.hiddenMaskIds) {
      const mask = shapeOf(id);
      if (mask) mask.visible = true;
    }
    if (memory.kind === 'in-place') {
      swap(layer, memory, false);
      remember(layer, undefined);
    } else {
      if (memory.hidden) original.visible = true;
      layer.remove();
    }
    penpot.selection = [original];
    return { shape: original, showing: 'original' };
  });
}

/** Selects the originals of selected results, with the masks used then. */
export function selectOriginals(): Shape {
  const memories = penpot.selection.flatMap((shape) => readMemory(shape) ?? []);
  const originals = memories.flatMap(({ kind, originalId, maskIds }) =>
    kind === 'layer' ? [originalId, ...maskIds].flatMap((id) => shapeOf(id) ?? []) : [],
  );
  const [first] = originals;
  if (!first) throw new Refusal('no-original', 'The image was replaced in place: revert it first.');
  penpot.selection = originals;
  return first;
}
