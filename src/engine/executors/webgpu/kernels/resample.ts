/**
 * Separable linear resampling by sparse tables (image/axis-table.ts): out (+)= rows · view(x) · colsᵀ per channel. The
 * adjoint is the same kernel with transposed tables. Rows and columns are applied at once: the tables in use have few
 * taps, and two passes would write the intermediate image to memory.
 */
import type { ResampleCall } from '../../../plan/plan.ts';
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

export function resampleKernel(call: ResampleCall, { plan }: Context): Kernel {
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
  const value = activate(call.x.activation, affineApply(call.x, `${x}[line + v]`));
  k.u32('x_offset', call.x.offset);
  k.u32('x_height', rows.inputs);
  k.u32('x_width', cols.inputs);
  k.u32('out_offset', call.out.offset);
  k.u32('height', rows.outputs);
  k.u32('width', cols.outputs);
  const [U, V] = [`${rows.taps}u`, `${cols.taps}u`];
  const body = `
  let c = wg.z;
  let i = gid.y;
  let j = gid.x;
  if (i >= height || j >= width) { return; }
  ${affine}
  let first = x_offset + (c * x_height + u32(${rowStart}[i])) * x_width + u32(${colStart}[j]);
  var sum = 0.0;
  for (var u = 0u; u < ${U}; u++) {
    let line = first + u * x_width;
    var row_sum = 0.0;
    for (var v = 0u; v < ${V}; v++) { row_sum += ${colWeight}[j * ${V} + v] * ${value}; }
    sum += ${rowWeight}[i * ${U} + u] * row_sum;
  }
  ${assign(`${out}[out_offset + (c * height + i) * width + j]`, call.accumulate, 'sum')}`;
  return k.finish(
    `resample ${rows.label} ${shapeText(call.x)} to ${shapeText(call.out)}`,
    [...LANES, 1],
    [ceilDiv(cols.outputs, LANES[0]), ceilDiv(rows.outputs, LANES[1]), call.out.channels],
    sliceFloats(call.out) * rows.taps * cols.taps,
    body,
  );
}
