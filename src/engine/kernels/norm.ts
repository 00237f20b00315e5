/**
 * Batch normalisation at batch 1 in training mode, per channel over its N = height·width samples (Ioffe & Szegedy,
 * 2015): x̂ = (x − mean)/√(var + ε), n = gamma·x̂ + beta, var biased. Stored as an affine map that the consumers of
 * the norm apply; differentiated together with the activation that follows.
 */
import type { MomentsCall, NormBackwardInputCall, NormGradientsCall, Slice, View } from '../plan/calls.ts';
import { activationSlope, type Memory, put } from './memory.ts';

export function moments(call: MomentsCall, memory: Memory): void {
  const { channels, height, width } = call.x;
  const x = memory.slice(call.x);
  const n = height * width;
  const [gamma, beta] = [memory.parameter(call.gamma), memory.parameter(call.beta)];
  const affine = memory.buffer(call.affine);
  for (let c = 0; c < channels; c++) {
    const plane = x.subarray(c * n, (c + 1) * n);
    const mean = plane.reduce((sum, value) => sum + value, 0) / n;
    const variance = plane.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
    const inverse = 1 / Math.sqrt(variance + call.epsilon);
    affine[c] = gamma[c] * inverse;
    affine[channels + c] = beta[c] - mean * gamma[c] * inverse;
    affine[2 * channels + c] = mean;
    affine[3 * channels + c] = inverse;
  }
}

/** Calls visit(channel, index, dn, x̂) for each sample. */
function eachSample(
  dy: Slice,
  view: View,
  memory: Memory,
  visit: (c: number, i: number, dn: number, xHat: number) => void,
): void {
  const affine = memory.buffer(view.affine!);
  const upstream = memory.slice(dy);
  const x = memory.slice(view);
  const { channels, height, width } = view;
  const n = height * width;
  for (let i = 0; i < x.length; i++) {
    const c = Math.floor(i / n);
    const dn = upstream[i] * activationSlope(view.activation, affine[c] * x[i] + affine[channels + c]);
    visit(c, i, dn, (x[i] - affine[2 * channels + c]) * affine[3 * channels + c]);
  }
}

export function normGradients(call: NormGradientsCall, memory: Memory): void {
  const { channels } = call.x;
  const sums = new Float64Array(2 * channels);
  eachSample(call.dy, call.x, memory, (c, _, dn, xHat) => {
    sums[c] += dn;
    sums[channels + c] += dn * xHat;
  });
  memory.buffer(call.sums).set(sums);
  memory.gradient(call.beta).set(sums.subarray(0, channels));
  memory.gradient(call.gamma).set(sums.subarray(channels));
}

export function normBackwardInput(call: NormBackwardInputCall, memory: Memory): void {
  const { channels, height, width } = call.x;
  const n = height * width;
  const scale = memory.buffer(call.x.affine!);
  const sums = memory.buffer(call.sums);
  const dx = memory.slice(call.dx);
  eachSample(call.dy, call.x, memory, (c, i, dn, xHat) => {
    put(dx, i, scale[c] * (dn - sums[c] / n - (xHat * sums[channels + c]) / n), call.accumulate);
  });
}
