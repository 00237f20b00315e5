import { discardUnfinished } from '../node/atomic-write.ts';
import { EXIT_CODES } from './exit-codes.ts';

export interface Interrupt {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  dispose(): void;
}

/**
 * The first Ctrl-C (or SIGTERM) asks for a stop and calls `onStop`; a second one quits at once with 130, leaving no
 * temporary file behind.
 */
export function listenForInterrupt(onStop: () => void): Interrupt {
  const controller = new AbortController();
  const listener = () => {
    if (controller.signal.aborted) {
      discardUnfinished();
      process.exit(EXIT_CODES.interrupted);
    }
    controller.abort();
    onStop();
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return {
    signal: controller.signal,
    dispose: () => process.off('SIGINT', listener).off('SIGTERM', listener),
  };
}
