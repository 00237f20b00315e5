import { type ExifText, TAGS } from './exif.ts';

const [ASCII, SHORT, LONG, RATIONAL] = [2, 3, 4, 5];
const [ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT] = [274, 282, 283, 296];
const INCH = 2;
const MOST = 2 ** 32 - 1;
const EXIF_POINTER = 0x8769;
const HEAD = Buffer.from('II*\0\x08\0\0\0', 'latin1');

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly value: Buffer;
}

/**
 * The EXIF block of these fields, their text in UTF-8 as most programs write it; sharp's own `withExif` leaves but ASCII of it.
 *
 * @param orientation 1 … 8, as density, pixels per inch, is not said by default.
 */
export function exifBlock(
  { IFD0, IFD2 }: ExifText,
  { orientation, density }: { readonly orientation?: number; readonly density?: number } = {},
): Buffer {
  const short = (tag: number, value: number) => ({ tag, type: SHORT, value: numberOf(value) });
  const rational = (tag: number, value: number) => ({ tag, type: RATIONAL, value: rationalOf(value) });
  const shown = [
    ...(orientation ? [short(ORIENTATION, orientation)] : []),
    ...(density
      ? [short(RESOLUTION_UNIT, INCH), rational(X_RESOLUTION, density), rational(Y_RESOLUTION, density)]
      : []),
  ];
  const pointer = (to: number) => ({ tag: EXIF_POINTER, type: LONG, value: numberOf(to) });
  const first = [...shown, ...textsOf(IFD0, TAGS.IFD0)];
  const second = textsOf(IFD2, TAGS.IFD2);
  if (second.length === 0) return Buffer.concat([HEAD, directory(first, HEAD.length)]);
  const start = HEAD.length + directory([...first, pointer(0)], 0).length;
  return Buffer.concat([HEAD, directory([...first, pointer(start)], HEAD.length), directory(second, start)]);
}

function textsOf(texts: Readonly<Record<string, string>>, tags: Readonly<Record<number, string>>): Entry[] {
  return Object.entries(tags)
    .filter(([, name]) => texts[name])
    .map(([tag, name]) => ({ tag: Number(tag), type: ASCII, value: Buffer.from(`${texts[name]}\0`) }));
}

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function rationalOf(value: number): Buffer {
  return Buffer.concat([numberOf(Math.min(MOST, Math.round(value * 1000))), numberOf(1000)]);
}

/** A directory, which must ascend, and behind it the values that do not fit into its entries. */
function directory(entries: readonly Entry[], offset: number): Buffer {
  const table = Buffer.alloc(2 + 12 * entries.length + 4);
  table.writeUInt16LE(entries.length);
  const values: Buffer[] = [];
  let end = offset + table.length;
  const sorted = [...entries].sort((a, b) => a.tag - b.tag);
  for (const [i, { tag, type, value }] of sorted.entries()) {
    const at = 2 + 12 * i;
    table.writeUInt16LE(tag, at);
    table.writeUInt16LE(type, at + 2);
    table.writeUInt32LE(type === ASCII ? value.length : 1, at + 4);
    if (value.length <= 4) value.copy(table, at + 8);
    else {
      table.writeUInt32LE(end, at + 8);
      values.push(value, Buffer.alloc(value.length % 2));
      end += value.length + (value.length % 2);
    }
  }
  return Buffer.concat([table, ...values]);
}
