import { crc32, deflateSync } from 'node:zlib';

interface Size {
  readonly width: number;
  readonly height: number;
}

interface TiffLayout extends Size {
  readonly channels: number;
  readonly bits: 8 | 16 | 32 | 64;
  /** TIFF's SampleFormat: 1 unsigned, 2 signed, 3 float. */
  readonly sample: 1 | 2 | 3;
  /** The side of its tiles, px, a multiple of 16; default: one strip. */
  readonly tile?: number;
  /** Whether three channels are YCbCr of one size; default RGB. */
  readonly ycbcr?: boolean;
  /** Whether the colours are multiplied by alpha. */
  readonly premultiplied?: boolean;
  /** ExtraSamples; default: an even number of channels ends in alpha. */
  readonly extra?: readonly number[];
  /** Whether it is a thumbnail of another page. */
  readonly reduced?: boolean;
  /** Where in a file of several pages it will lie. */
  readonly at?: number;
}

/** A file of two pages, the second written to lie behind the first. */
export function pagesOf(first: Buffer, second: Buffer): Buffer {
  const directory = first.readUInt32LE(4);
  const pages = Buffer.concat([first, second]);
  pages.writeUInt32LE(second.readUInt32LE(4), directory + 2 + 12 * first.readUInt16LE(directory));
  return pages;
}

/** An uncompressed little-endian TIFF; an even number of channels ends in alpha. */
export function tiff(values: Float64Array, layout: TiffLayout): Buffer {
  const { width, height, channels, bits, sample, tile, ycbcr, premultiplied, at: base = 0 } = layout;
  const extra = layout.extra ?? (channels % 2 === 0 ? [premultiplied ? 1 : 2] : []);
  const stored = tile ? tiled(values, layout, tile) : values;
  const body = Buffer.alloc((stored.length * bits) / 8);
  stored.forEach((value, i) => {
    writeSample(body, (i * bits) / 8, value, bits, sample);
  });
  const tiles = tile ? Math.ceil(width / tile) * Math.ceil(height / tile) : 0;
  const tileBytes = body.length / tiles;
  const each = (value: number) => Array(channels).fill(value);
  const entries: Entry[] = [
    ...only(layout.reduced === true, [254, 4, [1]]),
    [256, 3, [width]],
    [257, 3, [height]],
    [258, 3, each(bits)],
    [259, 3, [1]],
    [262, 3, [ycbcr ? 6 : channels < 3 ? 1 : 2]],
    ...only(!tile, [273, 4, [base + 8]]),
    [277, 3, [channels]],
    ...only(!tile, [278, 3, [height]], [279, 4, [body.length]]),
    ...only(
      tile !== undefined,
      [322, 3, [tile ?? 0]],
      [323, 3, [tile ?? 0]],
      [324, 4, Array.from({ length: tiles }, (_, i) => base + 8 + i * tileBytes)],
      [325, 4, Array(tiles).fill(tileBytes)],
    ),
    ...only(extra.length > 0, [338, 3, [...extra]]),
    [339, 3, each(sample)],
    ...only(ycbcr === true, [530, 3, [1, 1]]),
  ];
  const start = base + 8 + body.length;
  const directory = Buffer.alloc(2 + 12 * entries.length + 4);
  const behind: Buffer[] = [];
  let end = start + directory.length;
  directory.writeUInt16LE(entries.length, 0);
  entries.forEach(([tag, type, numbers], i) => {
    const data = Buffer.alloc(Math.max(4, numbers.length * (type === 3 ? 2 : 4)));
    numbers.forEach((value, n) => {
      if (type === 3) data.writeUInt16LE(value, 2 * n);
      else data.writeUInt32LE(value, 4 * n);
    });
    const at = 2 + 12 * i;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(numbers.length, at + 4);
    if (data.length === 4) data.copy(directory, at + 8);
    else {
      directory.writeUInt32LE(end, at + 8);
      behind.push(data);
      end += data.length;
    }
  });
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1');
  head.writeUInt32LE(start, 4);
  return Buffer.concat([head, body, directory, ...behind]);
}

