import { atOnce, inStretches, type Pieces } from '../time-slicing.ts';

/**
 * One axis of a separable linear map, as sparse rows: output i = Σ_t weights[i·taps + t] · input[start[i] + t].
 * Up-sampling, pooling, Lanczos and cropping are all such tables, and the transposed table is the exact adjoint, so
 * one kernel serves them all, forward and backward. Borders are folded in: every tap is a valid input index.
 */
export interface AxisTable {
  readonly label: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Taps in each row; shorter rows are padded with weight 0. */
  readonly taps: number;
  /** [outputs] first input of each row, 0 ≤ start, start + taps ≤ inputs. */
  readonly start: Int32Array;
  /** [outputs · taps] */
  readonly weights: Float32Array;
}

/** Sums duplicate taps (folded borders) and packs rows of (input index, weight) pairs into a table. */
export function tableFromRows(
  label: string,
  inputs: number,
  rows: readonly (readonly (readonly [index: number, weight: number])[])[],
): AxisTable {
  const spans = rows.map((row) => {
    const used = row.filter(([, weight]) => weight !== 0).map(([index]) => index);
    return used.length === 0 ? [0, 0] : [Math.min(...used), Math.max(...used)];
  });
  const taps = Math.max(1, ...spans.map(([first, last]) => last - first + 1));
  const start = new Int32Array(rows.length);
  const weights = new Float32Array(rows.length * taps);
  rows.forEach((row, i) => {
    start[i] = Math.min(spans[i][0], inputs - taps);
    for (const [index, weight] of row) if (weight !== 0) weights[i * taps + index - start[i]] += weight;
  });
  return { label, inputs, outputs: rows.length, taps, start, weights };
}

/** The adjoint map. */
export function transpose(table: AxisTable): AxisTable {
  const rows: [number, number][][] = Array.from({ length: table.inputs }, () => []);
  for (let i = 0; i < table.outputs; i++)
    for (let t = 0; t < table.taps; t++) {
      const weight = table.weights[i * table.taps + t];
      if (weight !== 0) rows[table.start[i] + t].push([i, weight]);
    }
  return tableFromRows(`${table.label}ᵀ`, table.outputs, rows);
}

export const clampIndex = (i: number, n: number) => Math.min(Math.max(i, 0), n - 1);

/** The rows of some outputs, over some of the inputs alone: taps beyond these fall on their ends. */
export function cutTable(table: AxisTable, outputs: Stretch, inputs: Stretch): AxisTable {
  if (outputs.length === table.outputs && inputs.length === table.inputs) return table;
  const { label, taps, start, weights } = table;
  const rows = Array.from({ length: outputs.length }, (_, i) => {
    const row = outputs.start + i;
    return Array.from({ length: taps }, (_, t): [number, number] => [
      clampIndex(start[row] + t - inputs.start, inputs.length),
      weights[row * taps + t],
    ]);
  });
  return tableFromRows(label, inputs.length, rows);
}

interface Stretch {
  readonly start: number;
  readonly length: number;
}

/** An interpolation kernel: its weight at a distance, in input samples at scale 1, and the half-width beyond which it is 0. */
interface Kernel {
  readonly label: string;
  readonly support: number;
  weightAt(x: number): number;
}

/**
 * Resampling of `inputs` to `outputs` samples by a kernel, stretched when shrinking, half-pixel centres, replicated
 * borders, rows normalised to sum 1.
 */
export function kernelTable(
  { label, support, weightAt }: Kernel,
  inputs: number,
  outputs: number,
  ratio = inputs / outputs,
): AxisTable {
  const stretch = Math.max(1, ratio);
  const rows = Array.from({ length: outputs }, (_, i) => {
    const centre = (i + 0.5) * ratio - 0.5;
    const row: [number, number][] = [];
    let sum = 0;
    for (let j = Math.ceil(centre - support * stretch); j <= Math.floor(centre + support * stretch); j++) {
      const weight = weightAt((j - centre) / stretch);
      row.push([clampIndex(j, inputs), weight]);
      sum += weight;
    }
    return row.map(([j, weight]): [number, number] => [j, weight / sum]);
  });
  return tableFromRows(label, inputs, rows);
}

/** Catmull-Rom cubic (a = −0.5), as image programs' bicubic. */
export function bicubicTable(inputs: number, outputs: number, ratio?: number): AxisTable {
  const weightAt = (signed: number) => {
    const x = Math.abs(signed);
    if (x < 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
    return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
  };
  return kernelTable({ label: 'bicubic', support: 2, weightAt }, inputs, outputs, ratio);
}

/** Weighted mean of the samples less than `reach` away, the nearest counting most: smooths n samples. */
export function tentTable(n: number, reach: number): AxisTable {
  return kernelTable({ label: 'tent', support: reach, weightAt: (x) => 1 - Math.abs(x) / reach }, n, n);
}

/** rows · plane · colsᵀ of each of `channels` planes, one axis after the other. */
export function applyTables(
  x: Float32Array,
  channels: number,
  rows: AxisTable,
  cols: AxisTable,
): Float32Array {
  return atOnce(tablesApplied(x, channels, rows, cols));
}

/** Samples that are worked out between two turns. */
const PIECE = 2 ** 15;

/** The same in pieces. */
export function* tablesApplied(
  x: Float32Array,
  channels: number,
  rows: AxisTable,
  cols: AxisTable,
): Pieces<Float32Array> {
  const lines = Math.ceil(PIECE / cols.outputs);
  const half = new Float32Array(channels * rows.inputs * cols.outputs);
  yield* inStretches(channels * rows.inputs, (from, to) => alongRows(x, half, cols, from, to), lines);
  const out = new Float32Array(channels * rows.outputs * cols.outputs);
  yield* inStretches(
    channels * rows.outputs,
    (from, to) => downColumns(half, out, rows, cols.outputs, from, to),
    lines,
  );
  return out;
}

/** From one row of all planes up to another. */
function alongRows(x: Float32Array, half: Float32Array, cols: AxisTable, first: number, end: number): void {
  const { taps, start, weights, inputs, outputs } = cols;
  for (let r = first; r < end; r++)
    for (let j = 0; j < outputs; j++) {
      const [from, at] = [r * inputs + start[j], j * taps];
      let sum = 0;
      for (let t = 0; t < taps; t++) sum += weights[at + t] * x[from + t];
      half[r * outputs + j] = sum;
    }
}

function downColumns(
  half: Float32Array,
  out: Float32Array,
  rows: AxisTable,
  width: number,
  first: number,
  end: number,
): void {
  const { taps, start, weights, inputs, outputs } = rows;
  for (let r = first; r < end; r++) {
    const [c, i] = [Math.floor(r / outputs), r % outputs];
    for (let t = 0; t < taps; t++) {
      const weight = weights[i * taps + t];
      const from = (c * inputs + start[i] + t) * width;
      const to = r * width;
      if (weight !== 0) for (let j = 0; j < width; j++) out[to + j] += weight * half[from + j];
    }
  }
}
