/** Compare, Revert and Restore again on layers this plugin made. */

import { living } from './layers.ts';
import { type FillMemory, forget, groupOfPieces, type LayerMemory, readMemory } from './memory.ts';
import { fillsOf, indexOfImage, isPaintable, type Paintable, withFill } from './paints.ts';
import { show } from './place.ts';
import { Refusal } from './refusal.ts';
import { asOneStep } from './step.ts';

export interface Shown {
  readonly node: SceneNode;
  readonly showing: 'original' | 'restored';
}

const GONE = 'The original layer was deleted, so there is nothing to go back to.';

async function resultOf(nodeId: string): Promise<{ node: Paintable; memory: LayerMemory | FillMemory }> {
  const node = await figma.getNodeByIdAsync(nodeId);
  if (!node || node.removed)
    throw new Refusal('node-removed', 'The layer was deleted meanwhile. Select another one.', nodeId);
  const memory = readMemory(node);
  if (!memory)
    throw new Refusal(
      'no-original',
      `“${node.name}” was not made by this plugin: nothing to compare.`,
      nodeId,
    );
  return { node: node as Paintable, memory };
}

async function originalOf({ originalId }: LayerMemory): Promise<SceneNode | undefined> {
  const node = await figma.getNodeByIdAsync(originalId);
  return node && !node.removed ? (node as SceneNode) : undefined;
}

/** Toggles between original and result. */
export async function compare(nodeId: string): Promise<Shown> {
  const { node, memory } = await resultOf(nodeId);
  if (memory.kind === 'in-place') return await swapFill(node, memory, !showsResult(node, memory));
  const original = await originalOf(memory);
  if (!original) throw new Refusal('no-original', GONE, nodeId);
  const showResult = !node.visible;
  asOneStep(() => {
    node.visible = showResult;
    setHidden(original, memory, showResult);
  });
  return { node, showing: showResult ? 'restored' : 'original' };
}

/** Removes the result; returns the layer that shows the original again. */
export async function revert(nodeId: string): Promise<Shown> {
  const { node, memory } = await resultOf(nodeId);
  if (memory.kind === 'in-place') return await swapFill(node, memory, false, true);
  const original = await originalOf(memory);
  if (!original) throw new Refusal('no-original', GONE, nodeId);
  const masks = await living(memory.hiddenMaskIds ?? []);
  asOneStep(() => {
    setHidden(original, memory, false);
    for (const mask of masks) mask.visible = true;
    node.remove();
  });
  show(original);
  return { node: original, showing: 'original' };
}

/** Selects the originals of selected results, with the masks used then. */
export async function selectOriginals(): Promise<void> {
  const selection: SceneNode[] = [];
  for (const node of figma.currentPage.selection) {
    const memory = readMemory(groupOfPieces(node) ?? node);
    const original = memory?.kind === 'layer' ? await originalOf(memory) : undefined;
    selection.push(original ?? node);
    selection.push(...(await living(memory?.maskIds ?? [])));
  }
  figma.currentPage.selection = selection;
}

function setHidden(original: SceneNode, memory: LayerMemory, hidden: boolean): void {
  if (memory.hidden === 'layer') original.visible = !hidden;
  const fills = memory.hidden === 'fill' && isPaintable(original) ? fillsOf(original) : undefined;
  if (!fills) return;
  const index = indexOfImage(fills, [memory.imageHash], memory.fillIndex);
  const paint = fills[index];
  if (paint) (original as Paintable).fills = withFill(fills, index, { ...paint, visible: !hidden });
}

function showsResult(node: Paintable, memory: FillMemory): boolean {
  const { fillIndex, after } = memory;
  return indexOfImage(fillsOf(node) ?? [], [after.imageHash ?? ''], fillIndex) >= 0;
}

async function swapFill(
  node: Paintable,
  memory: FillMemory,
  result: boolean,
  forGood = false,
): Promise<Shown> {
  const style = await changedStyle(node, memory);
  const fills = fillsOf(node) ?? [];
  const { before, after } = memory;
  const index = indexOfImage(fills, [before.imageHash ?? '', after.imageHash ?? ''], memory.fillIndex);
  const wanted = result ? after : before;
  if (index < 0 || !wanted.imageHash || !figma.getImageByHash(wanted.imageHash))
    throw new Refusal('no-original', `“${node.name}” shows another image by now.`, node.id);
  const swapped = withFill(fills, index, wanted);
  const left = forGood ? await styleOf(swapped, memory.detachedStyleId) : undefined;
  const swap = () => {
    if (style) style.paints = withFill(style.paints, index, wanted);
    else node.fills = swapped;
    if (forGood) forget(node);
  };
  if (left) {
    // Figma sets styles by a promise only, and one undo is to take back both: no other step waits for anything.
    figma.commitUndo();
    swap();
    // Without its style the layer looks the same.
    await node.setFillStyleIdAsync(left.id).catch(() => undefined);
    figma.commitUndo();
  } else asOneStep(swap);
  return { node, showing: result ? 'restored' : 'original' };
}

/** The style that carries the result, as long as the layer still uses it. */
async function changedStyle(
  { fillStyleId }: Paintable,
  { styleId }: FillMemory,
): Promise<PaintStyle | undefined> {
  if (styleId === undefined || fillStyleId !== styleId) return undefined;
  const style = await figma.getStyleByIdAsync(styleId);
  return style?.type === 'PAINT' ? style : undefined;
}

/** The style, as long as it is what these fills are: a layer of other fills would change by it. */
async function styleOf(
  fills: readonly Paint[],
  styleId: string | undefined,
): Promise<PaintStyle | undefined> {
  const style = styleId === undefined ? null : await figma.getStyleByIdAsync(styleId);
  if (style?.type !== 'PAINT') return undefined;
  return JSON.stringify(style.paints) === JSON.stringify(fills) ? style : undefined;
}