type Entry = [tag: number, type: number, values: number[]];

const only = (wanted: boolean, ...entries: Entry[]): Entry[] => (wanted ? entries : []);

/** Samples tile by tile, each filled up with zeros. */
function tiled(values: Float64Array, { width, height, channels }: TiffLayout, side: number): Float64Array {
  const across = Math.ceil(width / side);
  const out = new Float64Array(across * Math.ceil(height / side) * side * side * channels);
  values.forEach((value, i) => {
    const [pixel, c] = [Math.floor(i / channels), i % channels];
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const tile = Math.floor(y / side) * across + Math.floor(x / side);
    out[((tile * side + (y % side)) * side + (x % side)) * channels + c] = value;
  });
  return out;
}

function writeSample(out: Buffer, at: number, value: number, bits: number, sample: number): void {
  if (sample === 3 && bits === 16) out.writeUInt16LE(half(value), at);
  else if (sample === 3) bits === 32 ? out.writeFloatLE(value, at) : out.writeDoubleLE(value, at);
  else if (sample === 2) out.writeIntLE(Math.round(value), at, bits / 8);
  else out.writeUIntLE(Math.round(value), at, bits / 8);
}

/** The nearest half of a number in [2⁻¹⁴, 1], or 0. */
function half(value: number): number {
  if (value < 2 ** -14) return 0;
  const exponent = Math.floor(Math.log2(value));
  return ((exponent + 15) << 10) + Math.round((value / 2 ** exponent - 1) * 1024);
}

export function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** An 8-bit RGB PNG with these chunks before its pixels. */
export function pngOf(rgb: Uint8Array, { width, height }: Size, chunks: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.concat(
    Array.from({ length: height }, (_, y) =>
      Buffer.concat([Buffer.of(0), rgb.subarray(y * width * 3, (y + 1) * width * 3)]),
    ),
  );
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...chunks,
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

interface BmpLayout extends Size {
  /** 8: the first channel, with a palette of greys. */
  readonly bits?: 8 | 16 | 24 | 32;
  readonly topDown?: boolean;
  /** Run-length encoded (8 bits only). */
  readonly runs?: boolean;
}

/** A Windows BMP of RGB samples. */
export function bmp(rgb: Uint8Array, { width, height, bits = 24, topDown, runs }: BmpLayout): Buffer {
  const rows = Array.from({ length: height }, (_, y) =>
    rowOf(rgb.subarray(y * width * 3, (y + 1) * width * 3), bits, runs),
  );
  const body = Buffer.concat([...(topDown ? rows : rows.reverse()), ...(runs ? [Buffer.of(0, 1)] : [])]);
  const palette = Buffer.from(bits === 8 ? Array.from({ length: 256 }, (_, i) => [i, i, i, 0]).flat() : []);
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(54 + palette.length + body.length, 2);
  head.writeUInt32LE(54 + palette.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(topDown ? -height : height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(runs ? 1 : 0, 30);
  head.writeUInt32LE(body.length, 34);
  return Buffer.concat([head, palette, body]);
}

function rowOf(rgb: Uint8Array, bits: number, runs = false): Buffer {
  const pixels = Array.from({ length: rgb.length / 3 }, (_, x) => [...rgb.subarray(3 * x, 3 * x + 3)]);
  if (runs) return Buffer.from([...pixels.flatMap(([r]) => [1, r]), 0, 0]);
  const bytes = pixels.flatMap(([r, g, b]) => {
    if (bits === 8) return [r];
    if (bits === 32) return [b, g, r, 0];
    if (bits === 24) return [b, g, r];
    const level = (value: number) => Math.round((value / 255) * 31);
    const word = (level(r) << 10) | (level(g) << 5) | level(b);
    return [word & 255, word >> 8];
  });
  return Buffer.from([...bytes, ...Array((4 - (bytes.length % 4)) % 4).fill(0)]);
}
