import type { FileImage } from '../../../node/image-file.ts';
import { BLACK, type Colour, css, type Dice, WHITE } from '../dice.ts';
import { type Antialiasing, type Drawing, enlarge, type Run, render } from '../draw.ts';
import { type Face, type TextStyle, textPath, textWidth } from '../fonts.ts';
import { phrase, SCRIPTS, type Script } from '../words.ts';

const SIZES = [9, 11, 13, 16, 24, 48];
const SCRIPT_ROUND: readonly Script[] = [
  'latin',
  'cyrillic',
  'greek',
  'hebrew',
  'latin',
  'devanagari',
  'arabic',
  'japanese',
];

/** Paper and ink, light or dark, from plain to coloured. */
function paperAndInk(dice: Dice, dark: boolean): [Colour, Colour] {
  if (dice.chance(0.3)) return dark ? [BLACK, WHITE] : [WHITE, BLACK];
  const paper = dice.chance(0.5) ? dice.grey(dark ? 0.13 : 0.97) : dice.colour(dark ? 0.15 : 0.93, 20);
  return [paper, dice.chance(0.6) ? dice.grey(dark ? 0.9 : 0.1) : dice.colour(dark ? 0.8 : 0.3)];
}

/** A paragraph, in every size, script and way of drawing letters in turn. */
export function paragraph(dice: Dice, index: number): Drawing {
  const size = SIZES[index % SIZES.length];
  const script = SCRIPT_ROUND[Math.floor(index / SIZES.length) % SCRIPT_ROUND.length];
  const antialiasing = dice.pick<Antialiasing>(['grey', 'grey', 'subpixel', 'bilevel']);
  const style = { face: dice.pick<Face>(SCRIPTS[script].faces), size, hinted: dice.chance(0.6) };
  const [background, ink] = paperAndInk(dice, index % 2 === 1);
  const lines = dice.int(2, size > 20 ? 3 : 9);
  const letters = dice.int(8, size > 20 ? 12 : 40);
  const left = Math.round(size / 2) + (style.hinted ? 0 : dice.next());
  const texts = dice.times(lines, () => phrase(dice, letters, script));
  const width = Math.min(1024, Math.ceil(Math.max(...texts.map((text) => textWidth(text, style))) + size));
  const leading = Math.round(size * dice.pick([1.2, 1.4, 1.6]));
  const accent = dice.colour(index % 2 === 1 ? 0.7 : 0.4);
  const runs = texts.map((text, i): Run => {
    const colour = dice.chance(0.15) ? accent : ink;
    return { d: textPath(text, left, size + i * leading, style).d, colour };
  });
  const height = Math.round(lines * leading + size / 2);
  return { width, height, background, shapes: '', runs, antialiasing };
}

/** Letters made of whole pixels, as of a terminal or a game, ×1 to ×3. */
export async function pixelLetters(dice: Dice, index: number): Promise<FileImage> {
  const [face, size] = (
    [
      ['terminal', 16],
      ['capitals', 8],
      ['japanese', 16],
    ] as const
  )[index % 3];
  const style: TextStyle = { face, size, hinted: true };
  const [background, ink] = paperAndInk(dice, dice.chance(0.6));
  const texts = dice.times(dice.int(3, 8), () =>
    phrase(dice, dice.int(10, 30), face === 'japanese' ? 'japanese' : 'latin'),
  );
  const runs = texts.map((text, i) => ({
    d: textPath(text, 4, (i + 1) * (size + 2), style).d,
    colour: dice.chance(0.25) ? dice.colour(0.6) : ink,
  }));
  const width = Math.ceil(Math.max(...texts.map((text) => textWidth(text, style)))) + 8;
  const height = texts.length * (size + 2) + 8;
  const image = await render({ width, height, background, shapes: '', runs, antialiasing: 'bilevel' });
  return enlarge(image, width < 160 ? dice.int(1, 3) : 1);
}

