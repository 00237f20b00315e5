import { OutOfMemoryError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { throwIfAborted, unlessAborted } from '../stopping/abort.ts';
import type { Run } from './executor.ts';
import type { Failover } from './failover.ts';

/**
 * Uses a run of the plan and disposes it. Where the executor fails, `use` is called again with a run of the one that takes
 * its place; when `signal` aborts, whatever it waits for ends. Throws OutOfMemoryError where the plan is too large.
 */
export async function withRun<T>(
  failover: Failover,
  plan: Plan,
  signal: AbortSignal | undefined,
  use: (run: Run) => Promise<T>,
): Promise<T> {
  for (;;) {
    const run = await compiled(failover, plan, signal);
    const leave = () => run.dispose(); // whatever is waited for then ends
    signal?.addEventListener('abort', leave);
    try {
      throwIfAborted({ signal });
      return await use(run);
    } catch (error) {
      throwIfAborted({ signal });
      await failover.replace(error);
    } finally {
      signal?.removeEventListener('abort', leave);
      run.dispose();
    }
  }
}

/** The plan on the first executor that takes it. That one is too large for it is the caller's business. */
async function compiled(failover: Failover, plan: Plan, signal?: AbortSignal): Promise<Run> {
  for (;;) {
    try {
      return await unlessAborted(failover.executor.compile(plan), signal, (late) => late.dispose());
    } catch (error) {
      if (error instanceof OutOfMemoryError) throw error;
      await failover.replace(error);
    }
  }
}
