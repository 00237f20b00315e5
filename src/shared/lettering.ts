/**
 * A small stroke font, drawn as SVG paths: <text> would need a font installed, look different on every machine and
 * be blank on a bare server. Each glyph is polylines on a grid 4 wide and 6 high (7 with the comma's tail), written as
 * pairs of digits x, y.
 */
const GLYPHS: Readonly<Record<string, string>> = {
  A: '062046 1333',
  B: '0006 003041423303 3344453606',
  C: '4130100105163645',
  D: '00063645413000',
  E: '40000646 0333',
  F: '400006 0333',
  G: '41301001051636454323',
  H: '0006 4046 0343',
  I: '1030 2026 1636',
  J: '4045361605',
  K: '0006 400346',
  L: '000646',
  M: '0600234046',
  N: '06004640',
  O: '103041453616050110',
  P: '06003041423303',
  Q: '103041453616050110 2446',
  R: '06003041423303 2346',
  S: '413010010213334445361605',
  T: '0040 2026',
  U: '000516364540',
  V: '002640',
  W: '0016233640',
  X: '0046 4006',
  Y: '002340 2326',
  Z: '00400646',
  0: '103041453616050110 3115',
  1: '112026 1636',
  2: '01103041420646',
  3: '01103041423313 334445361605',
  4: '36300444',
  5: '400003334445361605',
  6: '4130100105163645443303',
  7: '004016',
  8: '133342413010010213 1304051636454433',
  9: '0516364541301001021343',
  '.': '2526',
  ',': '2617',
  ':': '2122 2526',
  ';': '2122 2617',
  '!': '2024 2526',
  '?': '01103041422324 2526',
  '-': '1333',
  '+': '2125 0343',
  '=': '0242 0444',
  _: '0646',
  '/': '0640',
  '(': '30212536',
  ')': '10212516',
  "'": '2022',
  '"': '1012 3032',
  '%': '0640 0001 4546',
  '&': '4612112031320405162644',
  '#': '1016 3036 0242 0444',
  '*': '2125 0244 0442',
  '@': '3413223334454130100105163645',
  '×': '1234 1432',
};
const UNKNOWN = '0040460600';

const ADVANCE = 6;
export const CAP_HEIGHT = 6;

/** Width of a line of lettering, px, at `unit` px a grid unit. */
export function letteringWidth(text: string, unit: number): number {
  return (glyphsOf(text).length * ADVANCE - 2) * unit;
}

/** The `d` of an SVG path that writes `text` with its top left corner at (left, top); stroke it with round caps. */
export function letteringPath(text: string, left: number, top: number, unit: number): string {
  const place = (digit: string, offset: number) => (offset + Number(digit) * unit).toFixed(2);
  return glyphsOf(text)
    .flatMap((glyph, i) =>
      glyph === ''
        ? []
        : glyph.split(' ').map((line) => {
            const x = left + i * ADVANCE * unit;
            const points = (line.match(/../g) ?? []).map((p) => `${place(p[0], x)} ${place(p[1], top)}`);
            return `M${points.join('L')}`;
          }),
    )
    .join('');
}

/** Capitals without accents; spaces are empty, what the font lacks is a box. */
function glyphsOf(text: string): string[] {
  const plain = text.normalize('NFD').replace(/\p{Mark}/gu, '');
  return [...plain.toUpperCase()].map((letter) => (/\s/.test(letter) ? '' : (GLYPHS[letter] ?? UNKNOWN)));
}
