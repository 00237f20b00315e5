import { nodeHost } from '../node/host.ts';
import { listenForInterrupt } from './interrupt.ts';
import { type ProgressView, progressView } from './progress.ts';
import { silent } from './read-inputs.ts';
import { restoreFile } from './restore-file.ts';
import { isLeftOut, type RestoreOne, restoreMany } from './restore-many.ts';
import { checkForMany, engineOptions, type RestoreFlags } from './restore-options.ts';
import { findSources, nameSeveral, STREAM, shardOf } from './sources.ts';
import { printSummary } from './summary.ts';
import { isFolder, planWork, suffixOf, type Work } from './targets.ts';

/** Restores what the arguments name, one image after the other. Throws what stands against one, or against all. */
export async function runRestore(args: readonly string[], flags: RestoreFlags): Promise<void> {
  const options = engineOptions(flags);
  const many = flags.shard !== undefined || (await nameSeveral(args));
  if (many) checkForMany(args, flags);
  const work = await workOf(args, flags, many);
  let view: ProgressView | undefined;
  const interrupt = listenForInterrupt(() => {
    view?.close();
    if (!silent(flags))
      process.stderr.write('Stopping; the best so far will be written. Ctrl-C again quits at once.\n');
  });
  options.stopSignal = interrupt.signal;
  const one: RestoreOne = async (item, its) => {
    const began = many ? performance.now() : 0;
    view = progressView(silent(flags));
    options.host ??= await nodeHost(options.executor);
    return restoreFile(item, its, { options, view, announced: !many, began });
  };
  try {
    if (many) await restoreMany(work, flags, one, interrupt.signal);
    else await restoreSingle(work[0], flags, one);
  } finally {
    interrupt.dispose();
  }
}

/** The images with the places of their results, this shard's share of them. */
async function workOf(args: readonly string[], flags: RestoreFlags, many: boolean): Promise<readonly Work[]> {
  const { output, recursive, shard } = flags;
  const inFolder = await isFolder(output, many);
  const suffix = suffixOf(flags, inFolder);
  const sources = await findSources(args, { recursive, suffix, outputFolder: inFolder ? output : undefined });
  const work = await planWork(sources, flags, inFolder);
  return shard === undefined ? work : shardOf(work, shard);
}

async function restoreSingle(work: Work, flags: RestoreFlags, one: RestoreOne): Promise<void> {
  if (await isLeftOut(work, flags)) {
    if (!silent(flags)) console.log(`${work.target.path} is there already: nothing is done.`);
    return;
  }
  const { report, notes } = await one(work, flags);
  if (flags.json) console.log(JSON.stringify(report));
  else if (!flags.quiet)
    printSummary(report, notes, flags, work.target.path === STREAM ? console.error : console.log);
}
