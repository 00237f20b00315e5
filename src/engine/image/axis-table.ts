import type { Reduction } from '../choices.ts';

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
function tableFromRows(
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

const clampIndex = (i: number, n: number) => Math.min(Math.max(i, 0), n - 1);

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

/** ×2 up-sampling of n samples, cropped about the centre to `outputs` (2n − 1 or 2n, as the skip branch needs). */
export function upsampleTable(mode: 'nearest' | 'bilinear', n: number, outputs: number): AxisTable {
  const offset = Math.floor((2 * n - outputs) / 2);
  const rows = Array.from({ length: outputs }, (_, i): [number, number][] => {
    const o = i + offset;
    if (mode === 'nearest') return [[o >> 1, 1]];
    const centre = (o + 0.5) / 2 - 0.5; // half-pixel centres
    const first = Math.floor(centre);
    const t = centre - first;
    return [
      [clampIndex(first, n), 1 - t],
      [clampIndex(first + 1, n), t],
    ];
  });
  return tableFromRows(`${mode} ×2`, n, rows);
}

/**
 * Resampling of `inputs` to `outputs` samples by a kernel of half-width `support` input samples at scale 1, stretched
 * when shrinking, half-pixel centres, replicated borders, rows normalised to sum 1.
 */
export function kernelTable(
  label: string,
  inputs: number,
  outputs: number,
  support: number,
  kernel: (x: number) => number,
  ratio = inputs / outputs,
): AxisTable {
  const stretch = Math.max(1, ratio);
  const rows = Array.from({ length: outputs }, (_, i) => {
    const centre = (i + 0.5) * ratio - 0.5;
    const row: [number, number][] = [];
    let sum = 0;
    for (let j = Math.ceil(centre - support * stretch); j <= Math.floor(centre + support * stretch); j++) {
      const weight = kernel((j - centre) / stretch);
      row.push([clampIndex(j, inputs), weight]);
      sum += weight;
    }
    return row.map(([j, weight]): [number, number] => [j, weight / sum]);
  });
  return tableFromRows(label, inputs, rows);
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Lanczos with `lobes` lobes: 2 for the paper's super-resolution operator, 3 for the customary photo resize. */
export function lanczosTable(inputs: number, outputs: number, lobes: 2 | 3, ratio?: number): AxisTable {
  const kernel = (x: number) => (Math.abs(x) < lobes ? sinc(x) * sinc(x / lobes) : 0);
  return kernelTable(`Lanczos${lobes}`, inputs, outputs, lobes, kernel, ratio);
}

/** Catmull-Rom cubic (a = −0.5), as image programs' bicubic. */
export function bicubicTable(inputs: number, outputs: number): AxisTable {
  const kernel = (signed: number) => {
    const x = Math.abs(signed);
    if (x < 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
    return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
  };
  return kernelTable('bicubic', inputs, outputs, 2, kernel);
}

/** Linear interpolation between the two nearest of n samples. */
export function bilinearTable(n: number, outputs: number): AxisTable {
  return kernelTable('bilinear', n, outputs, 1, (x) => Math.max(0, 1 - Math.abs(x)));
}

/** Each output is the mean of what it covers of the inputs, by how much it covers of each: a camera's pixels. */
export function areaTable(inputs: number, outputs: number): AxisTable {
  const ratio = inputs / outputs;
  const rows = Array.from({ length: outputs }, (_, i) => {
    const [from, to] = [i * ratio, (i + 1) * ratio];
    const row: [number, number][] = [];
    for (let j = Math.floor(from); j < Math.min(inputs, to); j++) {
      const covered = Math.min(to, j + 1) - Math.max(from, j);
      if (covered > 1e-6 * ratio) row.push([j, covered]);
    }
    const sum = row.reduce((all, [, covered]) => all + covered, 0);
    return row.map(([j, covered]): [number, number] => [j, covered / sum]);
  });
  return tableFromRows('area', inputs, rows);
}

/** Shrinks as pictures are taken to have been shrunk; 'lanczos' has two lobes, and bicubic is next to it. */
export function reductionTable(reduction: Reduction, inputs: number, outputs: number): AxisTable {
  return reduction === 'area' ? areaTable(inputs, outputs) : lanczosTable(inputs, outputs, 2);
}

/** Weighted mean of the samples less than `reach` away, the nearest counting most: smooths n samples. */
export function tentTable(n: number, reach: number): AxisTable {
  return kernelTable('tent', n, n, reach, (x) => 1 - Math.abs(x) / reach);
}

/** Mean of each 2 samples (the last alone when n is odd). */
export function averageTable(n: number): AxisTable {
  const rows = Array.from({ length: Math.ceil(n / 2) }, (_, i): [number, number][] =>
    2 * i + 1 < n
      ? [
          [2 * i, 0.5],
          [2 * i + 1, 0.5],
        ]
      : [[2 * i, 1]],
  );
  return tableFromRows('average ÷2', n, rows);
}
