import type { FileImage } from '../../../node/image-file.ts';
import { type Colour, css, type Dice } from '../dice.ts';
import { type Antialiasing, type Drawing, type Run, render } from '../draw.ts';
import { type TextStyle, textPath, textWidth } from '../fonts.ts';
import { label, phrase } from '../words.ts';

/** What all of one interface shares. */
interface Theme {
  readonly dark: boolean;
  readonly page: Colour;
  readonly card: Colour;
  readonly ink: Colour;
  readonly faint: Colour;
  readonly accent: Colour;
  readonly radius: number;
  readonly text: TextStyle;
}

function themeOf(dice: Dice): Theme {
  const dark = dice.chance(0.45);
  return {
    dark,
    page: dice.chance(0.5) ? dice.grey(dark ? 0.1 : 0.94) : dice.colour(dark ? 0.14 : 0.92, 20),
    card: dice.grey(dark ? 0.17 : 1),
    ink: dice.grey(dark ? 0.93 : 0.1),
    faint: dice.grey(dark ? 0.35 : 0.8),
    accent: dice.colour(0.45),
    radius: dice.pick([0, 2, 4, 8]),
    text: { face: 'sans', size: dice.pick([11, 12, 13, 14]), hinted: dice.chance(0.5) },
  };
}

const SHADOW =
  '<filter id="s" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur in="SourceAlpha" stdDeviation="5"/>' +
  '<feOffset dy="3"/><feComponentTransfer><feFuncA type="linear" slope=".4"/></feComponentTransfer>' +
  '<feMerge><feMergeNode/><feMergeNode in="SourceGraphic"/></feMerge></filter>';

const box = (x: number, y: number, w: number, h: number, fill: Colour, more = '') =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${css(fill)}" ${more}/>`;
const write = (text: string, x: number, baseline: number, colour: Colour, style: TextStyle): Run => ({
  d: textPath(text, x, baseline, style).d,
  colour,
});

interface Part {
  readonly shapes: string;
  readonly runs: readonly Run[];
}

function menu(dice: Dice, { card, ink, faint, accent, radius, text }: Theme, w: number, h: number): Part {
  const row = text.size + dice.int(8, 14);
  const [x, y, width] = [Math.round(w * 0.12), Math.round(h * 0.1), Math.round(w * 0.7)];
  const rows = Math.max(1, Math.floor((h * 0.8) / row));
  const chosen = dice.int(0, rows - 1);
  const shapes = [SHADOW, box(x, y, width, rows * row, card, `rx="${radius}" filter="url(#s)"`)];
  shapes.push(box(x, y + chosen * row, width, row, accent));
  const runs = dice.times(rows, (i) => {
    if (i > 0 && dice.chance(0.2)) shapes.push(box(x, y + i * row, width, 1, faint));
    return write(
      label(dice),
      x + 12,
      y + i * row + Math.round(row * 0.68),
      i === chosen ? [255, 255, 255] : ink,
      text,
    );
  });
  return { shapes: shapes.join(''), runs };
}

function form(
  dice: Dice,
  { card, ink, faint, accent, radius, text, page }: Theme,
  w: number,
  h: number,
): Part {
  const shapes = [box(0, 0, w, text.size + 16, accent)];
  const runs = [write(phrase(dice, 12), 10, text.size + 7, [255, 255, 255], text)];
  const row = text.size + 24;
  for (let y = text.size + 28; y + row < h; y += row) {
    const frame = `rx="${radius}" stroke="${css(faint)}"`;
    runs.push(write(phrase(dice, 8), 10, y + text.size, dice.chance(0.2) ? [205, 35, 45] : ink, text));
    const style = dice.int(0, 3);
    const x = Math.round(w * 0.45) + 0.5;
    if (style === 0) shapes.push(box(x, y - 3.5, Math.round(w * 0.5), text.size + 10, card, frame));
    if (style === 1)
      shapes.push(
        `<circle cx="${x + 8}" cy="${y + 6}" r="6.5" fill="none" stroke="${css(ink)}"/><circle cx="${x + 8}" cy="${y + 6}" r="3" fill="${css(accent)}"/>`,
      );
    if (style === 2)
      shapes.push(
        box(x, y, 12, 12, card, frame),
        `<path d="M${x + 2} ${y + 6}l3 3l5-7" fill="none" stroke="${css(accent)}" stroke-width="2"/>`,
      );
    if (style === 3) {
      const name = label(dice);
      shapes.push(
        box(x, y - 4, Math.ceil(textWidth(name, text)) + 24, text.size + 12, accent, `rx="${radius}"`),
      );
      runs.push(write(name, x + 12, y + text.size, page, text));
    }
  }
  return { shapes: shapes.join(''), runs };
}

function chat(dice: Dice, { card, ink, accent, text }: Theme, w: number, h: number): Part {
  const shapes: string[] = [];
  const runs: Run[] = [];
  for (let y = 8; y + text.size + 16 < h; y += text.size + 22) {
    const mine = dice.chance(0.45);
    const words = phrase(dice, dice.int(4, 18));
    const width = Math.ceil(textWidth(words, text)) + 20;
    const x = mine ? w - width - 8 : 34;
    shapes.push(
      box(x, y, width, text.size + 14, mine ? accent : card, `rx="${Math.round(text.size / 2) + 6}"`),
    );
    if (!mine) shapes.push(`<circle cx="18" cy="${y + 13}" r="11" fill="${css(dice.colour(0.6))}"/>`);
    runs.push(write(words, x + 10, y + text.size + 5, mine ? [255, 255, 255] : ink, text));
  }
  return { shapes: shapes.join(''), runs };
}

