/** Adam (Kingma & Ba, 2015) over a stretch of the arenas, all parameters in one dispatch. */
import type { AdamCall } from '../../../plan/calls.ts';
import { ADAM, STATE } from '../../../plan/plan.ts';
import { type Context, named } from '../lowering.ts';
import { ceilDiv, float, type Kernel, KernelBuilder } from '../wgsl.ts';

const THREADS = 64;
const EACH = 4;

/** 1 − βᵗ = −expm1(t·ln β): the series where exp would cancel, as at the first steps with β2 = 0.999. */
const FUNCTIONS = `
fn one_minus_power(x: f32) -> f32 {
  if (x < -0.3) { return 1.0 - exp(x); }
  return -x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))));
}`;

export function adamKernel(call: AdamCall, context: Context): Kernel {
  const k = new KernelBuilder();
  const state = k.read(named(context, 'state'));
  const gradient = k.read(named(context, 'gradient'));
  const [theta, m, v] = ['theta', 'moment1', 'moment2'].map((name) => k.write(named(context, name)));
  const floats = call.to - call.from;
  const stretch = THREADS * EACH;
  const body = `
  let t = ${state}[${STATE.step}] + 1.0;
  let rate = ${k.f32('learning_rate', call.learningRate)} * ${state}[${STATE.rate}]
    / one_minus_power(t * ${float(Math.log(ADAM.beta1))});
  let correction = 1.0 / one_minus_power(t * ${float(Math.log(ADAM.beta2))});
  for (var e = 0u; e < ${EACH}u; e++) {
    let i = ${k.u32('first', call.from)} + wg.x * ${stretch}u + e * ${THREADS}u + li;
    if (i >= ${k.u32('end', call.to)}) { break; }
    let g = ${gradient}[i];
    let m_new = ${float(ADAM.beta1)} * ${m}[i] + ${float(1 - ADAM.beta1)} * g;
    let v_new = ${float(ADAM.beta2)} * ${v}[i] + ${float(1 - ADAM.beta2)} * g * g;
    ${m}[i] = m_new;
    ${v}[i] = v_new;
    ${theta}[i] -= rate * m_new / (sqrt(v_new * correction) + ${float(ADAM.epsilon)});
  }`;
  return k.finish({
    label: 'adam',
    size: [THREADS, 1, 1],
    workgroups: [ceilDiv(floats, stretch), 1, 1],
    work: floats,
    body,
    functions: FUNCTIONS,
  });
}
