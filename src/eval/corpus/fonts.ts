import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create, type Font } from 'fontkit';

/** The fonts of the corpus: packages of Fontsource (SIL Open Font License), drawn as outlines, so that none is installed. */
const FACES = {
  sans: { package: '@fontsource-variable/inter', style: 'wght-normal' },
  serif: { package: '@fontsource/noto-serif', style: '400-normal' },
  mono: { package: '@fontsource/jetbrains-mono', style: '400-normal' },
  hebrew: { package: '@fontsource/noto-sans-hebrew', style: '400-normal' },
  arabic: { package: '@fontsource/noto-sans-arabic', style: '400-normal' },
  devanagari: { package: '@fontsource/noto-sans-devanagari', style: '400-normal' },
  /** Made for one size, where each of its pixels is one: 16, 16 and 8. */
  japanese: { package: '@fontsource/dotgothic16', style: '400-normal' },
  terminal: { package: '@fontsource/vt323', style: '400-normal' },
  capitals: { package: '@fontsource/silkscreen', style: '400-normal' },
} as const;
export type Face = keyof typeof FACES;

/** One file of a package and the characters it has, as CSS writes them: `U+0-FF,U+131`. */
interface Subset {
  readonly name: string;
  readonly ranges: readonly (readonly [number, number])[];
}

const require = createRequire(import.meta.url);
const subsets = new Map<Face, readonly Subset[]>();
const fonts = new Map<string, Font>();

function subsetsOf(face: Face): readonly Subset[] {
  let known = subsets.get(face);
  if (!known) {
    const table = require(`${FACES[face].package}/unicode.json`) as Record<string, string>;
    known = Object.entries(table).map(([key, text]) => ({
      name: key.replace(/[[\]]/g, ''),
      ranges: rangesOf(text),
    }));
    subsets.set(face, known);
  }
  return known;
}

function rangesOf(text: string): [number, number][] {
  return text.split(',').map((range) => {
    const [from, to = from] = range.trim().replace(/^U\+/i, '').split('-');
    return [Number.parseInt(from, 16), Number.parseInt(to, 16)];
  });
}

function fontOf(face: Face, subset: string): Font {
  const { package: name, style } = FACES[face];
  const folder = dirname(require.resolve(`${name}/package.json`));
  const path = join(folder, 'files', `${name.split('/')[1]}-${subset}-${style}.woff2`);
  let font = fonts.get(path);
  if (!font) {
    font = create(readFileSync(path)) as Font;
    fonts.set(path, font);
  }
  return font;
}

/** Text cut where another file of the face has the next character; what none has goes to the first. */
function piecesOf(text: string, face: Face): { text: string; font: Font }[] {
  const pieces: { text: string; subset: string }[] = [];
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    const has = ({ ranges }: Subset) => ranges.some(([from, to]) => code >= from && code <= to);
    const all = subsetsOf(face);
    const last = pieces.at(-1);
    const subset = (all.find(has) ?? all[0]).name;
    if (last?.subset === subset) last.text += letter;
    else pieces.push({ text: letter, subset });
  }
  return pieces.map((piece) => ({ text: piece.text, font: fontOf(face, piece.subset) }));
}

export interface TextStyle {
  readonly face: Face;
  /** Height of the em, px. */
  readonly size: number;
  /** Letters on whole pixels and small letters of whole height, as screens of low resolution have them; default false. */
  readonly hinted?: boolean;
}

/** The outline of one line of text from (left, baseline) on, and how wide it is, px. */
export function textPath(
  text: string,
  left: number,
  baseline: number,
  style: TextStyle,
): { d: string; width: number } {
  const { face, size, hinted = false } = style;
  let x = left;
  let d = '';
  for (const { text: piece, font } of piecesOf(text, face)) {
    const scale = size / font.unitsPerEm;
    const tall =
      hinted && font.xHeight ? Math.max(1, Math.round(font.xHeight * scale)) / font.xHeight : scale;
    const { glyphs, positions } = font.layout(piece);
    glyphs.forEach((glyph, i) => {
      const { xAdvance, xOffset, yOffset } = positions[i];
      const at = [x + xOffset * scale, baseline - yOffset * tall] as const;
      d += glyph.path
        .scale(scale, -tall)
        .translate(...at)
        .toSVG();
      x += hinted ? Math.round(xAdvance * scale) : xAdvance * scale;
    });
  }
  return { d, width: x - left };
}

/** Width of one line of text, px. */
export const textWidth = (text: string, style: TextStyle) => textPath(text, 0, 0, style).width;
