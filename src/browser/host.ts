import type { EngineHost } from '../engine/executors/host.ts';
import { pageThreads } from './threads.ts';
import { pageWorkers } from './workers.ts';

/** A browser's side of the engine: workers, and threads with shared memory where the page is cross-origin isolated. */
export function browserHost(): EngineHost {
  return { workers: pageWorkers(), threads: pageThreads() };
}
