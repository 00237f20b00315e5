import { expect, it } from 'vitest';
import { coverage } from '../../src/damage/drawn.ts';
import { isScratched } from '../../src/engine/defects/find.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { findDefects, type PlanarImage } from '../../src/engine/index.ts';
import { normal } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { type Face, textPath } from '../../src/eval/corpus/fonts.ts';

const [width, height] = [240, 160];

interface Lettering {
  readonly face: Face;
  readonly size: number;
  readonly ink: number;
  /** Around the letters, black, px. */
  readonly outline: number;
}

/** Lines of text over a ground of some greys. */
async function written(
  lines: readonly string[],
  { face, size, ink, outline }: Lettering,
  ground: (x: number, y: number) => number,
): Promise<PlanarImage> {
  const d = lines.map((line, i) => textPath(line, 16, 24 + 3 * size * i, { face, size }).d).join('');
  const around = `fill="white" stroke="white" stroke-width="${2 * outline}" stroke-linejoin="round"`;
  const [letters, rims] = await Promise.all(
    ['fill="white"', around].map((style) => coverage(`<path d="${d}" ${style}/>`, width, height)),
  );
  const plane = letters.map((cover, i) => {
    const under = ground(i % width, Math.floor(i / width)) * (1 - (outline > 0 ? rims[i] : 0));
    return Math.round(255 * Math.min(1, Math.max(0, under + cover * (ink - under)))) / 255;
  });
  return { planes: [plane, plane, plane], width, height };
}

/** Like a photograph's sky, and hills. */
const slope = (x: number, y: number) => 0.3 + x / 600 + y / 800;
const hills = (x: number, y: number) =>
  0.35 + y / 500 + 0.25 * Math.sin(x / 37 + y / 61) * Math.cos(y / 43) + 0.006 * normal(2, y * width + x);

it.each<Face>(['serif', 'sans', 'mono'])(
  'outlined letters over a photograph, %s, are no scratches',
  async (face) => {
    const { mask, defects } = findDefects(
      await written(
        ['Where did you go?', 'I WAS AT THE LAKE', 'Anna Berg, 2014'],
        { face, size: 13, ink: 1, outline: 1.5 },
        face === 'sans' ? slope : hills,
      ),
    );
    expect(defects).toEqual([]);
    expect(mask.data.includes(0)).toBe(false);
  },
);

it('a scratch through them is one', async () => {
  const image = await written(
    ['WHERE DID YOU GO?', 'I was at the lake.'],
    { face: 'sans', size: 18, ink: 1, outline: 2 },
    hills,
  );
  const place = (y: number) => 90 + y / 6 + ((y - 80) / 30) ** 2;
  const plane = image.planes[0].map((value, i) =>
    Math.abs((i % width) - place(Math.floor(i / width))) < 1.2 ? 0.94 : value,
  );
  const { mask } = findDefects({ ...image, planes: [plane, plane, plane] });
  const rows = [...Array(height).keys()].filter((y) => y > 40 && y < 150);
  const found = rows.filter((y) => mask.data[y * width + Math.round(place(y))] === 0);
  expect(found.length).toBeGreaterThan(0.6 * rows.length);
});

it('lines of a picture with labels, as a map has, are not spoken of; without them they are', async () => {
  const meridians = (x: number, y: number) =>
    [60, 150].some((at) => Math.abs(x - at - y / 9) < 0.8) ? 1 : hills(x, y);
  const spoken = async (labels: readonly string[]) => {
    const image = await written(labels, { face: 'sans', size: 13, ink: 1, outline: 0 }, meridians);
    return atOnce(isScratched(toPicture(image), false));
  };
  expect(await spoken([])).toBe(true);
  expect(await spoken(['Sankt Peterburg', 'Nischni Nowgorod', 'Moskwa und Tula'])).toBe(false);
});
