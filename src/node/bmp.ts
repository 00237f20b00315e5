import type { Samples } from './samples.ts';

interface Header {
  /** Where the pixels begin. */
  readonly offset: number;
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly depth: number;
  readonly compression: number;
  /** Bits of a green sample of 16-bit pixels. */
  readonly greenBits: number;
}

const CORE_HEADER_BYTES = 12;
const PLAIN = 0;
const RUNS = [1, 2];
const MASKS = 3;
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
  if (header.offset > bytes.length || !DEPTHS.includes(header.depth))
    throw new Error('its header makes no sense');
  check(Math.abs(header.width), header.height);
  const needed = header.offset + header.height * rowBytes(header);
  const short = RUNS.includes(header.compression) ? 0 : Math.max(0, needed - bytes.length);
  const { decode } = await import('@cwasm/nsbmp'); // only now: it reserves memory at once
  const { width, height, data } = decode(completed(bytes, header, short));
  if (header.depth === 16) widen(data, header.greenBits);
  const format = { bits: 8, grey: isGrey(data), alpha: data.some((value, i) => i % 4 === 3 && value < 255) };
  return {
    ...{ data, width, height, channels: 4, white: 255 },
    format: format as Samples['format'],
    ...(short > 0 ? { present: presentRows(header, Math.ceil(short / rowBytes(header))) } : {}),
  };
}

function headerOf(view: DataView): Header {
  const offset = view.getUint32(10, true);
  if (view.getUint32(14, true) === CORE_HEADER_BYTES) {
    const [width, height, depth] = [18, 20, 24].map((at) => view.getUint16(at, true));
    return { offset, width, height, topDown: false, depth, compression: PLAIN, greenBits: 5 };
  }
  const [width, height] = [view.getInt32(18, true), view.getInt32(22, true)];
  const compression = view.getUint32(30, true);
  const green = view.getUint32(58, true).toString(2).replaceAll('0', '').length;
  return {
    ...{ offset, width, height: Math.abs(height), topDown: height < 0, depth: view.getUint16(28, true) },
    ...{ compression, greenBits: compression === MASKS ? green : 5 },
  };
}

const rowBytes = ({ width, depth }: Header) => Math.ceil((width * depth) / 32) * 4;

/** The first row stored is the lowest, unless the height is negative. */
function presentRows({ width, height, topDown }: Header, missing: number): Float32Array {
  const present = new Float32Array(width * height).fill(1);
  return topDown ? present.fill(0, (height - missing) * width) : present.fill(0, 0, missing * width);
}

/** As the decoder wants it: no missing bytes, and no end of a row right before the end of the runs. */
function completed(bytes: Uint8Array, { compression }: Header, short: number): Uint8Array {
  if (short > 0) {
    const whole = new Uint8Array(bytes.length + short);
    whole.set(bytes);
    return whole;
  }
  const [row, rowEnd, runs, runsEnd] = bytes.subarray(-4);
  const twice = RUNS.includes(compression) && row === 0 && rowEnd === 0 && runs === 0 && runsEnd === 1;
  return twice ? Uint8Array.of(...bytes.subarray(0, -4), 0, 1) : bytes;
}

/** The decoder leaves the low bits of 5- and 6-bit samples empty: white would be grey. */
function widen(data: Uint8ClampedArray, greenBits: number): void {
  for (let i = 0; i < data.length; i++) {
    if (i % 4 === 3) continue;
    const bits = i % 4 === 1 ? greenBits : 5;
    const levels = 2 ** bits - 1;
    data[i] = Math.round(((data[i] >> (8 - bits)) * 255) / levels);
  }
}

function isGrey(data: Uint8ClampedArray): boolean {
  for (let i = 0; i < data.length; i += 4)
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  return true;
}
