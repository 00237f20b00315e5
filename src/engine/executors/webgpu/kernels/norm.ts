/**
 * Batch normalisation at batch 1 (Ioffe & Szegedy, 2015), per channel over its N samples: x̂ = (x − mean)/√(var + ε),
 * n = gamma·x̂ + beta. Forward it is only statistics, its consumers apply it; backward it is one reduction (Σ dn,
 * Σ dn·x̂) and one pass. Statistics are taken about the mean, part by part, and merged as Chan et al. (1979) do.
 */
import type {
  MomentsCall,
  NormBackwardInputCall,
  NormGradientsCall,
  Slice,
  View,
} from '../../../plan/calls.ts';
import { type Context, named, parameterOffset } from '../lowering.ts';
import {
  activateSlope,
  affineApply,
  affineLoad,
  type Kernel,
  KernelBuilder,
  planeSize,
  planRef,
  shapeText,
  sliceFloats,
} from '../wgsl.ts';
import { assign, overSamples } from './elementwise.ts';
import { partials, partsOf, type Summation, summation } from './reduce.ts';

/** What turns a channel's mean and variance into its affine map. */
function writeAffine(call: MomentsCall, context: Context, k: KernelBuilder, { writes }: Summation): string {
  const theta = k.read(named(context, 'theta'));
  const affine = k.write(planRef(call.affine));
  const gamma = k.u32('gamma', parameterOffset(context, call.gamma));
  const beta = k.u32('beta', parameterOffset(context, call.beta));
  const channels = k.u32('channels', call.x.channels);
  return `
  if (${writes}) {
    let inverse = 1.0 / sqrt(variance + ${k.f32('epsilon', call.epsilon)});
    let scale = ${theta}[${gamma} + c] * inverse;
    ${affine}[c] = scale;
    ${affine}[${channels} + c] = ${theta}[${beta} + c] - mean * scale;
    ${affine}[2u * ${channels} + c] = mean;
    ${affine}[3u * ${channels} + c] = inverse;
  }`;
}

export function momentsKernels(call: MomentsCall, context: Context): Kernel[] {
  const { parts, part } = partsOf(call.x, context.profile);
  const label = `moments ${shapeText(call.x)}`;
  const k = new KernelBuilder();
  const x = k.read(planRef(call.x.buffer));
  const sum = summation(k, parts, call.x.channels, context.profile);
  k.u32('plane', planeSize(call.x));
  k.u32('part', part);
  k.u32('x_offset', call.x.offset);
  const statistics = `
  ${sum.head}
  let count = min(part, plane - p * part);
  let first = x_offset + c * plane + p * part;
  var sum = 0.0;
  ${sum.each('count', `sum += ${x}[first + j];`)}
  ${sum.total('vec2<f32>(sum, 0.0)', 'total')}
  let mean = total.x / f32(count);
  var squares = 0.0;
  ${sum.each('count', `let d = ${x}[first + j] - mean; squares += d * d;`)}
  ${sum.total('vec2<f32>(squares, 0.0)', 'spread')}`;
  if (parts === 1) {
    const tail = `let variance = spread.x / f32(plane); ${writeAffine(call, context, k, sum)}`;
    return [
      k.finish({
        label,
        size: sum.size,
        workgroups: sum.grid,
        work: sliceFloats(call.x),
        body: statistics + tail,
      }),
    ];
  }
  const scratch = k.write(partials(call.x, parts), 'f32');
  k.u32('parts', parts);
  const tail = `
  if (${sum.writes}) {
    ${scratch}[2u * (c * parts + p)] = mean;
    ${scratch}[2u * (c * parts + p) + 1u] = spread.x;
  }`;
  const first = k.finish({
    label,
    size: sum.size,
    workgroups: sum.grid,
    work: sliceFloats(call.x),
    body: statistics + tail,
  });
  return [first, mergeMoments(call, context)];
}

function mergeMoments(call: MomentsCall, context: Context): Kernel {
  const { parts, part } = partsOf(call.x, context.profile);
  const k = new KernelBuilder();
  const scratch = k.read(partials(call.x, parts));
  const sum = summation(k, 1, call.x.channels, context.profile);
  k.u32('plane', planeSize(call.x));
  k.u32('part', part);
  k.u32('parts', parts);
  const body = `
  ${sum.head}
  var sum = 0.0;
  ${sum.each('parts', `sum += f32(min(part, plane - j * part)) * ${scratch}[2u * (c * parts + j)];`)}
  ${sum.total('vec2<f32>(sum, 0.0)', 'total')}
  let mean = total.x / f32(plane);
  var squares = 0.0;
  ${sum.each(
    'parts',
    `let d = ${scratch}[2u * (c * parts + j)] - mean;
     squares += ${scratch}[2u * (c * parts + j) + 1u] + f32(min(part, plane - j * part)) * d * d;`,
  )}
  ${sum.total('vec2<f32>(squares, 0.0)', 'spread')}
  let variance = spread.x / f32(plane);
  ${writeAffine(call, context, k, sum)}`;
  const label = `moments merge ${shapeText(call.x)}`;
  return k.finish({ label, size: sum.size, workgroups: sum.grid, work: parts * call.x.channels, body });
}

