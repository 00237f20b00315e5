import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Addresses that V8 reserves for a thread of its own, that a run needs besides, bytes: measured on Node 20, 0.55 to 0.86 GB and 0.5. */
const A_THREAD = 1e9;
const A_RUN = 1.2e9;

/**
 * Threads that there are processors for, and addresses where they are limited (ulimit -v): V8 ends the process where it
 * finds none for another thread. Less than 2: the calling thread has to do.
 */
export function affordableThreads(left = addressesLeft()): number {
  return Math.max(0, Math.min(availableParallelism(), Math.floor((left - A_RUN) / A_THREAD)));
}

/** Bytes of addresses that this process may still reserve, where Linux tells of a limit. */
function addressesLeft(): number {
  try {
    const limit = /^Max address space\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    const used = /^VmSize:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return limit && used ? Number(limit[1]) - 1024 * Number(used[1]) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