/** A table of numbers, with rules, bands, both or neither. */
export function table(dice: Dice, index: number): Drawing {
  const size = dice.pick([9, 10, 11, 12, 14]);
  const style: TextStyle = {
    face: dice.pick<Face>(['sans', 'sans', 'mono', 'serif']),
    size,
    hinted: dice.chance(0.7),
  };
  const [rows, columns] = [dice.int(4, 16), dice.int(3, 8)];
  const [w, h] = [dice.int(30, 64), dice.int(size + 2, size + 10)];
  const [background, ink] = paperAndInk(dice, index % 4 === 3);
  const [width, height] = [columns * w + dice.int(0, 1), rows * h + dice.int(0, 1)];
  const rule = css(dice.grey(dice.between(0.5, 0.85)));
  const bands = dice.chance(0.4)
    ? dice.times(rows, (i) =>
        i % 2 ? `<rect y="${i * h}" width="${width}" height="${h}" fill="${rule}" opacity=".3"/>` : '',
      )
    : [];
  const across = dice.chance(0.8)
    ? dice.times(rows, (i) => `<rect y="${i * h}" width="${width}" height="1" fill="${rule}"/>`)
    : [];
  const down = dice.chance(0.6)
    ? dice.times(columns, (i) => `<rect x="${i * w}" width="1" height="${height}" fill="${rule}"/>`)
    : [];
  const right = dice.chance(0.5);
  const decimals = dice.int(0, 2);
  const runs = dice.times(rows * columns, (i): Run => {
    const text = dice.between(0, 10 ** dice.int(1, 4 - decimals)).toFixed(decimals);
    const x = (i % columns) * w + (right ? w - 4 - Math.ceil(textWidth(text, style)) : 4);
    const baseline = Math.floor(i / columns) * h + Math.round((h + size * 0.7) / 2);
    return { d: textPath(text, x, baseline, style).d, colour: dice.chance(0.08) ? [200, 30, 30] : ink };
  });
  const antialiasing = dice.pick<Antialiasing>(['grey', 'grey', 'subpixel', 'bilevel']);
  return {
    width,
    height,
    background,
    shapes: [...bands, ...across, ...down].join(''),
    runs,
    antialiasing,
  };
}

const CODE = [
  'import { readFile } from "node:fs";',
  'export function parse(text, at = 0) {',
  '  // skip blanks; 0x1F600 is a smiley',
  '  while (at < text.length && text[at] <= " ") at++;',
  '  const match = /^[+-]?\\d+(\\.\\d*)?/.exec(text);',
  '  if (!match) throw new Error("line " + at);',
  '  return { value: Number(match[0]), end: at + 1 };',
  '}',
  'for (let i = 0; i !== 42; i += 2) total |= mask[i] >>> 3;',
  'const rows = list.map(([a, b]) => a * 2 - b ** 2);',
];

/** Source code in colours, with line numbers. */
export function code(dice: Dice, index: number): Drawing {
  const dark = index % 2 === 0;
  const size = dice.pick([10, 11, 12, 13, 15]);
  const style: TextStyle = { face: 'mono', size, hinted: dice.chance(0.6) };
  const background = dice.chance(0.4)
    ? dark
      ? dice.grey(0.12)
      : WHITE
    : dice.colour(dark ? 0.14 : 0.96, 15);
  const colours = dice.times(5, () => dice.colour(dark ? 0.68 : 0.38));
  const advance = textWidth('0', style);
  const leading = Math.round(size * 1.45);
  const lines = dice.times(dice.int(6, 18), () => dice.pick(CODE));
  const runs = lines.flatMap((line, row) => {
    const number = String(row + 1).padStart(2);
    const pieces = [
      { text: number, at: -4 },
      ...[...line.matchAll(/\w+|[^\w\s]+/g)].map((m) => ({ text: m[0], at: m.index })),
    ];
    return pieces.map(
      ({ text, at }): Run => ({
        d: textPath(text, 6 + (at + 4) * advance, (row + 1) * leading, style).d,
        colour: at < 0 ? dice.grey(0.5) : colours[(text.length * 7 + text.charCodeAt(0)) % colours.length],
      }),
    );
  });
  const [width, height] = [Math.round(advance * dice.int(36, 58)) + 12, lines.length * leading + 8];
  const current = dice.int(0, lines.length - 1) * leading + 4;
  const shapes = `<rect y="${current}" width="${width}" height="${leading}" fill="rgb(128,128,128)" opacity=".15"/>`;
  const antialiasing = dice.pick<Antialiasing>(['grey', 'subpixel']);
  return { width, height, background, shapes, runs, antialiasing };
}
