/** What is watched while the network learns: the stopping statistic (ES-EMV), the best image, the log. */
import type { EndStepCall, KeepBestCall, VarianceCall } from '../../../plan/calls.ts';
import { LOG_COLUMNS, LOG_ROWS, STATE } from '../../../plan/plan.ts';
import { type Context, named } from '../lowering.ts';
import { type Kernel, KernelBuilder, planRef, sliceFloats } from '../wgsl.ts';
import { flat, overSamples } from './elementwise.ts';
import { summingPass, sumParts } from './loss.ts';

export function varianceKernels(call: VarianceCall, context: Context): Kernel[] {
  const k = new KernelBuilder();
  const state = k.read(named(context, 'state'));
  const x = k.read(planRef(call.x.buffer));
  const mean = k.write(planRef(call.mean));
  const xAt = k.u32('x_offset', call.x.offset);
  const head = `let share = select(${k.f32('alpha', call.alpha)}, 1.0, ${state}[${STATE.step}] == 0.0);`;
  const body = `let v = ${x}[${xAt} + i]; let d = v - ${mean}[i]; sum += d * d;
    ${mean}[i] = select(${mean}[i] + share * d, v, share == 1.0);`;
  const end = new KernelBuilder();
  const after = end.write(named(context, 'state'));
  const kept = end.f32('kept', 1 - call.alpha);
  const share = end.f32('share', call.alpha / sliceFloats(call.x));
  const next = `${kept} * (${after}[${STATE.variance}] + ${share} * total.x)`;
  const use = `${after}[${STATE.variance}] = select(${next}, 0.0, ${after}[${STATE.step}] == 0.0);`;
  return [
    summingPass(k, flat(call.x), { label: 'variance', head, body }, context),
    sumParts('variance', flat(call.x), end, use, context),
  ];
}

const ONE = [1, 1, 1] as const;

export function keepBestKernels(call: KeepBestCall, context: Context): Kernel[] {
  const judge = new KernelBuilder();
  const state = judge.write(named(context, 'state'));
  const decision = judge.finish({
    label: 'keepBest decision',
    size: ONE,
    workgroups: ONE,
    work: 1,
    body: `
  let improved = ${state}[${STATE.step}] >= ${judge.f32('first_step', call.from)}
    && ${state}[${STATE.variance}] < ${state}[${STATE.bestVariance}];
  ${state}[${STATE.improved}] = select(0.0, 1.0, improved);
  if (improved) {
    ${state}[${STATE.bestVariance}] = ${state}[${STATE.variance}];
    ${state}[${STATE.bestStep}] = ${state}[${STATE.step}];
  }`,
  });
  const k = new KernelBuilder();
  const flag = k.read(named(context, 'state'));
  const source = k.read(planRef(call.source));
  const best = k.write(planRef(call.best));
  const width = context.plan.buffers[call.best].floats;
  const slice = { buffer: call.best, offset: 0, channels: 1, height: 1, width };
  const copy = `if (${flag}[${STATE.improved}] != 0.0) { ${best}[i] = ${source}[i]; }`;
  return [decision, overSamples(k, slice, { label: 'keepBest', body: copy }, context)];
}

export function endStepKernel(call: EndStepCall, context: Context): Kernel {
  const k = new KernelBuilder();
  const state = k.write(named(context, 'state'));
  const log = k.write(planRef(call.log));
  return k.finish({
    label: 'endStep',
    size: ONE,
    workgroups: ONE,
    work: 1,
    body: `
  let row = (u32(${state}[${STATE.step}]) % ${LOG_ROWS}u) * ${LOG_COLUMNS}u;
  ${log}[row] = ${state}[${STATE.loss}];
  ${log}[row + 1u] = ${state}[${STATE.variance}];
  ${state}[${STATE.step}] += 1.0;`,
  });
}
