/**
 * What is minimised: the data term (Ulyanov et al., CVPR 2018, eq. 2) and the classical total variation (Rudin, Osher
 * & Fatemi, Physica D 60, 1992).
 */
import type { DataTermCall, TotalVariationCall } from '../plan/calls.ts';
import { STATE } from '../plan/plan.ts';
import type { Memory } from './memory.ts';

export function dataTerm(call: DataTermCall, memory: Memory): void {
  const x = memory.slice(call.x);
  const target = memory.buffer(call.target);
  const weight = call.weight === null ? null : memory.buffer(call.weight);
  const dx = memory.slice(call.dx);
  const plane = call.x.height * call.x.width;
  let loss = 0;
  for (let i = 0; i < x.length; i++) {
    const w = weight ? weight[i % plane] : 1;
    const r = x[i] - target[i];
    const root = call.huber > 0 ? Math.sqrt(1 + (r / call.huber) ** 2) : 1;
    loss += w * (call.huber > 0 ? 2 * call.huber ** 2 * (root - 1) : r * r);
    dx[i] = (2 * w * r) / root / x.length;
  }
  memory.state[STATE.loss] = loss / x.length;
}

/** ε of the smoothed total variation, in sample units. */
export const TV_EPSILON = 1e-3;

export function totalVariation(call: TotalVariationCall, memory: Memory): void {
  const { channels, height, width } = call.x;
  const x = memory.slice(call.x);
  const dx = memory.slice(call.dx);
  const factor = call.lambda / x.length;
  let sum = 0;
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        const at = (c * height + i) * width + j;
        const dh = j + 1 < width ? x[at + 1] - x[at] : 0;
        const dv = i + 1 < height ? x[at + width] - x[at] : 0;
        const root = Math.sqrt(dh * dh + dv * dv + TV_EPSILON ** 2);
        sum += root;
        dx[at] -= (factor * (dh + dv)) / root;
        if (j + 1 < width) dx[at + 1] += (factor * dh) / root;
        if (i + 1 < height) dx[at + width] += (factor * dv) / root;
      }
  memory.state[STATE.loss] += factor * sum;
}
