import { abortError, DivergedError } from './errors.ts';
import { createExecutor } from './executors/choose.ts';
import {
  type Executor,
  type ExecutorName,
  LOG_LIMIT,
  type Run,
  type StepRecord,
} from './executors/executor.ts';
import { type AnyImage, isPlanar, toPicture, toPlanes, toRaster } from './image/picture.ts';
import { fromTensor, isTensor, type TensorImage, toTensor } from './image/tensor.ts';
import { initialParameters } from './network/initialise.ts';
import {
  checkOptions,
  type PlanarImage,
  type Preview,
  type RasterImage,
  type RestoreOptions,
} from './options.ts';
import { compile } from './plan/compile.ts';
import type { Plan } from './plan/plan.ts';
import { buildGraph, type ProblemGraph } from './problem-graph.ts';
import { type Recipe, recipeFor } from './recipes.ts';
import { DivergenceGuard } from './stopping/divergence.ts';
import { Patience } from './stopping/patience.ts';
import { PROBLEMS } from './tasks/index.ts';
import type { Problem } from './tasks/task.ts';

/** Why the optimisation ended. */
export type StoppedBy = 'variance' | 'steps' | 'time' | 'user';

/** What `restore` takes and gives back. */
export type RestorableImage = AnyImage | TensorImage;

export interface RestoreResult<I extends RestorableImage = RasterImage> {
  /** In the form that was given: 8-bit RGBA, as many planes, or a tensor. */
  readonly image: I extends PlanarImage ? PlanarImage : I extends TensorImage ? TensorImage : Preview;
  readonly executor: ExecutorName;
  readonly adapter: string;
  /** Why this executor, in words. */
  readonly reason: string;
  /** Steps done, and the one whose average is returned. */
  readonly steps: number;
  readonly bestStep: number;
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
  const problem = PROBLEMS[options.task](toPicture(given), options);
  const recipe = recipeFor(options);
  const built = buildGraph(problem, recipe, options.prior ?? 'network', options.seed ?? 0);
  const plan = compile(built.graph, built.objective);
  const { executor, reason } = await createExecutor(options.executor ?? 'auto', options.host);
  try {
    const outcome = await optimise(executor, plan, built, problem, recipe, options);
    const picture = problem.compose(outcome.colour);
    const planar = isPlanar(given) ? toPlanes(picture) : undefined;
    const restored =
      planar && isTensor(input) ? await toTensor(planar, input) : (planar ?? toRaster(picture));
    const { colour: _, ...facts } = outcome;
    return {
      ...facts,
      image: restored as RestoreResult<I>['image'],
      executor: executor.name,
      adapter: executor.adapter,
      reason,
      seed: options.seed ?? 0,
    };
  } finally {
    executor.dispose();
  }
}

interface Outcome {
  colour: Float32Array;
  steps: number;
  bestStep: number;
  stoppedBy: StoppedBy;
  seconds: number;
  msPerStep: number;
  losses: number[];
  variances: number[];
  rollbacks: number;
  bytes: number;
}

async function optimise(
  executor: Executor,
  plan: Plan,
  built: ProblemGraph,
  problem: Problem,
  recipe: Recipe,
  options: RestoreOptions,
): Promise<Outcome> {
  const run = await executor.compile(plan);
  try {
    start(run, plan, built, problem, options.seed ?? 0);
    return await loop(run, problem, recipe, options);
  } finally {
    run.dispose();
  }
}

/** Everything the run starts from. */
function start(run: Run, plan: Plan, built: ProblemGraph, problem: Problem, seed: number): void {
  const theta = initialParameters(plan, seed);
  const pixels = plan.parameters.find((p) => p.role === 'pixels');
  if (pixels) theta.set(problem.guess, pixels.offset);
  run.write('theta', theta);
  run.write('target', problem.target);
  if (problem.weight) run.write('weight', problem.weight);
  for (const [name, data] of built.inputs) run.write(name, data);
}

async function loop(run: Run, problem: Problem, recipe: Recipe, options: RestoreOptions): Promise<Outcome> {
  const { maxSeconds = Number.POSITIVE_INFINITY } = options;
  const guard = new DivergenceGuard(run);
  const patience = new Patience(
    recipe.bestFrom,
    recipe.keep === 'best' ? recipe.patience : Number.POSITIVE_INFINITY,
  );
  const history: StepRecord[] = [];
  const reporter = new Reporter(run, problem, recipe, options);
  const from = performance.now();
  const elapsed = () => (performance.now() - from) / 1000;
  let stoppedBy: StoppedBy = 'steps';
  let chunk = 1;
  while (history.length < recipe.steps) {
    const before = performance.now();
    const records = await run.steps(Math.min(chunk, recipe.steps - history.length));
    throwIfAborted(options);
    const ms = (performance.now() - before) / records.length;
    chunk = Math.max(1, Math.min(LOG_LIMIT, 2 * chunk, Math.round(CHUNK_MS / ms)));
    history.push(...records);
    const healthy = guard.accept(records);
    const exhausted = healthy && patience.exhausted(records);
    await reporter.report(history, patience.bestStep, elapsed());
    throwIfAborted(options);
    if (exhausted) stoppedBy = 'variance';
    else if (options.stopSignal?.aborted) stoppedBy = 'user';
    else if (elapsed() >= maxSeconds) stoppedBy = 'time';
    else continue;
    break;
  }
  const best = recipe.keep === 'best' && patience.bestStep >= 0;
  const seconds = elapsed();
  return {
    colour: finite(await run.read(best ? 'best' : 'ema')),
    steps: history.length,
    bestStep: best ? patience.bestStep : history.length - 1,
    stoppedBy,
    seconds,
    msPerStep: (seconds * 1000) / history.length,
    losses: history.map((record) => record.loss),
    variances: history.map((record) => record.variance),
    rollbacks: guard.rollbacks,
    bytes: run.bytes,
  };
}

/** Steps asked for at once last about this long: short enough to abort and preview, long enough to hide the round trip. */
const CHUNK_MS = 120;

/** Turns finished steps into onProgress calls, with previews no more often than asked for. */
class Reporter {
  private lastPreview = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly run: Run,
    private readonly problem: Problem,
    private readonly recipe: Recipe,
    private readonly options: RestoreOptions,
  ) {}

  async report(history: readonly StepRecord[], bestStep: number, seconds: number): Promise<void> {
    const { onProgress, maxSeconds = Number.POSITIVE_INFINITY } = this.options;
    if (!onProgress) return;
    const last = history[history.length - 1];
    const step = history.length;
    const { steps } = this.recipe;
    const msPerStep = (seconds * 1000) / step;
    onProgress({
      step,
      steps,
      loss: last.loss,
      variance: last.variance,
      bestStep,
      msPerStep,
      etaMs: Math.max(0, Math.min((steps - step) * msPerStep, (maxSeconds - seconds) * 1000)),
      preview: await this.preview(),
    });
  }

  private async preview(): Promise<Preview | undefined> {
    const { previewEveryMs = 250 } = this.options;
    const now = performance.now();
    if (previewEveryMs === 0 || now - this.lastPreview < previewEveryMs) return undefined;
    this.lastPreview = now;
    return toRaster(this.problem.compose(await this.run.read('ema')));
  }
}

function finite(colour: Float32Array): Float32Array {
  if (colour.some((x) => !Number.isFinite(x)))
    throw new DivergedError(
      'The result has values that are not finite. Try another seed or another executor.',
    );
  return colour;
}

function throwIfAborted({ signal }: RestoreOptions): void {
  if (signal?.aborted) throw abortError();
}
