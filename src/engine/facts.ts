import type { OutOfMemoryError } from './errors.ts';
import type { StoppedBy } from './optimise.ts';
import type { Runs } from './runs.ts';

/** What made a result: the picture's own repetitions, a network, or pixels under total variation. */
export type Stage = 'nonlocal' | 'network' | 'tv';

/** How a restoration went, over all its parts. */
export interface Facts {
  /** What the user should know about the result, in sentences. */
  readonly notes: readonly string[];
  /** What made the result, in order; none where nothing was done. */
  readonly stages: readonly Stage[];
  /** Steps done in all runs of all parts. */
  readonly steps: number;
  /** The step of the first run (of the first part) whose average is returned. */
  readonly bestStep: number;
  /** Independent runs that were averaged, in each part. */
  readonly runs: number;
  /** Parts that were worked on one after the other and faded into each other; 1 = all at once. */
  readonly parts: number;
  /** What ended the first run; 'user' where it was stopped, 'time' where a part had to be cut short; 'none' where nothing was cut short without runs. */
  readonly stoppedBy: StoppedBy | 'none';
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

/** Of a result that took no steps. */
export function factsWithoutSteps(
  seconds: number,
  stages: readonly Stage[],
  notes: readonly string[] = [],
  stoppedBy: Facts['stoppedBy'] = 'none',
): Facts {
  const none = { steps: 0, bestStep: 0, runs: 0, parts: 0, msPerStep: 0, rollbacks: 0, bytes: 0 };
  return { ...none, stages, notes, seconds, stoppedBy, losses: [], variances: [] };
}

/** How the parts of a picture went. */
interface Course {
  /** Those that were begun, out of `parts`. */
  readonly done: readonly Done[];
  readonly parts: number;
  /** What became of the others. */
  readonly otherwise: string;
  /** Why there are others. */
  readonly ended: 'user' | 'time';
  readonly seconds: number;
}

export function factsOf({ done, parts, otherwise, ended, seconds }: Course): Facts {
  const runs = done.flatMap((part) => part.runs ?? []);
  const all = runs.flatMap((part) => part.outcomes);
  const history = all.flatMap((outcome) => outcome.history);
  const last = runs.at(-1)?.stoppedBy;
  const cut = done.length < parts ? ended : last === 'user' ? last : undefined;
  const short = runs.some(({ stoppedBy }) => stoppedBy === 'time');
  return {
    notes: notesOf({ done, parts, otherwise, ended: cut ?? (short ? 'time' : undefined) }),
    stages: runs.length > 0 ? ['network'] : [],
    steps: history.length,
    bestStep: runs[0]?.outcomes[0].bestStep ?? 0,
    runs: runs[0]?.outcomes.length ?? 0,
    parts: done.filter(({ share }) => share !== undefined).length,
    stoppedBy: cut ?? (short ? 'time' : (runs[0]?.stoppedBy ?? 'none')),
    seconds,
    msPerStep: history.length > 0 ? (seconds * 1000) / history.length : 0,
    losses: history.map((record) => record.loss),
    variances: history.map((record) => record.variance),
    rollbacks: all.reduce((sum, { rollbacks }) => sum + rollbacks, 0),
    bytes: Math.max(0, ...all.map(({ bytes }) => bytes)),
  };
}

function notesOf({
  done,
  parts,
  otherwise,
  ended,
}: Pick<Course, 'done' | 'parts' | 'otherwise'> & { ended?: Course['ended'] }): string[] {
  const shares = done.flatMap(({ share }) => share ?? []);
  const percent = (share: number) => Math.round(share * 100);
  const [least, most] = [percent(Math.min(...shares)), percent(Math.max(...shares))];
  const unfit = done.filter(({ refused }) => refused).length;
  const notes: string[] = [];
  // A run that was cut short is no judge of the picture.
  if (least < 100 && !ended)
    notes.push(
      'The image is cleaner than what the network can reproduce, ' +
        `so only ${least < most ? `${least} to ${most}` : least} % of the change was applied.`,
    );
  const undone = shares.length + unfit < parts;
  if (ended && undone)
    notes.push(
      `${ended === 'time' ? 'The time ran out' : 'Stopped'} with ${shares.length} of ${parts} parts done; the rest ${otherwise}.`,
    );
  else if (ended === 'time')
    notes.push('The time ran out before the network was done: more time may do better.');
  if (unfit > 0)
    notes.push(
      `${unfit} of ${parts} parts lie so deep in the hole that memory is too short: there it ${otherwise}.`,
    );
  return notes;
}
