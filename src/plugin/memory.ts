/** What a result remembers of its origin, in plugin data on its layer: the basis of Compare, Revert and Restore again. */

interface Common {
  readonly task: string;
  readonly fillIndex: number;
  readonly maskIds: readonly string[];
  /** Those of them that were hidden with it. */
  readonly hiddenMaskIds?: readonly string[];
}

/** A layer of its own above the original. */
export interface LayerMemory extends Common {
  readonly kind: 'layer';
  readonly originalId: string;
  /** The original image, by which its paint is found again: fills come and go beneath it. */
  readonly imageHash: string;
  /** What was hidden of the original: all of it, its paint (for containers), nothing. */
  readonly hidden: 'layer' | 'fill' | 'nothing';
}

/** A replaced fill. */
export interface FillMemory extends Common {
  readonly kind: 'in-place';
  readonly before: ImagePaint;
  readonly after: ImagePaint;
  /** The style that was changed instead of the layer's own fills, and every layer with it. */
  readonly styleId?: string;
  /** The style that the layer used until its own fills were changed. */
  readonly detachedStyleId?: string;
}

export type Memory = LayerMemory | FillMemory;

const KEY = 'result';
const BUTTONS = { again: '', compare: '', revert: '' };

export function remember(node: SceneNode, memory: Memory): void {
  node.setPluginData(KEY, JSON.stringify(memory));
  node.setRelaunchData(BUTTONS);
}

export function forget(node: SceneNode): void {
  node.setPluginData(KEY, '');
  node.setRelaunchData({});
}

/** Undefined on layers this plugin did not make, and on data it does not understand. */
export function readMemory(node: BaseNode): Memory | undefined {
  const text = node.getPluginData(KEY);
  if (!text) return undefined;
  try {
    const memory = JSON.parse(text) as Memory;
    return memory.kind === 'layer' || memory.kind === 'in-place' ? memory : undefined;
  } catch {
    return undefined;
  }
}

/** The group of a result in pieces, of which the node is that group or one piece. */
export function groupOfPieces(node: BaseNode): BaseNode | undefined {
  for (const at of [node, node.parent]) if (at?.type === 'GROUP' && readMemory(at)) return at;
  return undefined;
}
