import { AREA, dct, inverseDct, SIDE } from './dct.ts';
import { type Plane, sampledSize } from './sampling.ts';

/** Cosine coefficients of a plane's 8×8 blocks, [rows, columns, 8, 8]; blocks at the border reach beyond the plane. */
export interface Coefficients {
  readonly data: Float64Array;
  readonly columns: number;
  readonly rows: number;
  /** They are the file's own, where others were found by what the pixels show. */
  readonly isStored?: boolean;
}

/**
 * The coefficients of a plane. What a block at the border has beyond it repeats the border, as encoders have it, or is
 * as in `beyond`, coefficients of the same size.
 */
export function toBlocks({ data, width, height }: Plane, beyond?: Coefficients): Coefficients {
  const [columns, rows] = [sampledSize(width, SIDE), sampledSize(height, SIDE)];
  const out = new Float64Array(columns * rows * AREA);
  const known = new Float64Array(AREA);
  for (let b = 0; b < columns * rows; b++) {
    const [left, top] = [SIDE * (b % columns), SIDE * Math.floor(b / columns)];
    const whole = left + SIDE <= width && top + SIDE <= height;
    if (beyond && !whole) {
      known.set(beyond.data.subarray(b * AREA, (b + 1) * AREA));
      inverseDct(known);
    }
    for (let i = 0; i < AREA; i++) {
      const [x, y] = [left + (i & 7), top + (i >> 3)];
      const inside = x < width && y < height;
      const at = Math.min(height - 1, y) * width + Math.min(width - 1, x);
      out[b * AREA + i] = inside || !beyond ? data[at] : known[i];
    }
    dct(out, b * AREA);
  }
  return { data: out, columns, rows };
}

/** The plane of given size that has these coefficients. */
export function fromBlocks({ data, columns }: Coefficients, width: number, height: number): Plane {
  const out = new Float32Array(width * height);
  const block = new Float64Array(AREA);
  for (let b = 0; b * AREA < data.length; b++) {
    const [left, top] = [SIDE * (b % columns), SIDE * Math.floor(b / columns)];
    block.set(data.subarray(b * AREA, (b + 1) * AREA));
    inverseDct(block);
    const [right, bottom] = [Math.min(SIDE, width - left), Math.min(SIDE, height - top)];
    for (let y = 0; y < bottom; y++)
      for (let x = 0; x < right; x++) out[(top + y) * width + left + x] = block[y * SIDE + x];
  }
  return { data: out, width, height };
}
