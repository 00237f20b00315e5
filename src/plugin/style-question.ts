import type { Question } from '../wire/messages.ts';

/** Asks what is to become of a style that the layer's fills come from. */
export function styleQuestion(
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
