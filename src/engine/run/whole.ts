import { mixByErrors } from '../mix.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import type { Estimate, Job } from '../tasks/task.ts';
import { inTurns } from '../time-slicing.ts';
import type { Work, Worked } from './in-parts.ts';
import { rasterOf } from './raster-of.ts';
import { reportWithoutSteps } from './run-report.ts';

const CUT_SHORT = {
  steps: [],
  time: ['The time ran out before the network was done: more time may do better.'],
  user: ['Stopped before the network was done: what it had learnt until then was used.'],
} as const;

/** Works on all of a job at once, by networks that learn from the whole picture, where the job has such. */
export async function workOnWhole({
  failover,
  job,
  options,
  reporter,
  journal,
  first,
}: Work): Promise<Worked> {
  const { quality = 'balanced', seed = 0, signal, stopSignal } = options;
  const result = await job.learn!({
    ...{ failover, quality, seed, signal, journal },
    first: first?.colour,
    allowed: reporter.left,
    clock: () => reporter.elapsed,
    stopped: () => {
      throwIfAborted(options);
      return stopSignal?.aborted === true;
    },
    over: () => reporter.left <= 0,
    report: ({ loss, step, steps }, now) =>
      reporter.report(
        { step, steps, bestStep: 0, record: { step, loss, variance: 0 }, part: 1, parts: 1 },
        async () => rasterOf(job, await mixed((await now()).slice(), job, first)),
      ),
  });
  const { losses, networks, bytes, ended, refinedOn, note } = result;
  const seconds = reporter.elapsed / 1000;
  // A share of what was cut is no better than an answer whose error is known.
  const isWorse = ended !== 'steps' && first?.errors !== undefined;
  const notes = [...(note ? [note] : []), ...CUT_SHORT[ended]];
  return {
    ...reportWithoutSteps(seconds, losses.length > 0 ? ['network'] : [], notes),
    colour: isWorse ? first.colour : await mixed(result.colour, job, first),
    refinedOn,
    steps: losses.length,
    bestStep: Math.max(0, losses.length - 1),
    runs: networks,
    parts: 1,
    stoppedBy: ended,
    msPerStep: losses.length > 0 ? (seconds * 1000) / losses.length : 0,
    losses,
    variances: losses.map(() => 0),
    bytes,
  };
}

/** The network's answer with the first answer's share, in its place. */
async function mixed(colour: Float32Array, { width, height }: Job, first?: Estimate): Promise<Float32Array> {
  if (!first) return colour;
  const { networkShare: most, errors } = first;
  return inTurns(mixByErrors(first.colour, colour, { width, height, most, errors }));
}
