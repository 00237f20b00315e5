/**
 * Separable linear resampling by sparse tables (image/axis-table.ts): out (+)= rows · view(x) · colsᵀ per channel. The
 * adjoint is the same kernel with transposed tables. Rows and columns are applied at once: the tables in use have few
 * taps, and two passes would write the intermediate image to memory.
 */
import type { ResampleCall } from '../../../plan/calls.ts';
import type { Context } from '../lowering.ts';
import {
  activate,
  affineApply,
  affineLoad,
  type BufferRef,
  ceilDiv,
  type Kernel,
  KernelBuilder,
  planRef,
  shapeText,
  sliceFloats,
} from '../wgsl.ts';
import { assign } from './elementwise.ts';

const LANES = [16, 8] as const;
/** Channels an invocation makes on the CPU, where loading the tables costs as much as loading samples. */
const CHANNELS_ON_CPU = 8;
const MOST_UNROLLED = 25;

export function resampleKernel(call: ResampleCall, { plan, profile }: Context): Kernel {
  const [rows, cols] = [plan.tables[call.rows], plan.tables[call.cols]];
  const k = new KernelBuilder();
  const x = k.read(planRef(call.x.buffer));
  const table = (name: string, data: Float32Array | Int32Array): BufferRef => ({
    kind: 'constant',
    name,
    data,
  });
  const rowStart = k.read(table('row starts', rows.start), 'i32');
  const rowWeight = k.read(table('row weights', rows.weights));
  const colStart = k.read(table('column starts', cols.start), 'i32');
  const colWeight = k.read(table('column weights', cols.weights));
  const out = k.write(planRef(call.out.buffer));
  const affine = affineLoad(call.x, k, 'c');
  k.u32('x_offset', call.x.offset);
  k.u32('x_height', rows.inputs);
  k.u32('x_width', cols.inputs);
  k.u32('out_offset', call.out.offset);
  k.u32('height', rows.outputs);
  k.u32('width', cols.outputs);
  const each = profile.software ? CHANNELS_ON_CPU : 1;
  k.u32('channels', call.out.channels);
  const weighted = rows.taps * cols.taps <= MOST_UNROLLED ? unrolled : looped;
  const { head, sum } = weighted(rows.taps, cols.taps, rowWeight, colWeight, (v) =>
    activate(call.x.activation, affineApply(call.x, `${x}[line + ${v}]`)),
  );
  const body = `
  let i = gid.y;
  let j = gid.x;
  if (i >= height || j >= width) { return; }
  let start = x_offset + u32(${rowStart}[i]) * x_width + u32(${colStart}[j]);
  ${head}
  for (var c = wg.z * ${each}u; c < min(channels, (wg.z + 1u) * ${each}u); c++) {
    ${affine}
    let first = start + c * x_height * x_width;
    var sum = 0.0;
    ${sum}
    ${assign(`${out}[out_offset + (c * height + i) * width + j]`, call.accumulate, 'sum')}
  }`;
  return k.finish({
    label: `resample ${rows.label} ${shapeText(call.x)} to ${shapeText(call.out)}`,
    size: [...LANES, 1],
    workgroups: [
      ceilDiv(cols.outputs, LANES[0]),
      ceilDiv(rows.outputs, LANES[1]),
      ceilDiv(call.out.channels, each),
    ],
    work: sliceFloats(call.out) * rows.taps * cols.taps,
    body,
  });
}

type Weighted = (
  rows: number,
  cols: number,
  rowWeight: string,
  colWeight: string,
  value: (v: string) => string,
) => { head: string; sum: string };

/** Few taps: their weights are loaded once for all channels. */
const unrolled: Weighted = (rows, cols, rowWeight, colWeight, value) => {
  const indices = (count: number) => Array.from({ length: count }, (_, i) => i);
  const products = indices(cols).map((v) => `col${v} * ${value(`${v}u`)}`);
  return {
    head: [
      ...indices(rows).map((u) => `let row${u} = ${rowWeight}[i * ${rows}u + ${u}u];`),
      ...indices(cols).map((v) => `let col${v} = ${colWeight}[j * ${cols}u + ${v}u];`),
    ].join('\n  '),
    sum: indices(rows)
      .map((u) => `{ let line = first + ${u}u * x_width; sum += row${u} * (${products.join(' + ')}); }`)
      .join('\n    '),
  };
};

/** Many taps, as Lanczos has them: loops, which compile at once. */
const looped: Weighted = (rows, cols, rowWeight, colWeight, value) => ({
  head: '',
  sum: `for (var u = 0u; u < ${rows}u; u++) {
      let line = first + u * x_width;
      var row_sum = 0.0;
      for (var v = 0u; v < ${cols}u; v++) { row_sum += ${colWeight}[j * ${cols}u + v] * ${value('v')}; }
      sum += ${rowWeight}[i * ${rows}u + u] * row_sum;
    }`,
});
