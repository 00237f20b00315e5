/**
 * What is minimised: the data term Σ w·ρ(x − target)/N (Ulyanov et al., CVPR 2018, eq. 2; Huber's penalty in its
 * smooth form) and total variation (Rudin, Osher & Fatemi, 1992). Each writes a partial sum a workgroup, which a
 * second kernel adds up into state.loss.
 */
import { TV_EPSILON } from '../../../kernels/loss.ts';
import type { DataTermCall, Slice, TotalVariationCall } from '../../../plan/calls.ts';
import { STATE } from '../../../plan/plan.ts';
import { type Context, named } from '../lowering.ts';
import {
  type BufferRef,
  ceilDiv,
  type Kernel,
  KernelBuilder,
  planeSize,
  planRef,
  shapeText,
  sliceFloats,
} from '../wgsl.ts';
import type { SampleBody } from './elementwise.ts';
import { summation } from './reduce.ts';

const PART = 2048;

/** A pass over all samples whose `body` sees c, q (index in the plane) and i and adds to `sum`. */
export function summingPass(
  k: KernelBuilder,
  slice: Slice,
  { label, head = '', body }: SampleBody,
  { profile }: Context,
): Kernel {
  const parts = ceilDiv(planeSize(slice), PART);
  const scratch = k.write(lossParts(slice));
  const sum = summation(k, parts, slice.channels, profile);
  k.u32('plane', planeSize(slice));
  k.u32('parts', parts);
  return k.finish({
    label: `${label} ${shapeText(slice)}`,
    size: sum.size,
    workgroups: sum.grid,
    work: sliceFloats(slice),
    body: `  ${sum.head}
  ${head}
  var sum = 0.0;
  ${sum.each(
    `min(${PART}u, plane - p * ${PART}u)`,
    `let q = p * ${PART}u + j;
    let i = c * plane + q;
    ${body}`,
  )}
  ${sum.total('vec2<f32>(sum, 0.0)', 'total')}
  if (${sum.writes}) { ${scratch}[c * parts + p] = total.x; }`,
  });
}

const lossParts = (slice: Slice): BufferRef => ({
  kind: 'scratch',
  name: 'loss parts',
  floats: slice.channels * ceilDiv(planeSize(slice), PART),
});

/** Adds up the partial sums of a summing pass and hands them to `use` as `total.x`. */
export function sumParts(
  label: string,
  slice: Slice,
  k: KernelBuilder,
  use: string,
  { profile }: Context,
): Kernel {
  const count = slice.channels * ceilDiv(planeSize(slice), PART);
  const scratch = k.read(lossParts(slice));
  const sum = summation(k, 1, 1, profile);
  k.u32('count', count);
  const body = `
  ${sum.head}
  var sum = 0.0;
  ${sum.each('count', `sum += ${scratch}[j];`)}
  ${sum.total('vec2<f32>(sum, 0.0)', 'total')}
  if (${sum.writes}) { ${use} }`;
  return k.finish({ label: `${label} sum`, size: sum.size, workgroups: sum.grid, work: count, body });
}

export function dataTermKernels(call: DataTermCall, context: Context): Kernel[] {
  const k = new KernelBuilder();
  const [x, target] = [k.read(planRef(call.x.buffer)), k.read(planRef(call.target))];
  const weight = call.weight === null ? '1.0' : `${k.read(planRef(call.weight))}[q]`;
  const dx = k.write(planRef(call.dx.buffer));
  const [xAt, dxAt] = [k.u32('x_offset', call.x.offset), k.u32('dx_offset', call.dx.offset)];
  const floats = sliceFloats(call.x);
  const twice = k.f32('two_by_samples', 2 / floats);
  const huber = call.huber > 0 ? k.f32('inverse_delta', 1 / call.huber) : null;
  // δ²·2(root − 1) = 2r²/(root + 1), which does not cancel for small r.
  const body = `let w = ${weight}; let r = ${x}[${xAt} + i] - ${target}[i];
    ${huber ? `let scaled = r * ${huber}; let root = sqrt(1.0 + scaled * scaled);` : 'let root = 1.0;'}
    sum += w * 2.0 * r * r / (root + 1.0);
    ${dx}[${dxAt} + i] = ${twice} * w * r / root;`;
  const end = new KernelBuilder();
  const state = end.write(named(context, 'state'));
  const use = `${state}[${STATE.loss}] = total.x * ${end.f32('by_samples', 1 / floats)};`;
  return [
    summingPass(k, call.x, { label: 'dataTerm', body }, context),
    sumParts('dataTerm', call.x, end, use, context),
  ];
}

export function totalVariationKernels(call: TotalVariationCall, context: Context): Kernel[] {
  const k = new KernelBuilder();
  const x = k.read(planRef(call.x.buffer));
  const dx = k.write(planRef(call.dx.buffer));
  const dxAt = k.u32('dx_offset', call.dx.offset);
  k.u32('x_offset', call.x.offset);
  const [height, width] = [k.u32('height', call.x.height), k.u32('width', call.x.width)];
  const factor = k.f32('factor', call.lambda / sliceFloats(call.x));
  const epsilon = `${TV_EPSILON ** 2}f`;
  // Differences right and down of the sample at `at`, and their root.
  const slopes = (name: string, at: string, right: string, below: string) => `
    let ${name}_h = select(0.0, ${x}[${at} + 1u] - ${x}[${at}], ${right});
    let ${name}_v = select(0.0, ${x}[${at} + ${width}] - ${x}[${at}], ${below});
    let ${name}_root = sqrt(${name}_h * ${name}_h + ${name}_v * ${name}_v + ${epsilon});`;
  const body = `
    let row = q / ${width}; let col = q % ${width}; let at = x_offset + i;
    let right = col + 1u < ${width}; let below = row + 1u < ${height};
    ${slopes('own', 'at', 'right', 'below')}
    sum += own_root;
    var g = -(own_h + own_v) / own_root;
    if (col > 0u) { ${slopes('left', '(at - 1u)', 'true', 'below')} g += left_h / left_root; }
    if (row > 0u) { ${slopes('up', `(at - ${width})`, 'right', 'true')} g += up_v / up_root; }
    ${dx}[${dxAt} + i] += ${factor} * g;`;
  const end = new KernelBuilder();
  const state = end.write(named(context, 'state'));
  const by = end.f32('factor', call.lambda / sliceFloats(call.x));
  const use = `${state}[${STATE.loss}] += total.x * ${by};`;
  return [
    summingPass(k, call.x, { label: 'totalVariation', body }, context),
    sumParts('totalVariation', call.x, end, use, context),
  ];
}
