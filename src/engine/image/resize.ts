import type { AxisTable } from './axis-table.ts';
import { bicubicTable, lanczosTable } from './axis-table.ts';
import type { Picture } from './picture.ts';
import { clampPlanes, premultiply, unpremultiply } from './premultiply.ts';

/** rows · plane · colsᵀ of each of `channels` planes, one axis after the other. */
export function applyTables(
  x: Float32Array,
  channels: number,
  rows: AxisTable,
  cols: AxisTable,
): Float32Array {
  const half = new Float32Array(channels * rows.inputs * cols.outputs);
  for (let r = 0; r < channels * rows.inputs; r++)
    for (let j = 0; j < cols.outputs; j++) {
      let sum = 0;
      for (let t = 0; t < cols.taps; t++)
        sum += cols.weights[j * cols.taps + t] * x[r * cols.inputs + cols.start[j] + t];
      half[r * cols.outputs + j] = sum;
    }
  const out = new Float32Array(channels * rows.outputs * cols.outputs);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < rows.outputs; i++)
      for (let t = 0; t < rows.taps; t++) {
        const weight = rows.weights[i * rows.taps + t];
        const from = (c * rows.inputs + rows.start[i] + t) * cols.outputs;
        const to = (c * rows.outputs + i) * cols.outputs;
        if (weight !== 0) for (let j = 0; j < cols.outputs; j++) out[to + j] += weight * half[from + j];
      }
  return out;
}

/** A picture resized by a classical filter, clamped to [0, 1]; hidden colour has no part in it. */
export function resize(
  picture: Picture,
  width: number,
  height: number,
  filter: 'bicubic' | 'lanczos3',
): Picture {
  const table = (from: number, to: number) =>
    filter === 'bicubic' ? bicubicTable(from, to) : lanczosTable(from, to, 3);
  const [rows, cols] = [table(picture.height, height), table(picture.width, width)];
  const { channels, colour } = premultiply(picture);
  const resized = clampPlanes(applyTables(colour, channels, rows, cols), channels);
  const result: Picture = { width, height, channels, colour: resized, alpha: null };
  return picture.alpha ? unpremultiply(result) : result;
}
