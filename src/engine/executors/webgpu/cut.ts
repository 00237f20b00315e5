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
    const workgroups: [number, number, number] = [...kernel.workgroups];
    workgroups[axis] = own;
    return { ...kernel, constants, workgroups, work: (kernel.work * own) / length };
  });
}
