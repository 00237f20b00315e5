import type { StepRecord } from './executors/executor.ts';
import type { Failover } from './executors/failover.ts';
import { type Outcome, optimise, type StoppedBy } from './optimise.ts';
import type { RestoreOptions } from './options.ts';
import type { Recipe } from './recipes.ts';
import type { Problem } from './tasks/task.ts';

/** The runs of one problem. */
export interface Runs {
  /** Their mean. */
  readonly colour: Float32Array;
  readonly outcomes: readonly Outcome[];
  readonly stoppedBy: StoppedBy;
}

/** Where the runs of a problem stand after a stretch of steps. */
export interface Standing {
  /** Steps of all runs: done, and at most. */
  readonly step: number;
  readonly steps: number;
  readonly bestStep: number;
  readonly record: StepRecord;
  /** The way to what they would return now. */
  estimate(): Promise<Float32Array>;
}

/**
 * The recipe's runs one after the other, each from its own seed, and their mean. The first finds where to stop; the
 * others stop there, which saves them the steps that finding out costs.
 */
export async function averageOfRuns(
  failover: Failover,
  problem: Problem,
  recipe: Recipe,
  options: RestoreOptions,
  seedOf: (run: number) => number,
  deadline: number,
  watch: (standing: Standing) => Promise<void>,
): Promise<Runs> {
  const outcomes: Outcome[] = [];
  let colour: Float32Array = new Float32Array(0);
  let ours = recipe;
  for (let run = 0; run < recipe.runs; run++) {
    const before = outcomes.reduce((sum, { history }) => sum + history.length, 0);
    const earlier = colour;
    const outcome = await optimise(
      failover,
      problem,
      ours,
      seedOf(run),
      options,
      (history, bestStep, average) =>
        watch({
          step: before + history.length,
          steps: before + (recipe.runs - run) * ours.steps,
          bestStep: before + bestStep,
          record: history[history.length - 1],
          estimate: async () => mix(earlier, await average(), run, history.length / ours.steps),
        }),
      deadline,
    );
    outcomes.push(outcome);
    const cut = outcome.stoppedBy === 'user' || outcome.stoppedBy === 'time';
    colour = mix(earlier, outcome.colour, run, cut ? outcome.history.length / ours.steps : 1);
    if (cut) break;
    ours = { ...recipe, keep: 'last', steps: outcomes[0].bestStep + 1 };
  }
  const last = outcomes[outcomes.length - 1].stoppedBy;
  return { colour, outcomes, stoppedBy: last === 'user' ? last : outcomes[0].stoppedBy };
}

/** The mean of `runs` earlier results and one that is `share` of the way to its end, and counts for that much. */
function mix(earlier: Float32Array, latest: Float32Array, runs: number, share: number): Float32Array {
  if (runs === 0) return latest;
  const weight = share / (runs + share);
  return latest.map((value, i) => earlier[i] + weight * (value - earlier[i]));
}
