import { analysePicture, type Diagnosis } from './damage/analyse.ts';
import { ImageSizeError } from './errors.ts';
import { createExecutor } from './executors/choose.ts';
import type { Executor, ExecutorName } from './executors/executor.ts';
import { type AnyImage, isPlanar, type Picture, toPicture, toPlanes, toRaster } from './image/picture.ts';
import { fromTensor, isTensor, type TensorImage, toTensor } from './image/tensor.ts';
import { type Outcome, optimise, type StoppedBy } from './optimise.ts';
import {
  checkOptions,
  NUMERIC_OPTIONS,
  type PlanarImage,
  type Preview,
  type RasterImage,
  type RestoreOptions,
  type Task,
} from './options.ts';
import { type Recipe, recipeFor } from './recipes.ts';
import { type Position, Reporter } from './reporter.ts';
import { throwIfAborted } from './stopping/abort.ts';
import { PROBLEMS } from './tasks/index.ts';
import type { Problem } from './tasks/task.ts';

export type { StoppedBy } from './optimise.ts';

/** What `restore` takes and gives back. */
export type RestorableImage = AnyImage | TensorImage;

export interface RestoreResult<I extends RestorableImage = RasterImage> {
  /** In the form that was given: 8-bit RGBA, as many planes, or a tensor. */
  readonly image: I extends PlanarImage ? PlanarImage : I extends TensorImage ? TensorImage : Preview;
  /** What was done: the task asked for, or the one 'auto' chose. */
  readonly task: Task;
  /** What the image was found to suffer from; undefined when neither asked for nor needed. */
  readonly diagnosis?: Diagnosis;
  /** What the user should know about the result, in sentences. */
  readonly notes: readonly string[];
  readonly executor: ExecutorName;
  readonly adapter: string;
  /** Why this executor, in words. */
  readonly reason: string;
  /** Steps done in all runs, and the step of the first run whose average is returned. */
  readonly steps: number;
  readonly bestStep: number;
  /** Independent runs that were averaged. */
  readonly runs: number;
  /** What ended the first run. */
  readonly stoppedBy: StoppedBy;
  readonly seconds: number;
  readonly msPerStep: number;
  /** The loss of each step. */
  readonly losses: readonly number[];
  /** ES-EMV's variance after each step. */
  readonly variances: readonly number[];
  readonly rollbacks: number;
  readonly seed: number;
  /** Bytes the run kept allocated. */
  readonly bytes: number;
}

/**
 * Restores one image by a deep image prior (Ulyanov, Vedaldi & Lempitsky, CVPR 2018).
 *
 * @param image 8-bit RGBA, float planes in [0, 1] or a tfjs tensor [height, width, channels]; sRGB, 8×8 pixels or more.
 * @param options the task and how to run it; see RestoreOptions for defaults and ranges.
 * @returns the restored image, in the form of the input; alpha and known pixels come back exactly.
 * @throws InvalidOptionError, ImageSizeError, InvalidSamplesError, MaskError for bad input; GpuUnavailableError,
 * OutOfMemoryError, DeviceLostError, DivergedError from the run; a DOMException AbortError after options.signal.
 * @example const { image } = await restore(imageData, { task: 'denoise' });
 */
export async function restore<I extends RestorableImage>(
  image: I,
  options: RestoreOptions,
): Promise<RestoreResult<I>> {
  checkOptions(options);
  throwIfAborted(options);
  const input: RestorableImage = image;
  const given = isTensor(input) ? await fromTensor(input) : input;
  const picture = toPicture(given);
  checkGuide(picture, options);
  const diagnosis = diagnose(picture, options);
  const task = options.task === 'auto' ? diagnosis!.task : options.task;
  const problem = PROBLEMS[task](picture, options, diagnosis);
  const recipe = recipeFor(task, options, { ...problem, impulse: diagnosis?.impulse });
  const { executor, reason } = await createExecutor(options.executor ?? 'auto', options.host);
  try {
    const { colour, ...facts } = await averageOfRuns(executor, problem, recipe, options);
    const settled = problem.settle?.(colour) ?? { colour, notes: [] };
    const result = problem.compose(settled.colour);
    const planar = isPlanar(given) ? toPlanes(result) : undefined;
    const restored = planar && isTensor(input) ? await toTensor(planar, input) : (planar ?? toRaster(result));
    return {
      ...facts,
      image: restored as RestoreResult<I>['image'],
      task,
      ...(diagnosis ? { diagnosis } : {}),
      notes: settled.notes,
      executor: executor.name,
      adapter: executor.adapter,
      reason,
      seed: options.seed ?? 0,
    };
  } finally {
    executor.dispose();
  }
}

