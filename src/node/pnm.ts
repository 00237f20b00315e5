import type { Samples } from './samples.ts';

/** What P1 … P6 hold (netpbm's pbm, pgm and ppm): samples as text or as bytes. */
const KINDS: Readonly<Record<string, { text: boolean; channels: 1 | 3; bitmap: boolean }>> = {
  P1: { text: true, channels: 1, bitmap: true },
  P2: { text: true, channels: 1, bitmap: false },
  P3: { text: true, channels: 3, bitmap: false },
  P4: { text: false, channels: 1, bitmap: true },
  P5: { text: false, channels: 1, bitmap: false },
  P6: { text: false, channels: 3, bitmap: false },
};

/** A PBM, PGM or PPM; `present` is 0 for pixels that the file does not hold. Throws if it is none, or where `check` does. */
export function readPnm(
  bytes: Uint8Array,
  check: (width: number, height: number) => void,
): Samples & { readonly present?: Float32Array } {
  const { kind, numbers, start } = headerOf(bytes);
  const [width, height, most = 1] = numbers;
  if (!(width > 0 && height > 0 && most > 0 && most < 65536)) throw new Error('its header makes no sense');
  check(width, height);
  const count = width * height * kind.channels;
  const body = bytes.subarray(start);
  if (body.length === 0) throw new Error('it ends within its header');
  const { data, held } = kind.text
    ? fromText(body, count, kind.bitmap)
    : fromBytes(body, { width, count, bitmap: kind.bitmap, deep: most > 255 });
  if (kind.bitmap) for (let i = 0; i < held; i++) data[i] = 1 - data[i]; // 1 is black
  const format = { bits: most > 255 ? 16 : 8, grey: kind.channels === 1, alpha: false } as const;
  const present = new Float32Array(width * height).fill(1, 0, Math.floor(held / kind.channels));
  return {
    ...{ data, width, height, channels: kind.channels, white: most, format },
    ...(held < count ? { present } : {}),
  };
}

/** The kind, width, height and, but for bitmaps, the white sample; comments run from # to the end of a line. */
function headerOf(bytes: Uint8Array) {
  const head = String.fromCharCode(...bytes.subarray(0, 4096));
  const kind = KINDS[head.slice(0, 2)];
  if (!kind) throw new Error('it is no PBM, PGM or PPM');
  const fields = /\s*(?:#[^\n]*\n\s*)*(\d+)/y;
  fields.lastIndex = 2;
  const numbers = Array.from({ length: kind.bitmap ? 2 : 3 }, () => Number(fields.exec(head)?.[1]));
  return { kind, numbers, start: fields.lastIndex + 1 };
}

function fromText(body: Uint8Array, count: number, bitmap: boolean) {
  const text = Buffer.from(body)
    .toString('latin1')
    .replace(/#[^\n]*/g, '');
  const found = text.match(bitmap ? /[01]/g : /\d+/g) ?? [];
  const held = Math.min(count, found.length);
  const data = new Float32Array(count);
  for (let i = 0; i < held; i++) data[i] = Number(found[i]);
  return { data, held };
}

function fromBytes(
  body: Uint8Array,
  { width, count, bitmap, deep }: { width: number; count: number; bitmap: boolean; deep: boolean },
) {
  const data = new Float32Array(count);
  const rowBytes = Math.ceil(width / 8);
  const held = Math.min(
    count,
    bitmap ? Math.floor(body.length / rowBytes) * width : body.length >> (deep ? 1 : 0),
  );
  for (let i = 0; i < held; i++) {
    if (bitmap)
      data[i] = (body[Math.floor(i / width) * rowBytes + ((i % width) >> 3)] >> (7 - ((i % width) & 7))) & 1;
    else data[i] = deep ? body[2 * i] * 256 + body[2 * i + 1] : body[i];
  }
  return { data, held };
}
