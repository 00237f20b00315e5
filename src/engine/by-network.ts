import { Failover } from './executors/failover.ts';
import { type Work, workInParts } from './in-parts.ts';
import { priorOf } from './options.ts';
import { workOnWhole } from './whole.ts';

/** Has a job done by networks, on the executor of the options; most runs end before, and do not load this. */
export async function byNetwork(work: Omit<Work, 'failover'>) {
  const { options, first } = work;
  const failover = await Failover.start(options.executor ?? 'auto', options.host, options.signal);
  try {
    const learns = work.job.learn !== undefined && priorOf(options) === 'auto';
    const { stages, notes, ...worked } = await (learns ? workOnWhole : workInParts)({ ...work, failover });
    const made = options.prior === 'tv' ? (['tv'] as const) : stages;
    const { name, adapter } = failover.executor;
    return {
      ...worked,
      notes: [...notes, ...failover.notes],
      stages: [...(first ? (['nonlocal'] as const) : []), ...made],
      executor: name,
      adapter,
      reason: failover.reason,
    };
  } finally {
    failover.dispose();
  }
}