/** What the damage is: as the caller knows it, or where the task, the loss or the last word over the result need it. */
function diagnose(picture: Picture, options: RestoreOptions): Diagnosis | undefined {
  if (options.diagnosis) return options.diagnosis;
  const needed = options.task === 'auto' || options.task === 'denoise' || options.task === 'dejpeg';
  return needed ? analysePicture(picture, options) : undefined;
}

function checkGuide({ width, height }: Picture, { guide, task, scale }: RestoreOptions): void {
  if (!guide) return;
  const factor = task === 'upscale' ? (scale ?? NUMERIC_OPTIONS.scale.default) : 1;
  const [w, h] = [Math.round(width * factor), Math.round(height * factor)];
  if (guide.width !== w || guide.height !== h)
    throw new ImageSizeError(
      `Expected a guide in the result's size, ${w}×${h}, but received ${guide.width}×${guide.height}.`,
    );
}

type Facts = Omit<
  RestoreResult,
  'image' | 'task' | 'diagnosis' | 'notes' | 'executor' | 'adapter' | 'reason' | 'seed'
> & { colour: Float32Array };

/**
 * The recipe's runs one after the other, each from its own seed, and their mean. The first finds where to stop; the
 * others stop there, which saves them the steps that finding out costs.
 */
async function averageOfRuns(
  executor: Executor,
  problem: Problem,
  recipe: Recipe,
  options: RestoreOptions,
): Promise<Facts> {
  const { seed = 0, maxSeconds = Number.POSITIVE_INFINITY } = options;
  const started = performance.now();
  const reporter = new Reporter(problem, options, started);
  const outcomes: Outcome[] = [];
  let colour: Float32Array = new Float32Array(0);
  let ours = recipe;
  for (let run = 0; run < recipe.runs; run++) {
    const before = outcomes.reduce((sum, { history }) => sum + history.length, 0);
    const earlier = colour;
    const position = (done: number): Position => ({
      before,
      total: before + (recipe.runs - run) * ours.steps,
      mix: (average) => mix(earlier, average, run, done / ours.steps),
    });
    const outcome = await optimise(
      executor,
      problem,
      ours,
      (seed + run * SEED_STRIDE) >>> 0,
      options,
      (history, bestStep, average) => reporter.report(history, bestStep, average, position(history.length)),
      started + maxSeconds * 1000,
    );
    outcomes.push(outcome);
    const cut = outcome.stoppedBy === 'user' || outcome.stoppedBy === 'time';
    colour = mix(earlier, outcome.colour, run, cut ? outcome.history.length / ours.steps : 1);
    if (cut) break;
    ours = { ...recipe, keep: 'last', steps: outcomes[0].bestStep + 1 };
  }
  return { colour, ...factsOf(outcomes, (performance.now() - started) / 1000) };
}

/** Seeds of runs lie far apart, so that a user who counts seeds up does not meet the same runs again. */
const SEED_STRIDE = 0x9e3779b1;

/** The mean of `runs` earlier results and one that is `share` of the way to its end, and counts for that much. */
function mix(earlier: Float32Array, latest: Float32Array, runs: number, share: number): Float32Array {
  if (runs === 0) return latest;
  const weight = share / (runs + share);
  return latest.map((value, i) => earlier[i] + weight * (value - earlier[i]));
}

function factsOf(outcomes: readonly Outcome[], seconds: number): Omit<Facts, 'colour'> {
  const history = outcomes.flatMap((outcome) => outcome.history);
  return {
    steps: history.length,
    bestStep: outcomes[0].bestStep,
    runs: outcomes.length,
    stoppedBy: outcomes.at(-1)?.stoppedBy === 'user' ? 'user' : outcomes[0].stoppedBy,
    seconds,
    msPerStep: (seconds * 1000) / history.length,
    losses: history.map((record) => record.loss),
    variances: history.map((record) => record.variance),
    rollbacks: outcomes.reduce((sum, { rollbacks }) => sum + rollbacks, 0),
    bytes: Math.max(...outcomes.map(({ bytes }) => bytes)),
  };
}
