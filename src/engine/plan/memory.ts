import type { KernelCall } from './calls.ts';
import { usesOf } from './calls.ts';
import type { PlanBuffer } from './plan.ts';

/**
 * Sets each temporary buffer's lifetime from the calls and gives every buffer a slot; returns the slots' sizes in
 * floats. Largest first, each buffer takes the first slot whose tenants it never meets: the big full-resolution
 * tensors define the slots and the rest fits in. Persistent buffers have a slot each.
 */
export function assignSlots(buffers: readonly PlanBuffer[], calls: readonly KernelCall[]): number[] {
  setLifetimes(buffers, calls);
  const slots: number[] = [];
  const tenants: PlanBuffer[][] = [];
  const open = (buffer: PlanBuffer) => {
    buffer.slot = slots.push(buffer.floats) - 1;
    tenants.push([buffer]);
  };
  for (const buffer of buffers) if (buffer.lifetime === 'persistent') open(buffer);
  const temporary = buffers
    .filter((b) => b.lifetime === 'temporary')
    .sort((a, b) => b.floats - a.floats || a.id - b.id);
  for (const buffer of temporary) {
    const slot = tenants.findIndex((list) =>
      list.every(
        (other) => other.lifetime === 'temporary' && (other.last < buffer.first || buffer.last < other.first),
      ),
    );
    if (slot < 0) open(buffer);
    else {
      buffer.slot = slot;
      tenants[slot].push(buffer);
    }
  }
  return slots;
}

function setLifetimes(buffers: readonly PlanBuffer[], calls: readonly KernelCall[]): void {
  calls.forEach((call, index) => {
    const { reads, writes } = usesOf(call);
    for (const id of [...reads, ...writes]) {
      const buffer = buffers[id];
      if (buffer.lifetime === 'persistent') continue;
      buffer.first = Math.min(buffer.first, index);
      buffer.last = Math.max(buffer.last, index);
    }
  });
  for (const buffer of buffers)
    if (buffer.lifetime === 'persistent') {
      buffer.first = 0;
      buffer.last = calls.length - 1;
    }
}
