/**
 * Sums over planes, in a fixed order, so that the same data give the same bits. A plane is cut into parts whose results
 * a second kernel combines; small planes are one part. On a GPU a workgroup sums a part together; on the CPU, where
 * barriers are dear and lanes few, every part has one invocation.
 */
import type { Slice } from '../../../plan/calls.ts';
import type { Profile } from '../profile.ts';
import { type BufferRef, ceilDiv, type KernelBuilder, planeSize } from '../wgsl.ts';

const THREADS = 128;
const LANES = 16;

/** Two floats for each part of each channel. */
export const partials = (slice: Slice, parts: number): BufferRef => ({
  kind: 'scratch',
  name: 'partials',
  floats: 2 * parts * slice.channels,
});

/** Samples of a part, and parts of a plane that is still summed at once. */
const GPU = { part: 16384, once: 2 } as const;
const CPU = { part: 256, once: 1 } as const;

/** Parts a plane is cut into, and the samples of all but the last. */
export function partsOf(slice: Slice, { software }: Profile): { parts: number; part: number } {
  const plane = planeSize(slice);
  const { part, once } = software ? CPU : GPU;
  return plane <= once * part ? { parts: 1, part: plane } : { parts: ceilDiv(plane, part), part };
}

/** How one kernel sums `parts` parts of each of `channels` channels. */
export interface Summation {
  readonly size: readonly [number, number, number];
  readonly grid: readonly [number, number, number];
  /** Declares c and p: the channel and the part. */
  readonly head: string;
  /** A loop over j < count; the sums are each invocation's own until `total`. */
  each(count: string, body: string): string;
  /** Declares `name`, the sum of `value` (a vec2) over the part. */
  total(value: string, name: string): string;
  /** Whether this invocation writes the part's result. */
  readonly writes: string;
}

export function summation(
  k: KernelBuilder,
  parts: number,
  channels: number,
  { software }: Profile,
): Summation {
  if (software) {
    const jobs = k.u32('sum_jobs', parts * channels);
    const each = k.u32('sum_parts', parts);
    return {
      size: [LANES, 1, 1],
      grid: [ceilDiv(parts * channels, LANES), 1, 1],
      head: `if (gid.x >= ${jobs}) { return; } let c = gid.x / ${each}; let p = gid.x % ${each};`,
      each: (count, body) => `for (var j = 0u; j < ${count}; j++) { ${body} }`,
      total: (value, name) => `let ${name} = ${value};`,
      writes: 'true',
    };
  }
  k.workgroup('sums', 'vec2<f32>', THREADS);
  return {
    size: [THREADS, 1, 1],
    grid: [parts, channels, 1],
    head: 'let c = wg.y; let p = wg.x;',
    each: (count, body) => `for (var j = li; j < ${count}; j += ${THREADS}u) { ${body} }`,
    total: treeSum,
    writes: 'li == 0u',
  };
}

const treeSum = (value: string, name: string): string => `
  sums[li] = ${value};
  workgroupBarrier();
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    if (li < half) { sums[li] += sums[li + half]; }
    workgroupBarrier();
  }
  let ${name} = sums[0];
  workgroupBarrier();`;
