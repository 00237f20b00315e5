import { withoutRuns } from './bmp-runs.ts';
import type { Samples } from './samples.ts';

export interface Header {
  /** Where the pixels begin. */
  readonly offset: number;
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly depth: number;
  readonly compression: number;
  /** Bits of red, green, blue and alpha in pixels of 16 bits. */
  readonly bits: readonly number[];
}

/** A BMP without runs of all the bytes that its rows take. */
export interface Completed {
  readonly whole: Uint8Array;
  /** Rows, from the last stored, that the file did not hold. */
  readonly missing: number;
}

const CORE_HEADER_BYTES = 12;
/** Of a header with a mask of alpha, at least. */
const WITH_ALPHA_BYTES = 56;
const RGB555 = [5, 5, 5];
const PLAIN = 0;
const RUNS = [1, 2];
const MASKS = 3;
const EMBEDDED = [4, 5];
const LEAST_BYTES = 62;
const DEPTHS = [1, 2, 4, 8, 16, 24, 32];

/**
 * A BMP of any depth, with runs or masks; `present` is 0 for pixels that the file does not hold. Throws if it is none, or
 * where `check` does.
 */
export async function readBmp(
  bytes: Uint8Array,
  check: (width: number, height: number) => void,
): Promise<Samples & { readonly present?: Float32Array }> {
  if (bytes.length < LEAST_BYTES) throw new Error('it ends within its header');
  const header = headerOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (EMBEDDED.includes(header.compression))
    throw new Error(
      'it is a BMP that holds a JPEG or PNG, which is not read here; save it without compression',
    );
  if (header.offset > bytes.length || !DEPTHS.includes(header.depth))
    throw new Error('its header makes no sense');
  check(Math.abs(header.width), header.height);
  const { whole, missing } = RUNS.includes(header.compression)
    ? withoutRuns(bytes, header, rowBytes(header))
    : completed(bytes, header);
  const { decode } = await import('@cwasm/nsbmp'); // only now: it reserves memory at once
  const { width, height, data } = decode(whole);
  if (header.depth === 16) widen(data, header.bits);
  const format = { bits: 8, grey: isGrey(data), alpha: data.some((value, i) => i % 4 === 3 && value < 255) };
  return {
    ...{ data, width, height, channels: 4, white: 255 },
    format: format as Samples['format'],
    ...(missing > 0 ? { present: presentRows(header, missing) } : {}),
  };
}

function headerOf(view: DataView): Header {
  const offset = view.getUint32(10, true);
  if (view.getUint32(14, true) === CORE_HEADER_BYTES) {
    const [width, height, depth] = [18, 20, 24].map((at) => view.getUint16(at, true));
    return { offset, width, height, topDown: false, depth, compression: PLAIN, bits: RGB555 };
  }
  const [width, height] = [view.getInt32(18, true), view.getInt32(22, true)];
  const compression = view.getUint32(30, true);
  const withAlpha = view.getUint32(14, true) >= WITH_ALPHA_BYTES;
  const masks = [54, 58, 62, ...(withAlpha ? [66] : [])].filter((at) => at + 4 <= view.byteLength);
  const bits = masks.map((at) => bitsOf(view.getUint32(at, true)));
  return {
    ...{ offset, width, height: Math.abs(height), topDown: height < 0, depth: view.getUint16(28, true) },
    ...{ compression, bits: compression === MASKS ? bits : RGB555 },
  };
}

const bitsOf = (mask: number) => mask.toString(2).replaceAll('0', '').length;

const rowBytes = ({ width, depth }: Header) => Math.ceil((width * depth) / 32) * 4;

/** The first row stored is the lowest, unless the height is negative. */
function presentRows({ width, height, topDown }: Header, missing: number): Float32Array {
  const present = new Float32Array(width * height).fill(1);
  return topDown ? present.fill(0, (height - missing) * width) : present.fill(0, 0, missing * width);
}

/** With as many bytes as its rows take, and how many rows the missing ones touch. */
function completed(bytes: Uint8Array, header: Header): Completed {
  const short = Math.max(0, header.offset + header.height * rowBytes(header) - bytes.length);
  if (short === 0) return { whole: bytes, missing: 0 };
  const whole = new Uint8Array(bytes.length + short);
  whole.set(bytes);
  return { whole, missing: Math.ceil(short / rowBytes(header)) };
}

/** The decoder leaves the low bits of samples of fewer than 8 empty: white would be grey. */
function widen(data: Uint8ClampedArray, bits: readonly number[]): void {
  for (let i = 0; i < data.length; i++) {
    const own = bits[i % 4] || 8;
    if (own < 8) data[i] = Math.round(((data[i] >> (8 - own)) * 255) / (2 ** own - 1));
  }
}

function isGrey(data: Uint8ClampedArray): boolean {
  for (let i = 0; i < data.length; i += 4)
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  return true;
}
