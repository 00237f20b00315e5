/** Makes a layer of an image file that was dropped on the panel. */
import type { ToPlugin } from '../wire/messages.ts';
import { show } from './place.ts';
import { asOneStep } from './step.ts';

/** One image pixel a layer px, in the middle of what the user sees; selected. One undo step. */
export async function placeImage({
  name,
  bytes,
}: Extract<ToPlugin, { type: 'place' }>): Promise<RectangleNode> {
  const image = figma.createImage(bytes);
  const { width, height } = await image.getSizeAsync();
  const layer = asOneStep((made) => {
    const rectangle = figma.createRectangle();
    made.push(rectangle);
    rectangle.name = name;
    rectangle.resize(width, height);
    rectangle.fills = [{ type: 'IMAGE', scaleMode: 'FILL', imageHash: image.hash }];
    const { x, y } = figma.viewport.center;
    rectangle.x = Math.round(x - width / 2);
    rectangle.y = Math.round(y - height / 2);
    return rectangle;
  });
  show(layer);
  return layer;
}
