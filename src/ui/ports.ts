/** What the work behind the panel's buttons needs of the controller, and nothing more. */
import type { Bridge } from './bridge.ts';
import type { Engines } from './engines.ts';
import type { Phase, Store } from './state.ts';
import type { Threads } from './worker/threads.ts';

interface Port {
  readonly store: Store;
  readonly bridge: Bridge;
  readonly threads: Threads;
  /** Shows the panel's phase, and says it. */
  phase(phase: Phase): void;
}

export interface ReadingPort extends Port {
  readonly engines: Pick<Engines, 'pace'>;
}

export interface InsertPort extends Port {
  /** Set while a question waits for the user; undefined = would rather not. */
  answer: ((choice: string | undefined) => void) | undefined;
}

export interface QueuePort extends InsertPort {
  readonly engines: Pick<Engines, 'fallBack'>;
  /** Set while something runs that can be ended. */
  ending: ((how: 'keep' | 'drop') => void) | undefined;
  /** Reads what was selected while there was no time for it; whether there is such. */
  follow(): boolean;
}
