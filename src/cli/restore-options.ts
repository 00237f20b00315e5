import { checkOptions } from '../engine/check-options.ts';
import {
  EXECUTORS,
  type ExecutorChoice,
  type PixelArt,
  type Prior,
  type Quality,
  type Reduction,
  type Task,
  type TaskChoice,
} from '../engine/choices.ts';
import { InvalidOptionError } from '../engine/errors.ts';
import type { ExpertOptions, RestoreOptions } from '../engine/options.ts';

/** What commander hands over, under the long names of the options. */
export interface RestoreFlags {
  output?: string;
  suffix?: string;
  format?: string;
  recursive?: boolean;
  shard?: string;
  force?: boolean;
  skipExisting?: boolean;
  resume?: boolean;
  /** Seconds. */
  checkpointEvery?: number;
  task?: string;
  /** A file, AUTO_MASK or AUTO_WITH_OVERLAYS. */
  mask?: string;
  maskOut?: string;
  maskKnown?: 'white' | 'black';
  maskFit?: boolean;
  maskGrow?: number;
  maskFeather?: number;
  /** A file. */
  exclude?: string;
  guide?: string;
  scale?: number;
  reduction?: string;
  pixelArt?: string;
  quality?: string;
  executor?: string;
  prior?: string;
  tv?: number;
  seed?: number;
  steps?: number;
  maxSeconds?: number;
  maxPixels?: number;
  keepProfile?: boolean;
  strip?: boolean;
  gif?: string;
  compare?: string;
  report?: string;
  reference?: string;
  quiet?: boolean;
  json?: boolean;
}

/** The mask that is found in the image itself; a file of this name is given as ./auto. */
const AUTO_MASK = 'auto';
/** The same with date stamps and other writing over the picture. */
export const AUTO_WITH_OVERLAYS = 'auto+overlays';

/** Whether a mask is to be found instead of read. */
export const isAutoMask = (mask: string | undefined) => mask === AUTO_MASK || mask === AUTO_WITH_OVERLAYS;

/** Executors worth naming in the help: those that run in Node. */
export const NODE_EXECUTORS: readonly ExecutorChoice[] = EXECUTORS.filter(
  (name) => name !== 'webgl2' && name !== 'tfjs-webgl' && name !== 'reference',
);

/** The engine's options from the flags, checked; files are not touched. Throws InvalidOptionError. */
export function engineOptions(flags: RestoreFlags): RestoreOptions {
  const task = (flags.task ?? impliedTask(flags)) as TaskChoice;
  const options: RestoreOptions = { task };
  if (flags.scale !== undefined) options.scale = flags.scale;
  if (flags.maskGrow !== undefined) options.maskGrow = flags.maskGrow;
  if (flags.maskFeather !== undefined) options.maskFeather = flags.maskFeather;
  if (flags.quality !== undefined) options.quality = flags.quality as Quality;
  if (flags.executor !== undefined) options.executor = flags.executor as ExecutorChoice;
  if (flags.prior !== undefined) options.prior = flags.prior as Prior;
  if (flags.seed !== undefined) options.seed = flags.seed;
  const expert: ExpertOptions = {};
  if (flags.tv !== undefined) expert.totalVariation = flags.tv;
  if (flags.steps !== undefined) expert.steps = flags.steps;
  if (flags.reduction !== undefined) expert.reduction = flags.reduction as Reduction;
  if (flags.pixelArt !== undefined) expert.pixelArt = flags.pixelArt as PixelArt;
  if (Object.keys(expert).length > 0) options.expert = expert;
  if (flags.maxSeconds !== undefined) options.maxSeconds = flags.maxSeconds;
  if (!EXECUTORS.includes(options.executor ?? 'auto'))
    throw InvalidOptionError.of('--executor', `one of ${NODE_EXECUTORS.join(', ')}`, options.executor);
  try {
    checkOptions(options);
  } catch (error) {
    throw inFlags(error);
  }
  checkTogether(task, flags);
  if (flags.maxPixels !== undefined && !(flags.maxPixels >= 64))
    throw InvalidOptionError.of('--max-pixels', 'a number from 64', flags.maxPixels);
  if (flags.checkpointEvery !== undefined && !(flags.checkpointEvery >= 0 && flags.checkpointEvery <= 86400))
    throw InvalidOptionError.of('--checkpoint-every', 'seconds from 0 to 86400', flags.checkpointEvery);
  if (flags.resume && flags.output === '-')
    throw new InvalidOptionError(
      '--resume finds its checkpoint beside the result: standard output has none.',
    );
  if (flags.json && flags.output === '-')
    throw new InvalidOptionError('--json and --output - would both use standard output: take --report FILE.');
  return options;
}

/** What the engine says of one of its options, of the flag that it came from. */
function inFlags(error: unknown): unknown {
  if (!(error instanceof InvalidOptionError)) return error;
  const flagged = error.message
    .replace(
      / for (?:expert\.)?(\w+) but received /,
      (_, name: string) => ` for ${flagOf(name)} but received `,
    )
    .replace(/^prior '(\w+)'/, '--prior $1');
  return new InvalidOptionError(flagged);
}

const flagOf = (option: string): string =>
  option === 'totalVariation'
    ? '--tv'
    : `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** A mask can only mean inpainting, a factor only up-scaling; else the damage decides. */
function impliedTask({ mask, scale }: RestoreFlags): TaskChoice {
  if (mask !== undefined) return 'inpaint';
  return scale === undefined ? 'auto' : 'upscale';
}

function checkTogether(task: TaskChoice, flags: RestoreFlags): void {
  const { mask, maskOut, maskKnown, maskFit, maskGrow, maskFeather, exclude } = flags;
  const { scale, reduction, pixelArt } = flags;
  if (mask !== undefined && task !== 'inpaint') throw misplaced('--mask', 'inpaint', task);
  if (exclude !== undefined && task !== 'inpaint') throw misplaced('--exclude', 'inpaint', task);
  for (const [name, value] of Object.entries({ scale, reduction, 'pixel-art': pixelArt }))
    if (value !== undefined && task !== 'upscale') throw misplaced(`--${name}`, 'upscale', task);
  for (const [name, value] of Object.entries({ known: maskKnown, fit: maskFit }))
    if (value !== undefined && mask === undefined)
      throw new InvalidOptionError(`--mask-${name} says how to use --mask, which is missing.`);
    else if (value !== undefined && isAutoMask(mask))
      throw new InvalidOptionError(`--mask-${name} says how to read a file, but --mask ${mask} reads none.`);
  if (maskOut !== undefined && !isAutoMask(mask))
    throw new InvalidOptionError(`--mask-out writes what --mask ${AUTO_MASK} finds.`);
  for (const [name, value] of Object.entries({ grow: maskGrow, feather: maskFeather }))
    if (value !== undefined && task !== 'inpaint') throw misplaced(`--mask-${name}`, 'inpaint', task);
}

/** Throws InvalidOptionError for what can be told of, or written for, one image only. */
export function checkForMany(inputs: readonly string[], flags: RestoreFlags): void {
  const { gif, compare, reference, guide, maskOut, output } = flags;
  for (const [name, value] of Object.entries({ gif, compare, reference, guide, 'mask-out': maskOut }))
    if (value !== undefined)
      throw new InvalidOptionError(`--${name} serves one image, but there are several inputs.`);
  if (inputs.includes('-') || output === '-')
    throw new InvalidOptionError('- stands for one image, but there are several inputs.');
}

function misplaced(flag: string, serves: Task, task: TaskChoice): InvalidOptionError {
  return new InvalidOptionError(`${flag} serves --task ${serves} only, but the task is ${task}.`);
}
