import type { OutOfMemoryError } from './errors.ts';
import type { StoppedBy } from './optimise.ts';
import type { Runs } from './runs.ts';

/** How a restoration went, over all its parts. */
export interface Facts {
  /** What the user should know about the result, in sentences. */
  readonly notes: readonly string[];
  /** Steps done in all runs of all parts. */
  readonly steps: number;
  /** The step of the first run (of the first part) whose average is returned. */
  readonly bestStep: number;
  /** Independent runs that were averaged, in each part. */
  readonly runs: number;
  /** Parts that were worked on one after the other and faded into each other; 1 = all at once. */
  readonly parts: number;
  /** What ended the first run; 'user' where it was stopped, 'time' where a part had to be cut short. */
  readonly stoppedBy: StoppedBy;
  /** All of the work, loading aside, and that over the steps. */
  readonly seconds: number;
  readonly msPerStep: number;
  /** The loss of each step, run after run, part after part. */
  readonly losses: readonly number[];
  /** ES-EMV's variance after each step. */
  readonly variances: readonly number[];
  readonly rollbacks: number;
  /** Bytes that a run kept allocated: of the largest part. */
  readonly bytes: number;
}

/** One part of the work. */
export interface Done {
  readonly runs?: Runs;
  /** Why there are none: with enough around it to learn from, it was too large. */
  readonly refused?: OutOfMemoryError;
  /** How much of the change was applied; absent where nothing was put into the result. */
  readonly share?: number;
}

/** Of the parts that were begun, out of `parts`; `otherwise` tells what became of the others. */
export function factsOf(done: readonly Done[], parts: number, otherwise: string, seconds: number): Facts {
  const runs = done.flatMap((part) => part.runs ?? []);
  const [{ outcomes, stoppedBy }] = runs;
  const all = runs.flatMap((part) => part.outcomes);
  const history = all.flatMap((outcome) => outcome.history);
  const stopped = done.length < parts || runs[runs.length - 1].stoppedBy === 'user';
  return {
    notes: notesOf(done, parts, otherwise, stopped),
    steps: history.length,
    bestStep: outcomes[0].bestStep,
    runs: outcomes.length,
    parts: done.filter(({ share }) => share !== undefined).length,
    stoppedBy: stopped ? 'user' : runs.some((part) => part.stoppedBy === 'time') ? 'time' : stoppedBy,
    seconds,
    msPerStep: (seconds * 1000) / history.length,
    losses: history.map((record) => record.loss),
    variances: history.map((record) => record.variance),
    rollbacks: all.reduce((sum, { rollbacks }) => sum + rollbacks, 0),
    bytes: Math.max(...all.map(({ bytes }) => bytes)),
  };
}

function notesOf(done: readonly Done[], parts: number, otherwise: string, stopped: boolean): string[] {
  const shares = done.flatMap(({ share }) => share ?? []);
  const percent = (share: number) => Math.round(share * 100);
  const [least, most] = [percent(Math.min(...shares)), percent(Math.max(...shares))];
  const unfit = done.filter(({ refused }) => refused).length;
  const notes: string[] = [];
  if (least < 100)
    notes.push(
      'The image is cleaner than what the network can reproduce, ' +
        `so only ${least < most ? `${least} to ${most}` : least} % of the change was applied.`,
    );
  if (stopped && shares.length + unfit < parts)
    notes.push(`Stopped with ${shares.length} of ${parts} parts done; the rest ${otherwise}.`);
  if (unfit > 0)
    notes.push(
      `${unfit} of ${parts} parts lie so deep in the hole that memory is too short: there it ${otherwise}.`,
    );
  return notes;
}