function chart(dice: Dice, { ink, faint, accent, text }: Theme, w: number, h: number): Part {
  const [left, bottom] = [34, h - 24];
  const small = { ...text, size: text.size - 2 };
  const grid = dice.times(5, (i) => {
    const y = Math.round(12 + ((bottom - 12) * i) / 4) + 0.5;
    return `<path d="M${left} ${y}H${w - 8}" stroke="${css(faint)}" ${dice.chance(0.5) ? 'stroke-dasharray="2 3"' : ''}/>`;
  });
  const runs = dice.times(5, (i) =>
    write(String(100 - 25 * i), 4, Math.round(16 + ((bottom - 12) * i) / 4), ink, small),
  );
  const points = dice.times(dice.int(5, 14), () => dice.between(14, bottom - 4));
  const step = (w - left - 12) / points.length;
  const style = dice.int(0, 2);
  const marks = points.map((y, i) => {
    const x = Math.round(left + 6 + i * step);
    if (style === 0) return box(x, Math.round(y), Math.round(step * 0.6), bottom - Math.round(y), accent);
    return `<circle cx="${x}" cy="${y.toFixed(1)}" r="2.5" fill="${css(accent)}"/>`;
  });
  const line = points.map((y, i) => `${(left + 6 + i * step).toFixed(1)} ${y.toFixed(1)}`).join('L');
  if (style > 0)
    marks.push(
      `<path d="M${line}" fill="none" stroke="${css(accent)}" stroke-width="${dice.pick([1, 1.5, 2])}"/>`,
    );
  runs.push(...dice.times(3, (i) => write(label(dice), left + (i * (w - left)) / 3, h - 8, ink, small)));
  return {
    shapes: [
      ...grid,
      `<path d="M${left}.5 8V${bottom}.5H${w - 8}" fill="none" stroke="${css(ink)}"/>`,
      ...marks,
    ].join(''),
    runs,
  };
}

function pie(dice: Dice, { page, ink, text }: Theme, w: number, h: number): Part {
  const [cx, cy, r] = [Math.round(w * 0.35), Math.round(h / 2), Math.round(Math.min(w * 0.3, h * 0.4))];
  const shares = dice.times(dice.int(3, 6), () => dice.between(0.5, 2));
  const total = shares.reduce((a, b) => a + b, 0);
  let angle = 0;
  const runs: Run[] = [];
  const slices = shares.map((share, i) => {
    const to = angle + (2 * Math.PI * share) / total;
    const point = (a: number) => `${(cx + r * Math.sin(a)).toFixed(2)} ${(cy - r * Math.cos(a)).toFixed(2)}`;
    const colour = dice.colour(dice.between(0.35, 0.75));
    const d = `M${cx} ${cy}L${point(angle)}A${r} ${r} 0 ${to - angle > Math.PI ? 1 : 0} 1 ${point(to)}Z`;
    angle = to;
    runs.push(write(label(dice), Math.round(w * 0.76), 20 + i * (text.size + 6), ink, text));
    return `<path d="${d}" fill="${css(colour)}" stroke="${css(page)}"/>${box(Math.round(w * 0.76) - 12, 12 + i * (text.size + 6), 8, 8, colour)}`;
  });
  return { shapes: slices.join(''), runs };
}

function keys(dice: Dice, { card, ink, faint, radius, text }: Theme, w: number, h: number): Part {
  const side = dice.int(24, 36);
  const shapes = [SHADOW];
  const runs: Run[] = [];
  for (let y = 6; y + side < h; y += side + 5)
    for (let x = 6; x + side < w; x += side + 5) {
      shapes.push(box(x, y, side, side, card, `rx="${radius + 2}" stroke="${css(faint)}"`));
      runs.push(
        write(dice.pick([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-=/%']), x + 8, y + side - 9, ink, text),
      );
    }
  return { shapes: shapes.join(''), runs };
}

const PARTS = [menu, form, chat, chart, pie, keys];

/** A part of an interface: menus, forms, chats, charts, keys. */
export const panel = (dice: Dice, index: number): Promise<FileImage> => render(panelDrawing(dice, index));

export function panelDrawing(dice: Dice, index: number): Drawing {
  const theme = themeOf(dice);
  const [width, height] = [dice.int(120, 420), dice.int(90, 300)];
  const part = PARTS[index % PARTS.length](dice, theme, width, height);
  const antialiasing = dice.pick<Antialiasing>(['grey', 'grey', 'subpixel']);
  return { width, height, background: theme.page, ...part, antialiasing };
}

/** A whole window: several parts side by side, up to 1024 px. */
export function desktop(dice: Dice, index: number): Promise<FileImage> {
  const theme = themeOf(dice);
  const [width, height] = index === 0 ? [1024, 1024] : [dice.int(600, 1024), dice.int(400, 760)];
  const [w, h] = [Math.floor(width / 3), Math.floor(height / 2)];
  const shapes: string[] = [];
  const placed = dice.times(6, (i) => {
    const part = dice.pick(PARTS)(dice, theme, w - 12, h - 12);
    const [x, y] = [(i % 3) * w + 6, Math.floor(i / 3) * h + 6];
    shapes.push(`<g transform="translate(${x},${y})">${part.shapes}</g>`);
    return part.runs.map(
      ({ d, colour }) => `<path transform="translate(${x},${y})" d="${d}" fill="${css(colour)}"/>`,
    );
  });
  return render({ width, height, background: theme.page, shapes: shapes.join('') + placed.flat().join('') });
}