/** Declares dn and x̂ of sample i of channel c, given what `normHead` declared. */
function normSample(x: View, raw: string, dy: string): string {
  return `let raw = ${raw}; let n = ${affineApply(x, 'raw')};
    let dn = ${dy} * ${activateSlope(x.activation, 'n')}; let x_hat = (raw - mean) * inverse;`;
}

function normHead(x: View, k: KernelBuilder): string {
  const affine = k.read(planRef(x.affine!));
  const channels = k.u32('affine_channels', x.channels);
  return `${affineLoad(x, k, 'c')}
  let mean = ${affine}[2u * ${channels} + c]; let inverse = ${affine}[3u * ${channels} + c];`;
}

function writeSums(
  call: NormGradientsCall,
  context: Context,
  k: KernelBuilder,
  { writes }: Summation,
): string {
  const sums = k.write(planRef(call.sums));
  const gradient = k.write(named(context, 'gradient'));
  const gamma = k.u32('gamma', parameterOffset(context, call.gamma));
  const beta = k.u32('beta', parameterOffset(context, call.beta));
  const channels = k.u32('channels', call.x.channels);
  return `
  if (${writes}) {
    ${sums}[c] = total.x;
    ${sums}[${channels} + c] = total.y;
    ${gradient}[${beta} + c] = total.x;
    ${gradient}[${gamma} + c] = total.y;
  }`;
}

export function normGradientsKernels(call: NormGradientsCall, context: Context): Kernel[] {
  const { parts, part } = partsOf(call.x, context.profile);
  const label = `normGradients ${shapeText(call.x)}`;
  const k = new KernelBuilder();
  const [dy, x] = [k.read(planRef(call.dy.buffer)), k.read(planRef(call.x.buffer))];
  const sum = summation(k, parts, call.x.channels, context.profile);
  k.u32('plane', planeSize(call.x));
  k.u32('part', part);
  k.u32('x_offset', call.x.offset);
  k.u32('dy_offset', call.dy.offset);
  const sample = normSample(call.x, `${x}[x_offset + first + j]`, `${dy}[dy_offset + first + j]`);
  const body = `
  ${sum.head}
  let count = min(part, plane - p * part);
  let first = c * plane + p * part;
  ${normHead(call.x, k)}
  var sum = vec2<f32>();
  ${sum.each('count', `${sample} sum += vec2<f32>(dn, dn * x_hat);`)}
  ${sum.total('sum', 'total')}`;
  if (parts === 1) {
    const whole = body + writeSums(call, context, k, sum);
    return [
      k.finish({ label, size: sum.size, workgroups: sum.grid, work: sliceFloats(call.x), body: whole }),
    ];
  }
  const scratch = k.write(partials(call.x, parts));
  k.u32('parts', parts);
  const tail = `
  if (${sum.writes}) {
    ${scratch}[2u * (c * parts + p)] = total.x;
    ${scratch}[2u * (c * parts + p) + 1u] = total.y;
  }`;
  const first = k.finish({
    label,
    size: sum.size,
    workgroups: sum.grid,
    work: sliceFloats(call.x),
    body: body + tail,
  });
  return [first, mergeGradients(call, context, parts)];
}

function mergeGradients(call: NormGradientsCall, context: Context, parts: number): Kernel {
  const k = new KernelBuilder();
  const scratch = k.read(partials(call.x, parts));
  const sum = summation(k, 1, call.x.channels, context.profile);
  k.u32('parts', parts);
  const at = '2u * (c * parts + j)';
  const body = `
  ${sum.head}
  var sum = vec2<f32>();
  ${sum.each('parts', `sum += vec2<f32>(${scratch}[${at}], ${scratch}[${at} + 1u]);`)}
  ${sum.total('sum', 'total')}
  ${writeSums(call, context, k, sum)}`;
  const label = `normGradients merge ${shapeText(call.x)}`;
  return k.finish({ label, size: sum.size, workgroups: sum.grid, work: parts * call.x.channels, body });
}

export function normBackwardInputKernel(call: NormBackwardInputCall, context: Context): Kernel {
  const k = new KernelBuilder();
  const [dy, x] = [k.read(planRef(call.dy.buffer)), k.read(planRef(call.x.buffer))];
  const sums = k.read(planRef(call.sums));
  const dx = k.write(planRef(call.dx.buffer));
  const [dyAt, xAt] = [k.u32('dy_offset', call.dy.offset), k.u32('x_offset', call.x.offset)];
  const dxAt = k.u32('dx_offset', call.dx.offset);
  const head = `${normHead(call.x, k)}
  let mean_dn = ${sums}[c] / f32(plane); let mean_dn_x = ${sums}[affine_channels + c] / f32(plane);`;
  const body = `${normSample(call.x, `${x}[${xAt} + i]`, `${dy}[${dyAt} + i]`)}
      ${assign(`${dx}[${dxAt} + i]`, call.accumulate, 'scale * (dn - mean_dn - x_hat * mean_dn_x)')}`;
  return overSamples(k, call.dx as Slice, { label: 'normBackwardInput', head, body }, context);
}
