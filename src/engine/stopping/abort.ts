import { abortError } from '../errors.ts';
import type { RestoreOptions } from '../options.ts';

/** Throws what fetch does after options.signal was aborted. */
export function throwIfAborted({ signal }: Pick<RestoreOptions, 'signal'>): void {
  if (signal?.aborted) throw abortError();
}

/** What a call rejects with that `signal` may have ended: then its reason, as fetch does. */
export function reasonOf(error: unknown, signal: AbortSignal | undefined): unknown {
  const aborted = signal?.aborted === true && error instanceof Error && error.name === 'AbortError';
  return aborted ? (signal.reason ?? error) : error;
}

/**
 * What `making` resolves with; rejects with an AbortError as soon as `signal` aborts, whatever hangs. What is made too late
 * goes to `discard`.
 */
export function unlessAborted<T>(
  making: Promise<T>,
  signal: AbortSignal | undefined,
  discard: (late: T) => void = () => {},
): Promise<T> {
  if (!signal) return making;
  return new Promise<T>((resolve, reject) => {
    const leave = () => {
      reject(abortError());
      making.then(discard, () => {});
    };
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    making.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
