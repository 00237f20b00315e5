/**
 * Sums over planes, in a fixed order, so that the same data give the same bits. Small planes take one workgroup a
 * channel; larger ones are cut into parts whose results a second kernel combines.
 */
import type { Slice } from '../../../plan/plan.ts';
import { type BufferRef, ceilDiv, planeSize } from '../wgsl.ts';

export const REDUCE_THREADS = 128;
const PART = 16384;

/** Parts a plane is cut into, and the samples of all but the last. */
export function partsOf(slice: Slice): { parts: number; part: number } {
  const plane = planeSize(slice);
  return plane <= 2 * PART ? { parts: 1, part: plane } : { parts: ceilDiv(plane, PART), part: PART };
}

/** Two floats for each part of each channel. */
export const partials = (slice: Slice, parts: number): BufferRef => ({
  kind: 'scratch',
  name: 'partials',
  floats: 2 * parts * slice.channels,
});

/** Sums `value` (a vec2) over the workgroup into `total`. Needs the workgroup array `sums` of REDUCE_THREADS vec2. */
export const treeSum = (value: string, total: string): string => `
  sums[li] = ${value};
  workgroupBarrier();
  for (var half = ${REDUCE_THREADS / 2}u; half > 0u; half /= 2u) {
    if (li < half) { sums[li] += sums[li + half]; }
    workgroupBarrier();
  }
  let ${total} = sums[0];
  workgroupBarrier();`;
