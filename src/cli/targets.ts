import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { InvalidOptionError } from '../engine/errors.ts';
import {
  checkFormatName,
  checkOutputName,
  endingOf,
  formatOfName,
  type OutputFormat,
} from '../node/encode.ts';
import { resultFormatOf } from '../node/output-format.ts';
import { canonical } from './paths.ts';
import { type Source, STREAM } from './sources.ts';

/** Where a result goes: a file, or '-' for standard output. */
export interface Target {
  readonly path: string;
  /** Absent: as what comes from standard input is, which has not been read yet. */
  readonly format?: OutputFormat;
}

/** One image to restore. */
export interface Work {
  readonly source: Source;
  readonly target: Target;
}

interface TargetFlags {
  /** A file, an existing folder, one to be made of several results, or '-'. */
  readonly output?: string;
  readonly suffix?: string;
  readonly format?: string;
}

/** Whether `output` names a folder: one that is there, or where there are `several` results. */
export async function isFolder(output: string | undefined, several: boolean): Promise<boolean> {
  if (output === undefined || output === STREAM) return false;
  const there = await stat(output).catch(() => undefined);
  if (there || !several) return there?.isDirectory() ?? /[/\\]$/.test(output);
  if (formatOfName(output))
    throw new InvalidOptionError(
      `--output ${output} is one file, but there are several inputs: name a folder.`,
    );
  return true;
}

/** What is added to the name of a result beside its input. */
const SUFFIX = '-restored';

/** The suffix of results: none in a folder of their own, unless asked for. */
export const suffixOf = ({ suffix }: TargetFlags, inFolder: boolean): string =>
  suffix ?? (inFolder ? '' : SUFFIX);

/**
 * Names the result of each source. Throws InvalidOptionError where two would have one name, or one would replace an input.
 */
export async function planWork(
  sources: readonly Source[],
  flags: TargetFlags,
  inFolder: boolean,
): Promise<readonly Work[]> {
  if (flags.format !== undefined) checkFormatName(flags.format);
  const work: Work[] = [];
  for (const source of sources) work.push({ source, target: await targetOf(source, flags, inFolder) });
  await checkDistinct(work);
  return work;
}

async function targetOf(source: Source, flags: TargetFlags, inFolder: boolean): Promise<Target> {
  const { output, format: asked } = flags;
  const named = output !== undefined && output !== STREAM && !inFolder ? formatOfName(output) : undefined;
  if (named && asked && named !== asked)
    throw new InvalidOptionError(`--format ${asked} does not fit --output ${output}.`);
  if (output !== undefined && output !== STREAM && !inFolder && !asked) checkOutputName(output, '--output');
  const format = (asked as OutputFormat | undefined) ?? named;
  if (source.path === STREAM) {
    if (inFolder)
      throw new InvalidOptionError(
        `--output ${output} is a folder, but standard input has no name: name a file.`,
      );
    return { path: output ?? STREAM, ...(format ? { format } : {}) };
  }
  return targetOfFile(source, flags, inFolder, format ?? (await resultFormatOf(source.path)));
}

function targetOfFile(source: Source, flags: TargetFlags, inFolder: boolean, format: OutputFormat): Target {
  const { output } = flags;
  if (!inFolder && output !== undefined) return { path: output, format };
  const ending = extname(source.name);
  const kept = formatOfName(source.name) === format ? ending : endingOf(format);
  const name = `${basename(source.name, ending)}${suffixOf(flags, inFolder)}${kept}`;
  const folder = inFolder ? join(output!, dirname(source.name)) : dirname(source.path);
  return { path: join(folder, name), format };
}

async function checkDistinct(work: readonly Work[]): Promise<void> {
  if (work.length === 1) return; // its own input is seen to with the other files that are read
  const inputs = new Map<string, string>();
  for (const { source } of work) inputs.set(await canonical(source.path), source.path);
  const made = new Map<string, string>();
  for (const { source, target } of work) {
    const path = await canonical(target.path);
    const [input, other] = [inputs.get(path), made.get(path)];
    if (input !== undefined)
      throw new InvalidOptionError(
        `The result of ${source.path} would replace the input ${input}: use --suffix.`,
      );
    if (other !== undefined)
      throw new InvalidOptionError(
        `${other} and ${source.path} would both become ${target.path}: use another folder or --format for one of them.`,
      );
    made.set(path, source.path);
  }
}
