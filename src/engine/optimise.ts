import { Copies } from './copies.ts';
import { DivergedError } from './errors.ts';
import { LOG_LIMIT, type Run, type StepRecord } from './executors/executor.ts';
import type { Failover } from './executors/failover.ts';
import { withRun } from './executors/with-run.ts';
import { parametersInPieces } from './network/initialise.ts';
import type { RestoreOptions } from './options.ts';
import { compile } from './plan/compile.ts';
import type { Plan } from './plan/plan.ts';
import { buildGraph, type ProblemGraph } from './problem-graph.ts';
import type { Recipe } from './recipes.ts';
import { throwIfAborted } from './stopping/abort.ts';
import { Discrepancy } from './stopping/discrepancy.ts';
import { DivergenceGuard } from './stopping/divergence.ts';
import { Patience } from './stopping/patience.ts';
import type { Problem } from './tasks/task.ts';
import { inTurns } from './turns.ts';

/** Why the optimisation ended. */
export type StoppedBy = 'variance' | 'discrepancy' | 'steps' | 'time' | 'user';

/** What one run found. */
export interface Outcome {
  readonly colour: Float32Array;
  readonly history: readonly StepRecord[];
  /** The step whose average `colour` is. */
  readonly bestStep: number;
  readonly stoppedBy: StoppedBy;
  readonly rollbacks: number;
  readonly bytes: number;
}

/** Called after each stretch of steps, with the way to the average of outputs. */
export type Watch = (
  history: readonly StepRecord[],
  bestStep: number,
  average: () => Promise<Float32Array>,
) => Promise<void>;

/**
 * Optimises one network on one problem from one seed, until the recipe, the clock or the user ends it. Where the executor
 * fails, another one goes on from what was copied last. Throws OutOfMemoryError where the plan is too large for it.
 */
export async function optimise(
  failover: Failover,
  problem: Problem,
  recipe: Recipe,
  seed: number,
  options: RestoreOptions,
  watch: Watch,
  deadline: number,
): Promise<Outcome> {
  const built = await inTurns(buildGraph(problem, recipe, options, seed));
  throwIfAborted(options);
  const plan = compile(built.graph, built.objective);
  const copies = new Copies();
  return withRun(failover, plan, options.signal, async (run) => {
    await start(run, plan, built, problem, seed);
    return loop(run, copies, problem, recipe, options, watch, deadline);
  });
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

async function loop(
  run: Run,
  copies: Copies,
  problem: Problem,
  recipe: Recipe,
  options: RestoreOptions,
  watch: Watch,
  deadline: number,
): Promise<Outcome> {
  const keepsBest = recipe.keep === 'best';
  const history = copies.restore(run);
  const guard = new DivergenceGuard(run, copies.rate);
  const patience = new Patience(recipe.bestFrom, keepsBest ? recipe.patience : Number.POSITIVE_INFINITY);
  const discrepancy = new Discrepancy(recipe.discrepancy * (problem.noiseLoss ?? 0));
  patience.exhausted(history);
  discrepancy.reached(history);
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
    const fitted = healthy && discrepancy.reached(records) && history.length > recipe.bestFrom;
    if (healthy) await copies.take(run, history, guard.rate);
    await watch(history, patience.bestStep, () => run.read('ema'));
    throwIfAborted(options);
    if (exhausted) stoppedBy = 'variance';
    else if (fitted) stoppedBy = 'discrepancy';
    else if (options.stopSignal?.aborted) stoppedBy = 'user';
    else if (performance.now() >= deadline) stoppedBy = 'time';
    else continue;
    break;
  }
  const best = keepsBest && patience.bestStep >= 0 && stoppedBy !== 'discrepancy';
  return {
    colour: finite(await run.read(best ? 'best' : 'ema')),
    history,
    bestStep: best ? patience.bestStep : history.length - 1,
    stoppedBy,
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
