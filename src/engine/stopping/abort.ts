import { abortError } from '../errors.ts';
import type { RestoreOptions } from '../options.ts';

/** Throws what fetch does after options.signal was aborted. */
export function throwIfAborted({ signal }: Pick<RestoreOptions, 'signal'>): void {
  if (signal?.aborted) throw abortError();
}
