import { ceilDiv, type Kernel } from './wgsl.ts';

/**
 * The kernel in dispatches of at most `most` work each, cut along its longest axis: systems kill a dispatch that takes
 * seconds, and the screen waits for one that takes long. Workgroups know no others, so it does not matter when they run.
 */
export function cut(kernel: Kernel, most: number): Kernel[] {
  const length = Math.max(...kernel.workgroups);
  const axis = kernel.workgroups.indexOf(length);
  const each = Math.min(length, Math.max(1, Math.floor((length * most) / kernel.work)));
  return Array.from({ length: ceilDiv(length, each) }, (_, part) => {
    const first = part * each;
    const own = Math.min(each, length - first);
    const constants = kernel.constants.slice();
    constants[axis] = first;
    const workgroups = kernel.workgroups.map((count, i) => (i === axis ? own : count));
    return {
      ...kernel,
      constants,
      workgroups: workgroups as unknown as Kernel['workgroups'],
      work: (kernel.work * own) / length,
    };
  });
}
