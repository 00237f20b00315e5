import { type AxisTable, bicubicTable, lanczosTable } from '../image/axis-table.ts';
import type { Picture } from '../image/picture.ts';
import { applyTables, resize } from '../image/resize.ts';
import { NUMERIC_OPTIONS, type RestoreOptions } from '../options.ts';
import type { Problem } from './task.ts';

/** Later ones change nothing that can be seen. */
const BACK_PROJECTIONS = 5;

/**
 * E = ‖d(x) − x0‖² / N with d the Lanczos2 down-sampling by the factor (Ulyanov et al., eq. 5). What the fit still lacks
 * of x0 is enlarged and added (iterative back-projection, Irani & Peleg, 1991).
 */
export function upscale(
  picture: Picture,
  { scale = NUMERIC_OPTIONS.scale.default }: RestoreOptions,
): Problem {
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const down = [lanczosTable(height, picture.height, 2), lanczosTable(width, picture.width, 2)] as const;
  const enlarged = resize(picture, width, height, 'bicubic');
  return {
    width,
    height,
    channels: picture.channels,
    target: picture.colour,
    weight: picture.alpha,
    guess: enlarged.colour,
    observe: (graph, x) => graph.resample('observed', x, ...down),
    settle: (restored) => ({ colour: backProject(restored, picture, ...down), notes: [] }),
    compose: (colour) => ({ width, height, channels: picture.channels, colour, alpha: enlarged.alpha }),
  };
}

/** The estimate, made to shrink to the picture; what alpha hides of that counts for nothing. */
function backProject(
  estimate: Float32Array,
  picture: Picture,
  rows: AxisTable,
  cols: AxisTable,
): Float32Array {
  const { channels, colour, alpha } = picture;
  const n = picture.width * picture.height;
  const [up, across] = [bicubicTable(rows.outputs, rows.inputs), bicubicTable(cols.outputs, cols.inputs)];
  let x = estimate;
  for (let k = 0; k < BACK_PROJECTIONS; k++) {
    const shrunk = applyTables(x, channels, rows, cols);
    const missing = colour.map((value, i) => (value - shrunk[i]) * (alpha ? alpha[i % n] : 1));
    const change = applyTables(missing, channels, up, across);
    x = x.map((value, i) => Math.min(1, Math.max(0, value + change[i])));
  }
  return x;
}
