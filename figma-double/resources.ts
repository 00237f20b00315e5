/** What a plugin is handed of styles and images, which belong to the document and not to a layer. */
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone';
import type { StoredImage } from './images.ts';
import type { State } from './state.ts';

export function styleView(state: State, id: string): object | null {
  const style = state.styles[id];
  if (!style) return null;
  return {
    ...style,
    type: 'PAINT',
    get paints() {
      return state.styles[id]!.paints;
    },
    set paints(paints: readonly Paint[]) {
      if (style.remote) throw new Error('in set_paints: Cannot change a style of a library');
      state.styles[id]!.paints = JSON.parse(JSON.stringify(paints)) as Paint[];
      for (const user of state.all())
        if (user.props.fillStyleId === id) user.props.fills = JSON.parse(JSON.stringify(paints));
    },
  };
}

export function imageView(images: ReadonlyMap<string, StoredImage>, hash: string): object | null {
  const image = images.get(hash);
  if (!image) return null;
  const need = () => {
    if (image.missing) throw new Error('Image could not be loaded');
    return image;
  };
  return {
    hash,
    getBytesAsync: async () => need().bytes.slice(),
    getSizeAsync: async () => ({ width: need().width, height: need().height }),
  };
}
