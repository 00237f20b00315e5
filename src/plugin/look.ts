/** What reading a layer depends on, so that the panel reads again only what changed. */
import { compose, fromRows, invert } from './geometry.ts';
import { fillsOf, isImageFill, type Paintable } from './paints.ts';

/** Changes of a layer that leave what it marks as it is, where it stands aside. */
const HARMLESS =
  /^(name|parent|locked|pluginData|relaunchData|constraints|reactions|exportSettings|layout.*|x|y|rotation|relativeTransform|selection)$/;
/** How often the shape of a layer, or of something in it, was changed. */
const edits = new Map<string, number>();

/** Counts what was changed; returns the ids of the layers that were, and of those they lie in. */
export function countEdits(changes: NodeChangeEvent['nodeChanges']): ReadonlySet<string> {
  const touched = new Set<string>();
  for (const change of changes) {
    const node = change.node as SceneNode;
    const shapes =
      change.type !== 'PROPERTY_CHANGE' || change.properties.some((name) => !HARMLESS.test(name));
    touched.add(change.id);
    if (shapes) edits.set(change.id, (edits.get(change.id) ?? 0) + 1);
    if (node.removed) continue;
    // A layer that moves changes the shape of what it lies in.
    for (let at = node.parent; at && at.type !== 'PAGE'; at = at.parent) {
      touched.add(at.id);
      edits.set(at.id, (edits.get(at.id) ?? 0) + 1);
    }
  }
  return touched;
}

/** What reading the layer depends on, as text: which images, how they lie on it, where the masks lie over it. */
export function lookOf(node: Paintable, masks: readonly SceneNode[]): string {
  const images = (fillsOf(node) ?? []).map((paint) =>
    isImageFill(paint)
      ? [
          paint.imageHash,
          paint.scaleMode,
          paint.imageTransform,
          paint.scalingFactor,
          paint.rotation,
          paint.filters,
        ]
      : 0,
  );
  const over = masks.map((mask) => [mask.id, edits.get(mask.id) ?? 0, layersIn(mask), placeOver(node, mask)]);
  return JSON.stringify([images, node.width, node.height, over]);
}

/** What was deleted is in no group any more that could count it. */
function layersIn(node: SceneNode): number {
  return 'findAll' in node ? node.findAll().length : 0;
}

function placeOver(node: SceneNode, mask: SceneNode): number[] {
  if (!('absoluteTransform' in node && 'absoluteTransform' in mask) || node.width <= 0 || node.height <= 0)
    return [];
  const over = compose(invert(fromRows(node.absoluteTransform)), fromRows(mask.absoluteTransform));
  return [...over, mask.width, mask.height].map((value) => Math.round(value * 1e4) / 1e4);
}
