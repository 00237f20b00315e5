import type { RunReport } from './run-report.ts';
import type { RunsFacts } from './runs.ts';

/** One part of the work. */
export interface Done {
  readonly runs?: RunsFacts;
  /** Why there are none: with enough around it to learn from, it was too large. */
  readonly refused?: string;
  /** How much of the change was applied; absent where nothing was put into the result. */
  readonly share?: number;
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

/** What is told of a course of parts: sums over all runs, and of the first part which step and why it ended. */
export function reportOf({ done, parts, otherwise, ended, seconds }: Course): RunReport {
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
  const unfit = done.filter(({ refused }) => refused !== undefined).length;
  const notes: string[] = [];
  // A run that was cut short is no judge of the picture.
  if (least < 100 && !ended)
    notes.push(
      'The image is cleaner than what was made of it, ' +
        (most === 0
          ? 'so none of the change was applied.'
          : `so only ${least < most ? `${least} to ${most}` : least} % of the change was applied.`),
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
