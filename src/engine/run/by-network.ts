import type { Task } from '../choices.ts';
import { Failover } from '../executors/failover.ts';
import { priorOf } from '../options.ts';
import { recipeFor } from '../recipes.ts';
import { type Work, workInParts } from './in-parts.ts';
import { workOnWhole } from './whole.ts';

interface NetworkWork extends Omit<Work, 'failover' | 'recipe'> {
  readonly task: Task;
  /** The noise has outliers. */
  readonly impulse?: boolean;
}

/** Has a job done by networks, on the executor of the options; most runs end before, and do not load this. */
export async function byNetwork({ task, impulse, ...work }: NetworkWork) {
  const { job, options, first } = work;
  const recipe = recipeFor(task, options, { holeRadius: job.holeRadius, impulse });
  const failover = await Failover.start(options.executor ?? 'auto', options.host, options.signal);
  try {
    const learns = job.learn !== undefined && priorOf(options) === 'auto';
    const { stages, notes, refinedOn, ...worked } = await (learns ? workOnWhole : workInParts)({
      ...work,
      recipe,
      failover,
    });
    const made = options.prior === 'tv' ? (['tv'] as const) : stages;
    const { name, adapter } = failover.executor;
    return {
      ...worked,
      notes: [...notes, ...failover.notes],
      stages: [
        ...(first ? (['nonlocal'] as const) : []),
        ...made,
        ...(refinedOn ? (['nonlocal'] as const) : []),
      ],
      executor: name,
      adapter,
      reason: failover.reason,
      ranOn: [
        ...made.map((stage) => ({ stage, executor: name, adapter })),
        ...(refinedOn ?? []).map((device) => ({ stage: 'nonlocal' as const, ...device })),
      ],
    };
  } finally {
    failover.dispose();
  }
}
