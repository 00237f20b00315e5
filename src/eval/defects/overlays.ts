import { coverage } from '../../damage/drawn.ts';
import type { Size } from '../../engine/image/box.ts';
import type { FileImage } from '../../node/image-file.ts';
import { Dice } from '../corpus/dice.ts';
import { type Face, textPath, textWidth } from '../corpus/fonts.ts';
import type { Marked } from './marks.ts';

/** What cameras and people write over photographs. */
export const OVERLAY_KINDS = ['stamps', 'captions'] as const;
export type OverlayKind = (typeof OVERLAY_KINDS)[number];

interface Lettering {
  /** SVG, all of it. */
  readonly body: string;
  readonly colour: readonly number[];
  readonly opacity: number;
  /** Around the letters, dark, px; 0 = none. */
  readonly outline: number;
}

const pad = (value: number) => String(value).padStart(2, '0');
const at = (value: number) => value.toFixed(2);

/** The segments of a digit of height 2 and width 1, in the order a to g, from (left, top) to (right, bottom). */
const SEGMENTS = [
  [0, 0, 1, 0],
  [1, 0, 1, 1],
  [1, 1, 1, 2],
  [0, 2, 1, 2],
  [0, 1, 0, 2],
  [0, 0, 0, 1],
  [0, 1, 1, 1],
];
/** Segments that are lit, 0 … 9. */
const LIT = ['abcdef', 'bc', 'abdeg', 'abcdg', 'bcfg', 'acdfg', 'acdefg', 'abc', 'abcdefg', 'abcdfg'];

/** Digits as displays have them, `tall` px high, from (left, top) on. */
function sevenSegments(text: string, left: number, top: number, tall: number): { d: string; width: number } {
  const half = tall / 2;
  let x = left;
  let d = '';
  for (const letter of text) {
    if (letter === "'") d += `M${at(x)} ${at(top)}l0 ${at(half / 3)}`;
    for (const segment of LIT[Number.parseInt(letter, 10)] ?? '') {
      const [x0, y0, x1, y1] = SEGMENTS['abcdefg'.indexOf(segment)];
      const [u, v] = [(x1 - x0) * half, (y1 - y0) * half];
      const cut = 0.06; // between segments
      const from = [x + x0 * half + cut * u, top + y0 * half + cut * v];
      d += `M${from.map(at).join(' ')}l${at((1 - 2 * cut) * u)} ${at((1 - 2 * cut) * v)}`;
    }
    x += letter === "'" ? half * 0.6 : half * 1.6;
  }
  return { d, width: x - left };
}

function dateOf(dice: Dice): string {
  const [year, month, day] = [dice.int(1985, 2012), dice.int(1, 12), dice.int(1, 28)];
  return dice.pick([
    `${year}/${pad(month)}/${pad(day)}`,
    `${pad(day)}.${pad(month)}.${year}`,
    `${pad(month)}/${pad(day)}/${year} ${pad(dice.int(0, 23))}:${pad(dice.int(0, 59))}`,
    `${year}-${pad(month)}-${pad(day)}`,
  ]);
}

/** Of film cameras and of digital ones, in the lower corners or the upper right one. */
function stamp(dice: Dice, { width, height }: Size): Lettering {
  const tall = Math.max(9, Math.min(width, height) * dice.between(0.025, 0.045));
  const film = dice.chance(0.5);
  const text = film ? `${pad(dice.int(1, 12))} ${pad(dice.int(1, 28))} '${dice.int(82, 99)}` : dateOf(dice);
  const style = { face: dice.pick<Face>(['mono', 'sans', 'terminal']), size: tall * 1.38 };
  const span = film ? sevenSegments(text, 0, 0, tall).width : textWidth(text, style);
  const inset = dice.between(1.2, 2.5) * tall;
  const left = dice.chance(0.75) ? width - span - inset : inset;
  const bottom = dice.chance(0.85) ? height - inset : inset + tall;
  const colour = film
    ? [dice.between(0.92, 1), dice.between(0.3, 0.62), dice.between(0, 0.18)]
    : dice.pick([
        [1, 0.6, 0],
        [1, 0.85, 0.1],
        [0.95, 0.15, 0.1],
        [1, 1, 1],
        [0.3, 1, 0.3],
      ]);
  const thick = at(tall * dice.between(0.1, 0.15));
  const glow = `<filter id="glow"><feGaussianBlur stdDeviation="${at(tall * dice.between(0.02, 0.06))}"/></filter>`;
  const body = film
    ? `${glow}<path d="${sevenSegments(text, left, bottom - tall, tall).d}" fill="none" stroke="white" stroke-width="${thick}" filter="url(#glow)"/>`
    : `<path d="${textPath(text, left, bottom, style).d}" fill="white"/>`;
  return {
    body,
    colour,
    opacity: film ? dice.between(0.8, 1) : 1,
    outline: !film && dice.chance(0.3) ? 1.2 : 0,
  };
}

const CAPTIONS = [
  '© Anna Rivers 2014',
  'A day at the harbour',
  'www.example.org',
  'Summer holidays, 1997',
  'STOCK PHOTO',
  'Grand Canyon National Park',
  'Photo: J. Novak',
  'SAMPLE 0481',
];

/** A line of light letters, often half transparent. */
function caption(dice: Dice, { width, height }: Size): Lettering {
  const text = dice.pick(CAPTIONS);
  const face = dice.pick<Face>(['sans', 'serif', 'mono']);
  const most = (0.9 * width) / textWidth(text, { face, size: 1 });
  const size = Math.min(most, Math.max(14, Math.min(width, height) * dice.between(0.035, 0.09)));
  const span = textWidth(text, { face, size });
  const { d } = textPath(text, dice.between(0.02, 0.98) * (width - span), dice.between(0.1, 0.97) * height, {
    face,
    size,
  });
  return {
    body: `<path d="${d}" fill="white"/>`,
    colour: [dice.between(0.92, 1), 1, dice.between(0.9, 1)],
    opacity: dice.chance(0.5) ? 1 : dice.between(0.5, 0.9),
    outline: dice.chance(0.2) ? 1 : 0,
  };
}

/** A picture with writing over it, in 8 bits; same name and seed, same writing. */
export async function written(
  image: FileImage,
  kind: OverlayKind,
  name: string,
  seed: number,
): Promise<Marked> {
  const { width, height } = image;
  const dice = new Dice(seed, `${kind} ${name}`);
  const { body, colour, opacity, outline } = (kind === 'stamps' ? stamp : caption)(dice, image);
  const cover = await coverage(body, width, height);
  const dark = outline
    ? await coverage(
        `<g stroke="white" stroke-width="${2 * outline}" stroke-linejoin="round">${body}</g>`,
        width,
        height,
      )
    : new Float32Array(cover.length);
  const eightBit = image.planes.map((plane, c) =>
    plane.map((value, i) => {
      const under = value * (1 - dark[i] * opacity);
      const grey = image.planes.length === 1 ? Math.max(...colour) : colour[c];
      return Math.round(255 * (under + (grey - under) * cover[i] * opacity)) / 255;
    }),
  );
  const covered = Uint8Array.from(cover, (value, i) => (value > 0.02 || dark[i] > 0.02 ? 1 : 0));
  const visible = Uint8Array.from(covered, (is, i) =>
    is && eightBit.some((plane, c) => 255 * Math.abs(plane[i] - image.planes[c][i]) > 10) ? 1 : 0,
  );
  const { file: _, ...rest } = image;
  return { image: { ...rest, planes: eightBit }, covered, visible };
}
