import { checkWritable, writeWhole } from '../node/atomic-write.ts';
import { hasCheckpoint } from './checkpoint-file.ts';
import { EXIT_CODES, errorOf, type Outcome } from './exit-codes.ts';
import { isThere, refuseReplacing } from './paths.ts';
import { duration } from './progress.ts';
import { silent } from './read-inputs.ts';
import type { Report } from './report.ts';
import type { Restored } from './restore-file.ts';
import type { RestoreFlags } from './restore-options.ts';
import { table } from './table.ts';
import type { Work } from './targets.ts';

/** Restores one image, with the flags that are its own. */
export type RestoreOne = (work: Work, flags: RestoreFlags) => Promise<Restored>;

/** What became of one image of several. */
type Fate =
  | {
      readonly kind: 'done';
      readonly report: Report /** From reading it to the file being written. */;
      readonly ms: number;
    }
  | { readonly kind: 'failed'; readonly error: ErrorReport }
  | { readonly kind: 'left out' | 'not begun' };

interface ErrorReport {
  readonly code: Outcome;
  readonly message: string;
  readonly exitCode: number;
}

/**
 * Restores several images one after the other; one that fails does not stop the rest. Tells of each, ends with a table
 * and sets the exit code: 'some-failed' where any failed, 'interrupted' where any was not begun.
 */
export async function restoreMany(
  work: readonly Work[],
  flags: RestoreFlags,
  one: RestoreOne,
  stop: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const { report, ...each } = flags;
  if (report !== undefined) {
    await checkWritable(report);
    await refuseReplacing(report, flags.force);
  }
  const fates: Fate[] = [];
  for (const [i, item] of work.entries()) {
    const fate = stop.aborted
      ? ({ kind: 'not begun' } as const)
      : await fateOf(item, i, work.length, each, one);
    if (flags.json) for (const fact of factsOf(item, fate)) console.log(JSON.stringify(fact));
    fates.push(fate);
  }
  if (report !== undefined) {
    const facts = fates.flatMap((fate, i) => factsOf(work[i], fate));
    await writeWhole(report, `${JSON.stringify(facts, null, 2)}\n`);
  }
  if (!silent(flags)) printTable(work, fates, performance.now() - started);
  const kinds = new Set(fates.map(({ kind }) => kind));
  if (kinds.has('not begun')) process.exitCode = EXIT_CODES.interrupted;
  else if (kinds.has('failed')) process.exitCode = EXIT_CODES['some-failed'];
}

/** Whether its result exists and is to be left, unless that is what an interrupted run that goes on has written. */
export async function isLeftOut({ target }: Work, { skipExisting, resume }: RestoreFlags): Promise<boolean> {
  if (!skipExisting || (resume && (await hasCheckpoint(target)))) return false;
  return isThere(target.path);
}

async function fateOf(
  item: Work,
  i: number,
  of: number,
  flags: RestoreFlags,
  one: RestoreOne,
): Promise<Fate> {
  if (await isLeftOut(item, flags)) return { kind: 'left out' };
  if (!silent(flags)) process.stderr.write(`[${i + 1}/${of}] ${item.source.path}\n`);
  const started = performance.now();
  try {
    const { report } = await one(item, flags);
    return { kind: 'done', report, ms: performance.now() - started };
  } catch (error) {
    const told = errorOf(error);
    if (told.code === 'interrupted') return { kind: 'not begun' };
    process.stderr.write(`error: ${item.source.path}: ${told.stack ?? told.message}\n`);
    const { code, message, exitCode } = told;
    return { kind: 'failed', error: { code, message, exitCode } };
  }
}

/** For --json and --report: what is known of an image that was worked on. */
function factsOf({ source }: Work, fate: Fate): readonly object[] {
  if (fate.kind === 'done') return [fate.report];
  return fate.kind === 'failed' ? [{ input: source.path, error: fate.error }] : [];
}

function printTable(work: readonly Work[], fates: readonly Fate[], ms: number): void {
  const rows = fates.map((fate, i) => [work[i].source.path, ...cellsOf(work[i], fate)]);
  console.log(table(['input', 'done', 'time', 'result'], rows));
  const count = (kind: Fate['kind']) => fates.filter((fate) => fate.kind === kind).length;
  const restored = fates.filter((fate) => fate.kind === 'done' && fate.report.task !== 'none').length;
  const counts: Readonly<Record<string, number>> = {
    restored,
    'with nothing to restore': count('done') - restored,
    'there already': count('left out'),
    failed: count('failed'),
    'not begun': count('not begun'),
  };
  const parts = Object.entries(counts).flatMap(([what, n]) => (n > 0 ? [`${n} ${what}`] : []));
  console.log(`${parts.join(', ')}; ${duration(ms)}.`);
}

function cellsOf({ target }: Work, fate: Fate): readonly string[] {
  if (fate.kind === 'failed') return ['failed', '', fate.error.message];
  if (fate.kind !== 'done')
    return [fate.kind, '', fate.kind === 'left out' ? `${target.path} is there already` : ''];
  const { task, output } = fate.report;
  return [task === 'none' ? 'nothing to restore' : task, `${(fate.ms / 1000).toFixed(1)} s`, output ?? ''];
}
