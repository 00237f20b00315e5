import type { Journal } from '../checkpoints/journal.ts';
import { priorOf, type RestoreOptions } from '../options.ts';
import type { Pace } from '../stopping/pace.ts';
import type { Estimate, EstimateContext, Job } from '../tasks/task.ts';
import { inTurns } from '../time-slicing.ts';
import { rasterOf } from './raster-of.ts';
import type { Reporter } from './reporter.ts';
import { reportWithoutSteps } from './run-report.ts';

/** What all the work on an image has in common. */
export interface Surroundings {
  readonly options: RestoreOptions;
  readonly reporter: Reporter;
  readonly journal: Journal;
}

/** What the journal calls the work on a small picture that guides the first answer. */
export const GUIDE = 'guide';

export const NO_EXECUTOR = {
  executor: 'none',
  adapter: '',
  reason: 'No network was needed.',
  ranOn: [],
} as const;

export const CUT_SHORT = {
  time: 'The time ran out before all of the image was worked on as much as it could be: more time may do better.',
  user: 'Stopped before all of the image was worked on as much as it could be.',
} as const;

/**
 * The answer without a network, where the prior allows it and the job has one. `fillSmall` fills a small picture by the
 * network, as a guide.
 */
export async function firstAnswer(
  job: Job,
  { options, reporter, journal }: Surroundings,
  pace: Pace,
  fillSmall: NonNullable<EstimateContext['network']>,
): Promise<Estimate | undefined> {
  const prior = priorOf(options);
  if (!job.estimate || prior === 'network' || prior === 'tv') return undefined;
  const kept = journal.find('first');
  if (kept) return { ...(kept.facts as Estimate), colour: kept.planes.colour };
  const { host, executor, signal, quality = 'balanced', seed = 0 } = options;
  const stopped = () => options.stopSignal?.aborted === true || reporter.left <= 0;
  let devices: Estimate['devices'];
  const made = await job.estimate({
    ...{ host, executor, signal, quality, seed, pace },
    ran: (by) => {
      devices = by;
    },
    progress: (done, colour) =>
      reporter.begin(done, colour && (async () => rasterOf(job, await inTurns(colour())))),
    stopped: () => {
      const over = stopped();
      if (over) pace.refuse(); // who asks would have gone on
      return over;
    },
    ...(prior === 'auto' && reporter.left > 0 ? { network: fillSmall } : {}),
  });
  const first = made && { ...made, devices };
  if (first && !pace.refused && !stopped()) {
    const { colour, ...facts } = first;
    journal.keep('first', { facts, planes: { colour } });
    journal.drop(GUIDE);
  }
  return first;
}

/** How a first answer came about that is the last one too. */
export function reportOfFirst(
  { network }: Estimate,
  { stopSignal }: RestoreOptions,
  { elapsed }: Reporter,
  { refused }: Pace,
) {
  const ended = stopSignal?.aborted ? 'user' : 'time';
  const seconds = elapsed / 1000;
  const plain = refused
    ? reportWithoutSteps(seconds, ['nonlocal'], [CUT_SHORT[ended]], ended)
    : reportWithoutSteps(seconds, ['nonlocal']);
  if (!network) return { ...plain, ...NO_EXECUTOR };
  const { steps, bestStep, runs, parts, stoppedBy, msPerStep, losses, variances, rollbacks, bytes } = network;
  const { executor, adapter, reason, ranOn } = network;
  return {
    ...{ ...plain, stages: ['network', 'nonlocal'] as const, executor, adapter, reason, ranOn },
    ...{ steps, bestStep, runs, parts, stoppedBy, msPerStep, losses, variances, rollbacks, bytes },
  };
}

/** Whether nothing is to come after the first answer. */
export function isFinal({ networkShare }: Estimate, options: RestoreOptions, reporter: Reporter): boolean {
  const over = reporter.left <= 0 || options.stopSignal?.aborted === true;
  return networkShare === 0 || options.prior === 'nonlocal' || over;
}
