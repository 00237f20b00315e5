import type { Task } from './choices.ts';
import { Failover } from './executors/failover.ts';
import { stepsInParts, type Work, type Worked, workInParts } from './in-parts.ts';
import { priorOf } from './options.ts';
import { recipeFor } from './recipes.ts';
import { joined } from './run-report.ts';
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
    const { stages, notes, ...worked } = await (learns ? learnt : workInParts)({ ...work, recipe, failover });
    const made = options.prior === 'tv' ? (['tv'] as const) : stages;
    const { name, adapter } = failover.executor;
    return {
      ...worked,
      notes: [...notes, ...failover.notes],
      stages: [...(first ? (['nonlocal'] as const) : []), ...made],
      executor: name,
      adapter,
      reason: failover.reason,
      ranOn: made.map((stage) => ({ stage, executor: name, adapter })),
    };
  } finally {
    failover.dispose();
  }
}

/** What was learnt from the whole picture and, where the job has them mixed in, what networks from nothing say of its parts. */
async function learnt(work: Work): Promise<Worked> {
  const { job, reporter } = work;
  const { partsShare: networkShare } = job;
  if (!networkShare) return workOnWhole(work);
  reporter.expect(stepsInParts(work));
  const whole = await workOnWhole(work);
  if (whole.stoppedBy !== 'steps') return whole;
  reporter.expect(0);
  reporter.finishReported();
  const { colour, ...parts } = await workInParts({ ...work, first: { colour: whole.colour, networkShare } });
  return { colour, ...joined(whole, parts) };
}
