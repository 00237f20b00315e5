/** What is selected in Penpot, in the panel's terms. */
import type { Shape } from '@penpot/plugin-types';
import { chosenFill } from '../plugin/chosen-fill.ts';
import { overlap } from '../plugin/geometry.ts';
import type { Problem, SelectionDescription, TargetDescription } from '../wire/selection.ts';
import { carriesImage, describeFills, fillsOf } from './images.ts';
import { readMemory } from './results.ts';

let revision = 0;

export function describeSelection(selected: readonly Shape[]): SelectionDescription {
  const images = selected.flatMap((shape) => (carriesImage(shape) ? shape : imagesWithin(shape)));
  const masks = selected.filter((shape) => !carriesImage(shape) && imagesWithin(shape).length === 0);
  const targets = images.map((shape) => describe(shape, masks));
  const used = new Set(targets.flatMap(({ maskIds }) => maskIds));
  const problems: Problem[] = targets.length > 0 ? [] : [whyNothing(selected)];
  for (const { id, name } of targets.length > 0 ? masks : [])
    if (!used.has(id))
      problems.push({
        code: 'mask-outside',
        words: `“${name}” does not lie over a selected image. Move it there, or leave it out.`,
        nodeId: id,
      });
  return {
    revision: ++revision,
    selected: selected.map(({ id }) => id),
    targets,
    masks: masks.map(({ id, name }) => ({ nodeId: id, name })),
    problems,
  };
}

function childrenOf(shape: Shape): readonly Shape[] {
  return 'children' in shape ? (shape.children as Shape[]) : [];
}

function imagesWithin(shape: Shape): Shape[] {
  return childrenOf(shape).flatMap((child) =>
    child.visible ? [...(carriesImage(child) ? [child] : []), ...imagesWithin(child)] : [],
  );
}

function describe(shape: Shape, masks: readonly Shape[]): TargetDescription {
  const over = masks.filter(({ bounds }) => overlap(bounds, shape.bounds));
  const fills = describeFills(shape);
  const inside = replacedIn(shape);
  return {
    nodeId: shape.id,
    name: shape.name,
    nodeType: shape.type,
    width: shape.width,
    height: shape.height,
    ...chosenFill(fills),
    maskIds: over.map(({ id }) => id),
    layerNotes: shape.blocked ? ['The layer is locked; the new one will not be.'] : [],
    restored: readMemory(shape) !== undefined,
    ...(inside === undefined ? {} : { instance: inside }),
    translucent: shape.opacity < 1 || shape.shadows.length > 0 || shape.blendMode !== 'normal',
    look: JSON.stringify([fillsOf(shape)?.map(({ fillImage }) => fillImage?.id), lie(shape), over.map(lie)]),
  };
}

/** Where no layer can be laid above: inside a copy of a component, and over a board's own content. */
function replacedIn(shape: Shape): string | undefined {
  if (shape.isComponentCopyInstance() && !shape.isComponentRoot())
    return shape.componentRoot()?.name ?? shape.name;
  return childrenOf(shape).length > 0 ? shape.name : undefined;
}

function lie({ id, x, y, width, height, rotation, ...rest }: Shape): unknown[] {
  return [id, x, y, width, height, rotation, 'd' in rest ? rest.d : ''];
}

function whyNothing(selected: readonly Shape[]): Problem {
  const [first] = selected;
  if (!first)
    return { code: 'nothing-selected', words: 'Select a layer with an image, and shapes over what to fill.' };
  const { id, name } = first;
  return fillsOf(first)
    ? { code: 'no-image', words: `“${name}” has no image fill. Select a layer with an image.`, nodeId: id }
    : { code: 'mixed-fills', words: `The parts of “${name}” have different fills.`, nodeId: id };
}
