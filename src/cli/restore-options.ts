import { InvalidOptionError } from '../engine/errors.ts';
import {
  checkOptions,
  EXECUTORS,
  type ExecutorChoice,
  type Prior,
  type Quality,
  type RestoreOptions,
  TASKS,
  type Task,
} from '../engine/options.ts';

/** What commander hands over, under the long names of the options. */
export interface RestoreFlags {
  output?: string;
  task?: string;
  mask?: string;
  maskKnown?: string;
  scale?: number;
  quality?: string;
  executor?: string;
  prior?: string;
  tv?: number;
  seed?: number;
  steps?: number;
  maxSeconds?: number;
  gif?: string;
  compare?: string;
  report?: string;
  reference?: string;
  quiet?: boolean;
  json?: boolean;
}

/** Executors worth naming in the help: those that run in Node. */
export const NODE_EXECUTORS: readonly ExecutorChoice[] = EXECUTORS.filter(
  (name) => name !== 'webgl2' && name !== 'tfjs-webgl' && name !== 'reference',
);

/** The engine's options from the flags, checked; files are not touched. Throws InvalidOptionError. */
export function engineOptions(flags: RestoreFlags): RestoreOptions {
  const task = (flags.task ?? impliedTask(flags)) as Task;
  const options: RestoreOptions = { task };
  if (flags.scale !== undefined) options.scale = flags.scale;
  if (flags.quality !== undefined) options.quality = flags.quality as Quality;
  if (flags.executor !== undefined) options.executor = flags.executor as ExecutorChoice;
  if (flags.prior !== undefined) options.prior = flags.prior as Prior;
  if (flags.tv !== undefined) options.totalVariation = flags.tv;
  if (flags.seed !== undefined) options.seed = flags.seed;
  if (flags.steps !== undefined) options.steps = flags.steps;
  if (flags.maxSeconds !== undefined) options.maxSeconds = flags.maxSeconds;
  checkOptions(options);
  checkTogether(task, flags);
  return options;
}

/** A mask can only mean inpainting, a factor only up-scaling. */
function impliedTask({ mask, scale }: RestoreFlags): Task {
  if (mask !== undefined) return 'inpaint';
  return scale === undefined ? 'denoise' : 'upscale';
}

function checkTogether(task: Task, { mask, maskKnown, scale }: RestoreFlags): void {
  if (mask !== undefined && task !== 'inpaint') throw misplaced('--mask', 'inpaint', task);
  if (scale !== undefined && task !== 'upscale') throw misplaced('--scale', 'upscale', task);
  if (maskKnown !== undefined && mask === undefined)
    throw new InvalidOptionError('--mask-known says how to read --mask, which is missing.');
  if (task === 'inpaint' && mask === undefined)
    throw new InvalidOptionError('--task inpaint needs --mask FILE, white where the image is to be filled.');
}

function misplaced(flag: string, serves: Task, task: Task): InvalidOptionError {
  const others = TASKS.filter((name) => name === serves).join(', ');
  return new InvalidOptionError(`${flag} serves --task ${others} only, but the task is ${task}.`);
}
