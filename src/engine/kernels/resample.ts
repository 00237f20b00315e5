/** Separable linear resampling by sparse tables (image/axis-table.ts): out (+)= rows · view(x) · colsᵀ. */
import type { ResampleCall } from '../plan/calls.ts';
import { type Memory, put } from './memory.ts';

export function resample(call: ResampleCall, memory: Memory): void {
  const [rows, cols] = [memory.table(call.rows), memory.table(call.cols)];
  const x = memory.view(call.x);
  const out = memory.slice(call.out);
  for (let c = 0; c < call.out.channels; c++)
    for (let i = 0; i < rows.outputs; i++)
      for (let j = 0; j < cols.outputs; j++) {
        let sum = 0;
        for (let u = 0; u < rows.taps; u++) {
          const row = (c * rows.inputs + rows.start[i] + u) * cols.inputs + cols.start[j];
          for (let v = 0; v < cols.taps; v++)
            sum += rows.weights[i * rows.taps + u] * cols.weights[j * cols.taps + v] * x[row + v];
        }
        put(out, (c * rows.outputs + i) * cols.outputs + j, sum, call.accumulate);
      }
}
