import type { Completed, Header } from './bmp.ts';

const COMPRESSION = 30;
const ROW_END = 0;
const PICTURE_END = 1;
const JUMP = 2;

/**
 * A BMP whose 4- or 8-bit pixels are run-length encoded (Windows' BI_RLE4, BI_RLE8), as one without runs: the decoder takes neither a
 * row's end before the picture's nor an end that is missing.
 */
export function withoutRuns(
  bytes: Uint8Array,
  { offset, width, height, depth }: Header,
  row: number,
): Completed {
  const whole = new Uint8Array(offset + height * row);
  whole.set(bytes.subarray(0, offset));
  whole.fill(0, COMPRESSION, COMPRESSION + 4);
  let [at, x, y] = [offset, 0, 0];
  const put = (index: number) => {
    if (x < width && y < height) {
      const to = offset + y * row + ((x * depth) >> 3);
      whole[to] |= depth === 8 ? index : x % 2 ? index : index << 4;
    }
    x++;
  };
  /** The n-th of indices that are packed as deep as the pixels are. */
  const indexOf = (from: number, n: number) =>
    depth === 8 ? bytes[from + n] : (bytes[from + (n >> 1)] >> (n % 2 ? 0 : 4)) & 15;
  while (at + 1 < bytes.length) {
    const [count, second] = [bytes[at], bytes[at + 1]];
    at += 2;
    if (count > 0) for (let n = 0; n < count; n++) put(indexOf(at - 1, depth === 8 ? 0 : n % 2));
    else if (second === ROW_END) [x, y] = [0, y + 1];
    else if (second === PICTURE_END) return { whole, missing: 0 };
    else if (second === JUMP) {
      [x, y] = [x + (bytes[at] ?? 0), y + (bytes[at + 1] ?? 0)];
      at += 2;
    } else {
      const packed = Math.ceil((second * depth) / 8);
      if (at + packed > bytes.length) break;
      for (let n = 0; n < second; n++) put(indexOf(at, n));
      at += packed + (packed % 2);
    }
  }
  return { whole, missing: Math.max(0, height - y) };
}
