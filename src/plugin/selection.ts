/** What is selected, in the panel's terms: images to work on, layers that mark an area, and what is wrong. */
import type { Problem, SelectionDescription, TargetDescription } from '../wire/selection.ts';
import { chosenFill } from './chosen-fill.ts';
import { overlap } from './geometry.ts';
import { lookOf } from './look.ts';
import { groupOfPieces, readMemory } from './memory.ts';
import { carriesImage, describeFills, fillsOf, isImageFill, isPaintable, type Paintable } from './paints.ts';
import { boundsOnPage, outermostFixed, outermostInstance } from './place.ts';

/** A queue longer than this is a mistake, not a selection. */
const MAX_TARGETS = 50;

interface Sorted {
  readonly images: Paintable[];
  readonly masks: SceneNode[];
  /** Results in pieces: there is no image in them to work on. */
  readonly inPieces: BaseNode[];
}

let revision = 0;

export async function describeSelection(selected: readonly SceneNode[]): Promise<SelectionDescription> {
  const { images, masks, inPieces } = sort(selected);
  const problems: Problem[] = inPieces.map(({ id, name }) => ({
    code: 'in-pieces',
    words: `“${name}” is a result in pieces. Start from the original, or compare and revert it.`,
    nodeId: id,
  }));
  const targets: TargetDescription[] = [];
  for (const node of images.slice(0, MAX_TARGETS)) {
    const described = await describeTarget(node, masks);
    if ('code' in described) problems.push(described);
    else targets.push(described);
  }
  if (images.length > MAX_TARGETS)
    problems.push({
      code: 'unknown',
      words: `${images.length} images are selected; the first ${MAX_TARGETS} are taken.`,
    });
  if (targets.length === 0 && problems.length === 0) problems.push(whyNothing(selected, masks));
  if (targets.length > 0) problems.push(...strayMasks(targets, masks));
  return {
    revision: ++revision,
    selected: selected.map(({ id }) => id),
    targets,
    masks: masks.map(({ id, name }) => ({ nodeId: id, name })),
    problems,
  };
}

/** A selection that Figma failed to describe: the panel has something to say, and the next one is tried again. */
export function unreadable(error: unknown): SelectionDescription {
  const said = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  const words = `Figma could not describe this selection: ${said}. Select it again, or something else.`;
  const problems = [{ code: 'unknown', words } as const];
  return { revision: ++revision, selected: [], targets: [], masks: [], problems };
}

/** An image marks an area instead of being worked on where it is a Figma mask. */
function isMask(node: SceneNode): boolean {
  return 'isMask' in node && node.isMask;
}

function sort(selected: readonly SceneNode[]): Sorted {
  const images: Paintable[] = [];
  const masks: SceneNode[] = [];
  const inPieces: BaseNode[] = [];
  for (const node of selected) {
    if (node.removed || node.type === 'SLICE') continue;
    const pieces = groupOfPieces(node);
    if (pieces) {
      if (inPieces.indexOf(pieces) < 0) inPieces.push(pieces);
      continue;
    }
    const marks = selected.length > 1 && isMask(node);
    if (carriesImage(node) && isPaintable(node) && !marks) images.push(node);
    else {
      const inside = marks ? [] : imagesWithin(node);
      if (inside.length > 0) images.push(...inside);
      else masks.push(node);
    }
  }
  return { images, masks, inPieces };
}

/** Selecting a group or an empty frame around images means the images. */
function imagesWithin(node: SceneNode): Paintable[] {
  if (!('findAll' in node)) return [];
  const found = node.findAll(
    (child) => child.visible && carriesImage(child) && !isMask(child) && !groupOfPieces(child),
  );
  return found.filter(isPaintable);
}

async function describeTarget(
  node: Paintable,
  masks: readonly SceneNode[],
): Promise<TargetDescription | Problem> {
  const fills = await describeFills(node);
  if ('code' in fills) return fills;
  if (node.removed) return { code: 'node-removed', words: 'The layer was deleted.', nodeId: node.id };
  const box = boundsOnPage(node);
  const touching = masks.filter((mask) => touches(mask, box));
  const instance = outermostInstance(node);
  return {
    nodeId: node.id,
    name: node.name,
    nodeType: node.type,
    width: node.width,
    height: node.height,
    ...chosenFill(fills),
    maskIds: touching.map(({ id }) => id),
    layerNotes: layerNotesOn(node),
    restored: readMemory(node) !== undefined,
    ...(instance ? { instance: instance.name } : {}),
    translucent: isTranslucent(node),
    look: lookOf(node, touching),
  };
}

/** Whether what lies beneath the layer, the same once more, would show. */
function isTranslucent(node: Paintable): boolean {
  const { opacity = 1, effects = [], blendMode } = node as Partial<BlendMixin>;
  const blends = (mode: BlendMode | undefined) => mode !== undefined && !/^(NORMAL|PASS_THROUGH)$/.test(mode);
  return (
    opacity < 1 ||
    blends(blendMode) ||
    effects.some(({ visible }) => visible) ||
    (fillsOf(node) ?? []).some(
      (paint) => isImageFill(paint) && ((paint.opacity ?? 1) < 1 || blends(paint.blendMode)),
    )
  );
}

function touches(mask: SceneNode, box: Rect | null): boolean {
  const bounds = boundsOnPage(mask);
  return bounds !== null && box !== null && overlap(bounds, box);
}

/** What is true of a new layer beside it, not of a fill that is replaced. */
function layerNotesOn(node: Paintable): string[] {
  const notes: string[] = [];
  const fixed = outermostFixed(node);
  if (fixed)
    notes.push(`Inside “${fixed.name}”, which takes no new layers: the result goes above it, unclipped.`);
  if ('locked' in node && node.locked) notes.push('The layer is locked; the new one will not be.');
  if (!node.visible) notes.push('The layer is hidden; the new one will be visible.');
  return notes;
}

function whyNothing(selected: readonly SceneNode[], masks: readonly SceneNode[]): Problem {
  if (selected.length === 0)
    return {
      code: 'nothing-selected',
      words: 'Select a layer with an image. Add vector layers over it to mark an area to fill.',
    };
  if (masks.length > 1 || masks.some(({ type }) => type === 'VECTOR'))
    return {
      code: 'only-masks',
      words: 'These layers can mark an area, but no image is selected. Select the image with them.',
    };
  return {
    code: 'no-image',
    words: `“${selected[0]!.name}” has no image fill. Select a layer with an image.`,
    nodeId: selected[0]!.id,
  };
}

function strayMasks(targets: readonly TargetDescription[], masks: readonly SceneNode[]): Problem[] {
  const used = new Set<string>();
  for (const { maskIds } of targets) for (const id of maskIds) used.add(id);
  return masks
    .filter(({ id }) => !used.has(id))
    .map(({ id, name }) => ({
      code: 'mask-outside' as const,
      words: `“${name}” does not lie over a selected image. Move it there, or leave it out.`,
      nodeId: id,
    }));
}
