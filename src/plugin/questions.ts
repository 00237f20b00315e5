/** What must be asked before a result goes in, because it would silently change something shared. */
import type { Answers } from '../wire/messages.ts';
import type { Paintable } from './paints.ts';
import { takesLayerInside } from './place.ts';
import { Undecided } from './refusal.ts';
import { styleQuestion } from './style-question.ts';

/** What of a request decides how the layer's own fills change. */
interface Change {
  readonly place: 'layer' | 'in-place';
  readonly hideOriginal: boolean;
  readonly tiled: boolean;
}

/** How a result changes the fills of the layer itself; a new layer beside it leaves them alone. */
function changeOfFills(
  node: Paintable,
  { place, hideOriginal, tiled }: Change,
): 'replaced' | 'hidden' | undefined {
  if (place === 'in-place' && !tiled) return 'replaced';
  return takesLayerInside(node) && (tiled || hideOriginal) ? 'hidden' : undefined;
}

/** Id of the style of all its fills, if there is one: texts may use several. */
export const usedStyle = ({ fillStyleId }: Paintable): string | undefined =>
  (typeof fillStyleId === 'string' && fillStyleId) || undefined;

/** Assigning fills would silently detach a shared style: the user decides. Returns the style to change, if any. */
export async function sharedStyle(
  node: Paintable,
  request: Change & { answers: Answers },
): Promise<PaintStyle | undefined> {
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
