/**
 * Everything that looks at one sample at a time: copies with norm and activation applied, the activation's
 * derivative, the input noise, the output averages. Planar layout; a workgroup covers a stretch of one channel, so
 * that the channel's scale and shift are the same for all its threads.
 */
import type {
  ActivationBackwardCall,
  AverageCall,
  NoiseCall,
  PointwiseCall,
  Slice,
} from '../../../plan/calls.ts';
import { STATE } from '../../../plan/plan.ts';
import { hash, NORMAL_SCALE } from '../../../random.ts';
import { type Context, named } from '../lowering.ts';
import {
  activate,
  activateSlope,
  affineApply,
  affineLoad,
  ceilDiv,
  float,
  type Kernel,
  KernelBuilder,
  planeSize,
  planRef,
  shapeText,
  sliceFloats,
} from '../wgsl.ts';

/** Threads of a workgroup and samples of a thread: on the CPU few threads, so that what a channel shares is loaded seldom. */
const GPU = { threads: 128, each: 4 } as const;
const CPU = { threads: 16, each: 32 } as const;

/** What a kernel does with each sample, and before the first of them, in WGSL. */
export interface SampleBody {
  readonly label: string;
  readonly head?: string;
  readonly body: string;
  readonly functions?: string;
}

/** A kernel over all samples: `body` sees c (channel), p (index in the plane) and i (index in the slice). */
export function overSamples(
  k: KernelBuilder,
  slice: Slice,
  { label, head = '', body, functions }: SampleBody,
  { profile }: Context,
): Kernel {
  const { threads, each } = profile.software ? CPU : GPU;
  const plane = planeSize(slice);
  k.u32('plane', plane);
  const stretch = threads * each;
  return k.finish({
    label: `${label} ${shapeText(slice)}`,
    size: [threads, 1, 1],
    workgroups: [ceilDiv(plane, stretch), slice.channels, 1],
    work: sliceFloats(slice),
    body: `  let c = wg.y;
  ${head}
  for (var e = 0u; e < ${each}u; e++) {
    let p = wg.x * ${stretch}u + e * ${threads}u + li;
    if (p < plane) {
      let i = c * plane + p;
      ${body}
    }
  }`,
    functions,
  });
}

/** A slice as one long plane, where channels do not matter. */
export const flat = (slice: Slice): Slice => ({
  ...slice,
  channels: 1,
  height: 1,
  width: sliceFloats(slice),
});

/** `target` = or += value. */
export const assign = (target: string, accumulate: boolean, value: string): string =>
  `${target} ${accumulate ? '+=' : '='} ${value};`;

export function pointwiseKernel(call: PointwiseCall, context: Context): Kernel {
  const k = new KernelBuilder();
  const x = k.read(planRef(call.x.buffer));
  const out = k.write(planRef(call.out.buffer));
  const [xAt, outAt] = [k.u32('x_offset', call.x.offset), k.u32('out_offset', call.out.offset)];
  const value = activate(call.x.activation, affineApply(call.x, `${x}[${xAt} + i]`));
  const head = affineLoad(call.x, k, 'c');
  return overSamples(
    k,
    call.out,
    { label: 'pointwise', head, body: assign(`${out}[${outAt} + i]`, call.accumulate, value) },
    context,
  );
}

export function activationBackwardKernel(call: ActivationBackwardCall, context: Context): Kernel {
  const k = new KernelBuilder();
  const [dy, x] = [k.read(planRef(call.dy.buffer)), k.read(planRef(call.x.buffer))];
  const dx = k.write(planRef(call.dx.buffer));
  const [dyAt, xAt] = [k.u32('dy_offset', call.dy.offset), k.u32('x_offset', call.x.offset)];
  const dxAt = k.u32('dx_offset', call.dx.offset);
  const slope = activateSlope(call.x.activation, 'v');
  const body = `let v = ${x}[${xAt} + i]; let slope = ${slope};
      ${assign(`${dx}[${dxAt} + i]`, call.accumulate, `${dy}[${dyAt} + i] * slope`)}`;
  return overSamples(k, call.dx, { label: 'activationBackward', body }, context);
}

/** random.ts in WGSL, bit for bit. */
const RANDOM = `
fn pcg(x: u32) -> u32 {
  let state = x * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}
fn normal(key: u32, index: u32) -> f32 {
  let a = pcg(index + key);
  let b = pcg(a);
  let sum = (a & 0xffffu) + (a >> 16u) + (b & 0xffffu) + (b >> 16u);
  return f32(i32(sum) - 131070) * ${float(NORMAL_SCALE)};
}`;

export function noiseKernel(call: NoiseCall, context: Context): Kernel {
  const k = new KernelBuilder();
  const state = k.read(named(context, 'state'));
  const x = k.read(planRef(call.x.buffer));
  const out = k.write(planRef(call.out.buffer));
  const [xAt, outAt] = [k.u32('x_offset', call.x.offset), k.u32('out_offset', call.out.offset)];
  const head = `let key = pcg(u32(${state}[${STATE.step}]) + ${k.u32('seed_hash', hash(call.seed >>> 0))});
  let amount = ${k.f32('noise_std', call.std)} * ${state}[${STATE.noise}];`;
  const body = `${out}[${outAt} + i] = ${x}[${xAt} + i] + amount * normal(key, i);`;
  return overSamples(k, call.out, { label: 'noise', head, body, functions: RANDOM }, context);
}

export function averageKernel(call: AverageCall, context: Context): Kernel {
  const k = new KernelBuilder();
  const state = k.read(named(context, 'state'));
  const x = k.read(planRef(call.x.buffer));
  const mean = k.write(planRef(call.mean));
  const xAt = k.u32('x_offset', call.x.offset);
  const head = `let t = ${state}[${STATE.step}]; let keep = min(${k.f32('decay', call.decay)}, t / (t + 9.0));`;
  const body = `${mean}[i] = keep * ${mean}[i] + (1.0 - keep) * ${x}[${xAt} + i];`;
  return overSamples(k, flat(call.x), { label: 'average', head, body }, context);
}
