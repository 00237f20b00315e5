import type { Pieces } from '../time-slicing.ts';
import { AREA, dct, inverseDct, SIDE } from './dct.ts';
import type { Plane } from './sampling.ts';

/** Offsets of the grid in each direction. */
const SHIFTS = [0, 2, 4, 6];

/**
 * The mean of a decoded plane compressed again with its table on 16 shifted grids (Nosratinia, J. VLSI Signal Processing
 * 2001): block edges and ringing are elsewhere in each, the picture in the same place.
 */
export function* recompressed(plane: Plane, table: Uint16Array): Pieces<Plane> {
  const { width, height } = plane;
  const sum = new Float32Array(width * height);
  const block = new Float64Array(AREA);
  for (let top = -SHIFTS.length * 2 + 2; top < height; top++) {
    if (!SHIFTS.includes((SIDE - (top % SIDE)) % SIDE)) continue;
    for (const shift of SHIFTS)
      for (let left = -shift; left < width; left += SIDE) {
        load(block, plane, left, top);
        dct(block);
        for (let i = 0; i < AREA; i++) block[i] = table[i] * Math.round(block[i] / table[i]);
        inverseDct(block);
        addTo({ data: sum, width, height }, block, left, top);
      }
    yield;
  }
  const count = SHIFTS.length ** 2;
  for (let i = 0; i < sum.length; i++) sum[i] /= count;
  return { data: sum, width, height };
}

/** Borders are repeated. */
function load(block: Float64Array, { data, width, height }: Plane, left: number, top: number): void {
  for (let y = 0, i = 0; y < SIDE; y++) {
    const row = Math.min(height - 1, Math.max(0, top + y)) * width;
    for (let x = 0; x < SIDE; x++, i++) block[i] = data[row + Math.min(width - 1, Math.max(0, left + x))];
  }
}

function addTo({ data, width, height }: Plane, block: Float64Array, left: number, top: number): void {
  const right = Math.min(SIDE, width - left);
  const bottom = Math.min(SIDE, height - top);
  for (let y = Math.max(0, -top); y < bottom; y++)
    for (let x = Math.max(0, -left); x < right; x++)
      data[(top + y) * width + left + x] += block[y * SIDE + x];
}
