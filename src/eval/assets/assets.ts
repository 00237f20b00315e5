import type { FileImage } from '../../node/image-file.ts';
import { css, Dice } from '../corpus/dice.ts';
import { type Drawing, render } from '../corpus/draw.ts';
import { textPath } from '../corpus/fonts.ts';
import { icon, lineArt, logo, map } from '../corpus/kinds/graphics.ts';
import { panelDrawing } from '../corpus/kinds/panels.ts';
import { paragraph, table } from '../corpus/kinds/text.ts';
import { label } from '../corpus/words.ts';

/** A drawing at its size and `scale` times as large, both rendered from its outlines: the truth of an enlargement. */
export interface Asset {
  readonly name: string;
  readonly small: FileImage;
  readonly large: FileImage;
}

/** Larger drawings are cut to this, px: a part of a page tells as much. */
const MOST = { width: 128, height: 96 };

type Kinds = readonly (readonly [
  name: string,
  draw: (dice: Dice, index: number) => Drawing,
  indices: readonly number[],
])[];

/** Forty drawings: text of 9 to 24 px in four scripts, tables, icons, logos, lines, maps. */
const FORTY: Kinds = [
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

/** Two dozen of what is sent on, and damaged by it: buttons, signs, names and parts of windows. */
const SENT: Kinds = [
  ['button', button, [0, 1, 2, 3, 4, 5]],
  ['icon', onPage, [0, 1, 2, 3, 4, 7]],
  ['logo', logo, [0, 1, 2, 3]],
  ['window', panelDrawing, [0, 1, 2, 3, 4, 5]],
  ['latin', paragraph, [2, 4]],
];
/** Thin lines at small and large slopes, a circle and a curve: where they lie between pixels changes along them. */
const SLANTS: Kinds = [['slant', slants, [0, 1, 2, 3, 4, 5, 6, 7]]];
export const SETS = { forty: FORTY, sent: SENT, slants: SLANTS };

/** Each in two thicknesses: 0.7 to 2 px, black and coloured. */
function slants(dice: Dice, index: number): Drawing {
  const [width, height] = [96, 72];
  const thickness = [1, 0.7, 1.5, 2][index % 4];
  const stroke = css(index < 4 ? [0, 0, 0] : dice.colour(0.35));
  const lines = [5, 12, 30].map((degrees) => {
    const [y, drop] = [dice.between(3, 20), 56 * Math.tan((degrees * Math.PI) / 180)];
    return `M3 ${y}L59 ${y + drop}`;
  });
  const at = () => `${dice.between(0, width)} ${dice.between(36, height)}`;
  const curve = `M${at()}S${at()} ${at()}S${at()} ${at()}`;
  const circle = `<circle cx="${dice.between(74, 78)}" cy="${dice.between(20, 24)}" r="${dice.between(9, 16)}"/>`;
  const shapes = `<g fill="none" stroke="${stroke}" stroke-width="${thickness}"><path d="${lines.join('')}${curve}"/>${circle}</g>`;
  return { width, height, background: index < 4 ? [255, 255, 255] : dice.colour(0.92, 20), shapes };
}

function onPage(dice: Dice, index: number): Drawing {
  return { ...icon(dice, index), background: dice.grey(dice.between(0.85, 1)) };
}

/** A label on a rounded ground, flat or shaded, with or without an outline, 18 to 40 px high. */
function button(dice: Dice): Drawing {
  const size = dice.int(9, 18);
  const [width, height] = [dice.int(60, 120), size + dice.int(9, 22)];
  const [page, dark] = [dice.grey(dice.between(0.85, 1)), dice.chance(0.6)];
  const ends = [dice.colour(dark ? 0.4 : 0.85), dice.colour(dark ? 0.35 : 0.75)];
  const stops = ends.map((colour, at) => `<stop offset="${at}" stop-color="${css(colour)}"/>`).join('');
  const outline = dice.chance(0.5) ? `stroke="${css(dice.colour(dark ? 0.2 : 0.5))}"` : '';
  const fill = dice.chance(0.4) ? 'url(#g)' : css(ends[0]);
  const shapes =
    `<linearGradient id="g" x2="0" y2="1">${stops}</linearGradient>` +
    `<rect x="3.5" y="3.5" width="${width - 7}" height="${height - 7}" rx="${dice.pick([0, 3, 6, 20])}" fill="${fill}" ${outline}/>`;
  const d = textPath(label(dice), 12, (height + 0.7 * size) / 2, { face: 'sans', size }).d;
  return { width, height, background: page, shapes, runs: [{ d, colour: dice.grey(dark ? 1 : 0.1) }] };
}

/** Another seed draws other words, colours, sizes and shapes. */
export async function* drawAssets(set: keyof typeof SETS, scale: number, seed = 0): AsyncGenerator<Asset> {
  for (const [kind, draw, indices] of SETS[set])
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
