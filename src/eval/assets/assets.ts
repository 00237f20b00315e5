import type { FileImage } from '../../node/image-file.ts';
import { Dice } from '../corpus/dice.ts';
import { type Drawing, render } from '../corpus/draw.ts';
import { icon, lineArt, logo, map } from '../corpus/kinds/graphics.ts';
import { paragraph, table } from '../corpus/kinds/text.ts';

/** A drawing at its size and `scale` times as large, both rendered from its outlines: the truth of an enlargement. */
export interface Asset {
  readonly name: string;
  readonly small: FileImage;
  readonly large: FileImage;
}

/** Larger drawings are cut to this, px: a part of a page tells as much. */
const MOST = { width: 128, height: 96 };

/** Forty drawings: text of 9 to 24 px in four scripts, tables, icons, logos, lines, maps. */
const KINDS: readonly (readonly [
  name: string,
  draw: (dice: Dice, index: number) => Drawing,
  indices: readonly number[],
])[] = [
  ['latin', paragraph, [0, 1, 2, 3, 4]],
  ['cyrillic', paragraph, [6, 8, 9, 10]],
  ['greek', paragraph, [12, 13, 15, 16]],
  ['japanese', paragraph, [42, 43, 44, 45]],
  ['table', table, [0, 1, 2]],
  ['icon', icon, [0, 1, 2, 3, 4, 5, 7, 8, 9]],
  ['logo', logo, [0, 1, 2, 3, 4]],
  ['line', lineArt, [1, 2, 3, 4]],
  ['map', map, [0, 1]],
];

/** Another seed draws other words, colours, sizes and shapes. */
export async function* drawAssets(scale: number, seed = 0): AsyncGenerator<Asset> {
  for (const [kind, draw, indices] of KINDS)
    for (const index of indices) {
      const name = `${kind}-${String(index).padStart(2, '0')}`;
      const drawing = smooth(draw(new Dice(seed, name), index));
      yield { name, small: await render(drawing), large: await render(drawing, scale) };
    }
}

/** As outlines cover pixels: what is snapped to whole pixels is another drawing at another size. */
function smooth(drawing: Drawing): Drawing {
  return {
    ...drawing,
    width: Math.min(MOST.width, drawing.width),
    height: Math.min(MOST.height, drawing.height),
    shapes: drawing.shapes.replaceAll('shape-rendering="crispEdges"', ''),
    antialiasing: 'grey',
  };
}
