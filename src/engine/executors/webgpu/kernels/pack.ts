/**
 * Copies convolution weights [out, in, k, k] into the order the gather kernels read: [source channel][tap][output
 * channel], padded with zeros, once a step and for all layers in one dispatch.
 */
import { type Context, named, parameterOffset } from '../lowering.ts';
import { type BufferRef, ceilDiv, type Kernel, KernelBuilder } from '../wgsl.ts';

export interface Pack {
  readonly parameter: number;
  readonly taps: number;
  readonly sources: number;
  readonly outputs: number;
  /** Padded output channels, a multiple of 4; and source channels. */
  readonly paddedOutputs: number;
  readonly paddedSources: number;
  /** Floats between neighbouring source and output channels in the parameter. */
  readonly sourceStride: number;
  readonly outputStride: number;
  /** Taps in reverse: the kernel turned by half a turn. */
  readonly flipped: boolean;
  /** First float of the packed weights. */
  readonly offset: number;
}

const THREADS = 64;
/** Floats a workgroup packs. */
const CHUNK = 1024;
const FIELDS = 12;

export const packedWeights = (floats: number): BufferRef => ({
  kind: 'scratch',
  name: 'packed weights',
  floats,
});

export function packKernel(packs: readonly Pack[], floats: number, context: Context): Kernel {
  const jobs: number[] = [];
  for (const pack of packs) {
    const size = pack.paddedSources * pack.taps * pack.paddedOutputs;
    for (let from = 0; from < size; from += CHUNK)
      jobs.push(
        from,
        Math.min(from + CHUNK, size),
        pack.offset,
        parameterOffset(context, pack.parameter),
        pack.taps,
        pack.paddedOutputs,
        pack.sources,
        pack.outputs,
        pack.sourceStride,
        pack.outputStride,
        pack.flipped ? 1 : 0,
        0,
      );
  }
  const k = new KernelBuilder();
  const table = k.read({ kind: 'constant', name: 'pack jobs', data: Uint32Array.from(jobs) }, 'u32');
  const theta = k.read(named(context, 'theta'));
  const packed = k.write(packedWeights(floats));
  const count = jobs.length / FIELDS;
  const across = Math.min(count, 32768);
  const body = `
  let job = (wg.y * ${k.u32('across', across)} + wg.x) * ${FIELDS}u;
  if (job >= ${k.u32('fields', jobs.length)}) { return; }
  let end = ${table}[job + 1u];
  let to = ${table}[job + 2u];
  let first = ${table}[job + 3u];
  let taps = ${table}[job + 4u];
  let padded = ${table}[job + 5u];
  let sources = ${table}[job + 6u];
  let outputs = ${table}[job + 7u];
  let source_stride = ${table}[job + 8u];
  let output_stride = ${table}[job + 9u];
  let flipped = ${table}[job + 10u] != 0u;
  for (var i = ${table}[job] + li; i < end; i += ${THREADS}u) {
    let output = i % padded;
    let packed_tap = (i / padded) % taps;
    let tap = select(packed_tap, taps - 1u - packed_tap, flipped);
    let source = i / (padded * taps);
    var v = 0.0;
    if (output < outputs && source < sources) {
      v = ${theta}[first + source * source_stride + output * output_stride + tap];
    }
    ${packed}[to + i] = v;
  }`;
  return k.finish({
    label: 'pack weights',
    size: [THREADS, 1, 1],
    workgroups: [across, ceilDiv(count, across), 1],
    work: floats,
    body,
  });
}
