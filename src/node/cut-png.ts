import { constants, createInflate, deflateSync, inflateSync } from 'node:zlib';
import { crc32 } from '../shared/crc32.ts';
import { pngChunk } from './png-chunks.ts';

/** Adam7 (PNG specification, third edition, 8.2): where each pass begins, and its steps, px. */
const PASSES = [
  { x: 0, y: 0, across: 8, down: 8 },
  { x: 4, y: 0, across: 8, down: 8 },
  { x: 0, y: 4, across: 4, down: 8 },
  { x: 2, y: 0, across: 4, down: 4 },
  { x: 0, y: 2, across: 2, down: 4 },
  { x: 1, y: 0, across: 2, down: 2 },
  { x: 0, y: 1, across: 1, down: 2 },
] as const;
const WHOLE = [{ x: 0, y: 0, across: 1, down: 1 }] as const;
/** Samples of a pixel, by colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const HEAD_BYTES = 8;
/** Each row begins with the number of its filter. */
const LAST_FILTER = 4;
/** What is fed to the decoder at once where the data are wrong within: what it made of the last piece is lost. */
const PIECE = 512;

/** A PNG that is cut short or damaged, written anew with as many pixels as it tells of. */
export interface MendedPng {
  readonly bytes: Uint8Array;
  /** 1 = the pixel as stored was there, [height, width]. */
  readonly known: Uint8Array;
  /** Its pixels came coarse to fine. */
  readonly interlaced: boolean;
  /** Whether its data are wrong within, rather than at an end. */
  readonly damaged: boolean;
}

/** What is left of a PNG, of a size that was checked; undefined where that is nothing. */
export async function mendedPng(bytes: Uint8Array): Promise<MendedPng | undefined> {
  const { header, before, data, damaged } = partsOf(bytes);
  if (!header || data.length === 0) return undefined;
  const [width, height] = [header.getUint32(0), header.getUint32(4)];
  const [depth, colour, interlaced] = [header.getUint8(8), header.getUint8(9), header.getUint8(12) === 1];
  const samples = SAMPLES[colour];
  if (!samples || width === 0 || height === 0) return undefined;
  const rows = rowsOf({ width, height, interlaced, bits: depth * samples });
  const total = rows.reduce((sum, { length }) => sum + length, 0);
  const { pixels, sound } = await inflated(data, total);
  const known = new Uint8Array(width * height);
  let at = 0;
  for (const { y, x, across, length } of rows) {
    if (at + length > pixels.length || pixels[at] > LAST_FILTER) break;
    for (let column = x; column < width; column += across) known[y * width + column] = 1;
    at += length;
  }
  if (at === 0) return undefined;
  const filled = new Uint8Array(total);
  filled.set(pixels.subarray(0, at));
  const body = pngChunk('IDAT', deflateSync(filled, { level: 1 }));
  const mended = Buffer.concat([bytes.subarray(0, HEAD_BYTES), ...before, body, pngChunk('IEND')]);
  return { bytes: mended, known, interlaced, damaged: damaged || !sound };
}

/** The header, the chunks before the pixels, whose check sums are made to fit, and all compressed pixels that are there. */
function partsOf(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const before: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  let header: DataView | undefined;
  let damaged = false;
  for (let at = HEAD_BYTES; at + 8 < bytes.length; ) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + length);
    const end = at + 8 + length;
    if (end + 4 <= bytes.length) damaged ||= view.getUint32(end) !== crc32(bytes.subarray(at + 4, end));
    if (name === 'IHDR' && body.length === 13) header = new DataView(view.buffer, body.byteOffset, 13);
    if (name === 'IDAT') data.push(body);
    else if (data.length > 0) break;
    else if (end <= bytes.length) before.push(pngChunk(name, body));
    at = end + 4;
  }
  return { header, before, data: Buffer.concat(data), damaged };
}

/** The rows of samples in the order of the file, each with the byte that names its filter. */
function rowsOf({
  width,
  height,
  interlaced,
  bits,
}: {
  width: number;
  height: number;
  interlaced: boolean;
  bits: number;
}) {
  return (interlaced ? PASSES : WHOLE).flatMap(({ x, y, across, down }) => {
    if (x >= width) return [];
    const length = 1 + Math.ceil((Math.ceil((width - x) / across) * bits) / 8);
    const count = Math.max(0, Math.ceil((height - y) / down));
    return Array.from({ length: count }, (_, row) => ({ y: y + row * down, x, across, length }));
  });
}

/** All that can be decompressed, up to so many bytes; not sound where something is wrong before they or the data end. */
async function inflated(data: Buffer, most: number): Promise<{ pixels: Uint8Array; sound: boolean }> {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: most + 1024 };
  try {
    return { pixels: inflateSync(data, options).subarray(0, most), sound: true };
  } catch {
    const pixels = (await inflatedUntilWrong(data, most)).subarray(0, most);
    return { pixels, sound: false };
  }
}

async function inflatedUntilWrong(data: Buffer, most: number): Promise<Buffer> {
  const stream = createInflate({ finishFlush: constants.Z_SYNC_FLUSH });
  const parts: Buffer[] = [];
  let [length, wrong, goOn] = [0, false, () => {}];
  stream.on('data', (part: Buffer) => {
    parts.push(part);
    length += part.length;
  });
  stream.on('error', () => {
    wrong = true;
    goOn();
  });
  for (let at = 0; at < data.length && length < most && !wrong; at += PIECE)
    await new Promise<void>((resolve) => {
      goOn = resolve;
      stream.write(data.subarray(at, at + PIECE), () => stream.flush(constants.Z_SYNC_FLUSH, resolve));
    });
  stream.destroy();
  return Buffer.concat(parts);
}

/** Pixels that did not come yet as the nearest above and to the left that came in a coarser pass: as viewers show it. */
export function coarselyFilled(
  plane: Float32Array,
  known: Uint8Array,
  { width, height }: { width: number; height: number },
): Float32Array {
  const filled = plane.slice();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!known[i]) filled[i] = plane[coarser(known, x, y, width)];
    }
  return filled;
}

/** Grids that are full after each pass, the finest first. */
const GRIDS = [
  [1, 2],
  [2, 2],
  [2, 4],
  [4, 4],
  [4, 8],
  [8, 8],
] as const;

function coarser(known: Uint8Array, x: number, y: number, width: number): number {
  for (const [across, down] of GRIDS) {
    const i = (y - (y % down)) * width + x - (x % across);
    if (known[i]) return i;
  }
  return y * width + x;
}
