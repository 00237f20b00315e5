/** Sums the shares of several layers' weight gradients into the gradient arena, in a fixed order and one dispatch. */
import { type BufferRef, ceilDiv, type Kernel, KernelBuilder } from '../wgsl.ts';

export interface Reduction {
  /** First float in the gradient arena, and of the first share; floats between shares. */
  readonly to: number;
  readonly from: number;
  readonly stride: number;
  readonly shares: number;
  readonly floats: number;
}

const REDUCE_THREADS = 64;
const CHUNK = 256;
const FIELDS = 8;

export function reduceKernel(
  reductions: readonly Reduction[],
  partials: BufferRef,
  gradient: BufferRef,
): Kernel {
  const jobs: number[] = [];
  for (const { to, from, stride, shares, floats } of reductions)
    for (let at = 0; at < floats; at += CHUNK)
      jobs.push(to + at, from + at, stride, shares, Math.min(CHUNK, floats - at), 0, 0, 0);
  const k = new KernelBuilder();
  const table = k.read({ kind: 'constant', name: 'reduce jobs', data: Uint32Array.from(jobs) }, 'u32');
  const parts = k.read(partials);
  const out = k.write(gradient);
  const count = jobs.length / FIELDS;
  const across = Math.min(count, 32768);
  const body = `
  let job = (wg.y * ${k.u32('across', across)} + wg.x) * ${FIELDS}u;
  if (job >= ${k.u32('fields', jobs.length)}) { return; }
  let to = ${table}[job];
  let first = ${table}[job + 1u];
  let stride = ${table}[job + 2u];
  let end = first + ${table}[job + 3u] * stride;
  let floats = ${table}[job + 4u];
  for (var i = li; i < floats; i += ${REDUCE_THREADS}u) {
    var sum = 0.0;
    for (var at = first; at < end; at += stride) { sum += ${parts}[at + i]; }
    ${out}[to + i] = sum;
  }`;
  const work = reductions.reduce((sum, r) => sum + r.shares * r.floats, 0);
  return k.finish({
    label: 'sum weight gradients',
    size: [REDUCE_THREADS, 1, 1],
    workgroups: [across, ceilDiv(count, across), 1],
    work,
    body,
  });
}
