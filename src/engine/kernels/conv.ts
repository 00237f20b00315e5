/**
 * Convolution, reflection-padded by p = (k − 1)/2, stride s: out[o, y, x] = b[o] + Σ_{i, u, v} W[o, i, u, v] ·
 * x[i, r(s·y + u − p), r(s·x + v − p)], with r the reflection at the border that does not repeat the edge.
 * Layout [channels, height, width], weights [out, in, k, k]. Sums in double precision: this is the oracle.
 */
import type { ConvBackwardInputCall, ConvBackwardWeightCall, ConvCall } from '../plan/calls.ts';
import { type Memory, put } from './memory.ts';

/** The index a reflected border reads: −1 → 1, n → n − 2. */
function reflect(i: number, n: number): number {
  if (i < 0) return -i;
  return i >= n ? 2 * (n - 1) - i : i;
}

interface Extent {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

interface Geometry {
  readonly inputs: Extent;
  readonly outputs: Extent;
  readonly kernel: number;
  readonly stride: number;
}

/** Calls visit(out, weight, in) with the flat indices of every product of the convolution. */
function eachProduct(g: Geometry, visit: (out: number, weight: number, x: number) => void): void {
  const { inputs, outputs, kernel: k, stride } = g;
  const pad = (k - 1) / 2;
  for (let o = 0; o < outputs.channels; o++)
    for (let y = 0; y < outputs.height; y++)
      for (let x = 0; x < outputs.width; x++) {
        const out = (o * outputs.height + y) * outputs.width + x;
        for (let i = 0; i < inputs.channels; i++)
          for (let u = 0; u < k; u++) {
            const row = (i * inputs.height + reflect(stride * y + u - pad, inputs.height)) * inputs.width;
            const weights = ((o * inputs.channels + i) * k + u) * k;
            for (let v = 0; v < k; v++)
              visit(out, weights + v, row + reflect(stride * x + v - pad, inputs.width));
          }
      }
}

export function conv(call: ConvCall, memory: Memory): void {
  const x = memory.view(call.x);
  const weight = memory.parameter(call.weight);
  const out = memory.slice(call.out);
  const sums = new Float64Array(out.length);
  eachProduct({ ...call, inputs: call.x, outputs: call.out }, (o, w, i) => {
    sums[o] += weight[w] * x[i];
  });
  const bias = call.bias === null ? null : memory.parameter(call.bias);
  const plane = call.out.height * call.out.width;
  for (let i = 0; i < out.length; i++) out[i] = sums[i] + (bias ? bias[Math.floor(i / plane)] : 0);
}

export function convBackwardInput(call: ConvBackwardInputCall, memory: Memory): void {
  const dy = memory.slice(call.dy);
  const weight = memory.parameter(call.weight);
  const dx = memory.slice(call.dx);
  const sums = new Float64Array(dx.length);
  eachProduct({ ...call, inputs: call.dx, outputs: call.dy }, (o, w, i) => {
    sums[i] += weight[w] * dy[o];
  });
  for (let i = 0; i < dx.length; i++) put(dx, i, sums[i], call.accumulate);
}

export function convBackwardWeight(call: ConvBackwardWeightCall, memory: Memory): void {
  const x = memory.view(call.x);
  const dy = memory.slice(call.dy);
  const dWeight = memory.gradient(call.weight);
  const sums = new Float64Array(dWeight.length);
  eachProduct({ ...call, inputs: call.x, outputs: call.dy }, (o, w, i) => {
    sums[w] += dy[o] * x[i];
  });
  dWeight.set(sums);
  if (call.bias === null) return;
  const plane = call.dy.height * call.dy.width;
  const dBias = new Float64Array(call.dy.channels);
  for (let i = 0; i < dy.length; i++) dBias[Math.floor(i / plane)] += dy[i];
  memory.gradient(call.bias).set(dBias);
}
