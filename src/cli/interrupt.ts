import { discardUnfinished } from '../node/atomic-write.ts';
import { EXIT_CODES } from './exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Interrupt {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  dispose(): void;
}

/**
 * The first Ctrl-C (or SIGTERM, or SIGHUP of a terminal that was closed) asks for a stop and calls `onStop`; a second one
 * quits at once with 130, leaving no temporary file behind.
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
  for (const name of SIGNALS) process.on(name, listener);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of SIGNALS) process.off(name, listener);
    },
  };
}
