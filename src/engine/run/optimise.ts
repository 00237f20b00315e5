import { digestOf } from '../checkpoints/digest.ts';
import type { Journal } from '../checkpoints/journal.ts';
import { DivergedError } from '../errors.ts';
import { LOG_LIMIT, type Run, type StepRecord } from '../executors/executor.ts';
import type { Failover } from '../executors/failover.ts';
import { withRun } from '../executors/with-run.ts';
import { parametersInPieces } from '../network/initialise.ts';
import type { RestoreOptions } from '../options.ts';
import { compile } from '../plan/compile.ts';
import { describePlan } from '../plan/describe.ts';
import type { Plan } from '../plan/plan.ts';
import type { Recipe } from '../recipes.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import { Discrepancy } from '../stopping/discrepancy.ts';
import { DivergenceGuard, type GuardState } from '../stopping/divergence.ts';
import { Patience } from '../stopping/patience.ts';
import type { Problem } from '../tasks/task.ts';
import { inTurns } from '../time-slicing.ts';
import { Copies } from './copies.ts';
import { buildGraph, type ProblemGraph } from './problem-graph.ts';

/** Why the optimisation ended. */
export type StoppedBy = 'variance' | 'discrepancy' | 'steps' | 'time' | 'user';

/** How a run went. */
export interface RunFacts {
  readonly history: readonly StepRecord[];
  /** The step whose average the run's colour is. */
  readonly bestStep: number;
  readonly stoppedBy: StoppedBy;
  readonly rollbacks: number;
  readonly bytes: number;
}

/** What one run found. */
interface Outcome extends RunFacts {
  readonly colour: Float32Array;
}

/** Called after each stretch of steps, with the way to the average of outputs. */
export type Watch = (
  history: readonly StepRecord[],
  bestStep: number,
  average: () => Promise<Float32Array>,
) => Promise<void>;

/** One run: what is minimised, how, and from which seed. */
export interface RunTask {
  readonly problem: Problem;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly options: RestoreOptions;
  /** Where it is copied to, and may go on from. */
  readonly journal: Journal;
  /** Milliseconds that are left. */
  left(): number;
  readonly watch: Watch;
}

/**
 * Optimises one network on one problem from one seed, until the recipe, the clock or the user ends it. Where the executor
 * fails, another one goes on from what was copied last. Throws OutOfMemoryError where the plan is too large for it.
 */
export async function optimise(failover: Failover, task: RunTask): Promise<Outcome> {
  const { problem, recipe, seed, options, journal } = task;
  const built = await inTurns(buildGraph(problem, recipe, options, seed));
  throwIfAborted(options);
  const plan = compile(built.graph, built.objective);
  const copies = new Copies<GuardState>(journal, planDigest(plan));
  return withRun(failover, plan, options.signal, async (run) => {
    await start(run, plan, built, problem, seed);
    return loop(run, copies, task);
  });
}

/** Tells plans apart that would not go on from each other's copies. */
export function planDigest(plan: Plan): string {
  return digestOf([new TextEncoder().encode(describePlan(plan))]);
}

/** Everything the run starts from. */
async function start(
  run: Run,
  plan: Plan,
  built: ProblemGraph,
  problem: Problem,
  seed: number,
): Promise<void> {
  const theta = await inTurns(parametersInPieces(plan, seed));
  const pixels = plan.parameters.find((p) => p.role === 'pixels');
  if (pixels) theta.set(problem.guess, pixels.offset);
  run.write('theta', theta);
  run.write('target', problem.target);
  if (problem.weight) run.write('weight', problem.weight);
  for (const [name, data] of built.inputs) run.write(name, data);
}

/** Steps asked for at once last about this long: short enough to abort and preview, long enough to hide the round trip. */
const CHUNK_MS = 120;

/**
 * Whether a run has collapsed, or come to its end, is decided after so many steps, however fast the machine is: so that the
 * same pixels come of the same seed. Fewer where a step is long.
 */
const blockOf = ({ width, height }: Problem) =>
  Math.max(1, Math.min(MOST_STEPS, Math.floor(BLOCK_PIXELS / (width * height))));
const MOST_STEPS = 16;
const BLOCK_PIXELS = 2 ** 19;

async function loop(run: Run, copies: Copies<GuardState>, task: RunTask): Promise<Outcome> {
  const { problem, recipe, options, watch, left } = task;
  const keepsBest = recipe.keep === 'best';
  const earlier = copies.restore(run);
  const history = earlier ? [...earlier.history] : [];
  const guard = new DivergenceGuard(run, earlier?.state);
  const patience = new Patience(recipe.bestFrom, keepsBest ? recipe.patience : Number.POSITIVE_INFINITY);
  const discrepancy = new Discrepancy(recipe.discrepancy * (problem.noiseLoss ?? 0));
  patience.exhausted(history);
  discrepancy.reached(history);
  const block = blockOf(problem);
  let decided = history.length;
  const decide = async (): Promise<StoppedBy | undefined> => {
    const records = history.slice(decided);
    decided = history.length;
    if (!guard.accept(records)) return undefined;
    const exhausted = patience.exhausted(records);
    const fitted = discrepancy.reached(records) && history.length > recipe.bestFrom;
    if (exhausted || fitted) return exhausted ? 'variance' : 'discrepancy';
    if (records.length === block) await copies.take(run, history, guard.state);
    return undefined;
  };
  const cut = () => (options.stopSignal?.aborted ? 'user' : left() <= 0 ? 'time' : undefined);
  let ended: StoppedBy | undefined;
  let chunk = 1;
  while (!ended && history.length < recipe.steps) {
    const before = performance.now();
    const until = Math.min(decided + block, recipe.steps);
    const records = await run.steps(Math.min(chunk, until - history.length));
    throwIfAborted(options);
    const ms = (performance.now() - before) / records.length;
    chunk = Math.max(1, Math.min(LOG_LIMIT, 2 * chunk, Math.round(CHUNK_MS / ms)));
    history.push(...records);
    if (history.length === until) ended = await decide();
    else if (!records.every(({ loss }) => Number.isFinite(loss))) continue; // nothing to show until it is undone
    await watch(history, patience.bestStep, () => run.read('ema'));
    throwIfAborted(options);
    ended ??= cut();
  }
  if (decided < history.length) await decide();
  const best = keepsBest && patience.bestStep >= 0 && ended !== 'discrepancy';
  return {
    colour: finite(await run.read(best ? 'best' : 'ema')),
    history,
    bestStep: best ? patience.bestStep : history.length - 1,
    stoppedBy: ended ?? 'steps',
    rollbacks: guard.rollbacks,
    bytes: run.bytes,
  };
}

function finite(colour: Float32Array): Float32Array {
  if (colour.some((x) => !Number.isFinite(x)))
    throw new DivergedError(
      'The result has values that are not finite. Try another seed or another executor.',
    );
  return colour;
}
