import type { Journal } from '../checkpoints/journal.ts';
import { packOutcomes, unpackOutcomes } from '../checkpoints/outcomes.ts';
import type { StepRecord } from '../executors/executor.ts';
import type { Failover } from '../executors/failover.ts';
import { optimise, type RunFacts, type RunTask, type StoppedBy } from './optimise.ts';

/** How the runs of one problem went. */
export interface RunsFacts {
  readonly outcomes: readonly RunFacts[];
  readonly stoppedBy: StoppedBy;
}

interface Runs extends RunsFacts {
  /** Their mean. */
  readonly colour: Float32Array;
}

/** Where the runs of a problem stand after a stretch of steps. */
interface Standing {
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
  task: Omit<RunTask, 'seed' | 'watch'>,
  seedOf: (run: number) => number,
  watch: (standing: Standing) => Promise<void>,
): Promise<Runs> {
  const { recipe, journal } = task;
  const kept = keptRuns(journal);
  const outcomes = kept ? [...kept.outcomes] : [];
  let colour = kept ? kept.colour : new Float32Array(0);
  while (outcomes.length < recipe.runs) {
    const run = outcomes.length;
    const ours = run === 0 ? recipe : { ...recipe, keep: 'last' as const, steps: outcomes[0].bestStep + 1 };
    const before = outcomes.reduce((sum, { history }) => sum + history.length, 0);
    const earlier = colour;
    const { colour: latest, ...outcome } = await optimise(failover, {
      ...{ ...task, recipe: ours, seed: seedOf(run), journal: journal.within(`run ${run}`) },
      watch: (history, bestStep, average) =>
        watch({
          step: before + history.length,
          steps: before + (recipe.runs - run) * ours.steps,
          bestStep: before + bestStep,
          record: history[history.length - 1],
          estimate: async () => mix(earlier, await average(), run, history.length / ours.steps),
        }),
    });
    outcomes.push(outcome);
    const cut = outcome.stoppedBy === 'user' || outcome.stoppedBy === 'time';
    colour = mix(earlier, latest, run, cut ? outcome.history.length / ours.steps : 1);
    if (cut) break;
    journal.drop(`run ${run}`);
    if (outcomes.length < recipe.runs) keepRuns(journal, outcomes, colour);
  }
  const last = outcomes[outcomes.length - 1].stoppedBy;
  return { colour, outcomes, stoppedBy: last === 'user' ? last : outcomes[0].stoppedBy };
}

/** What the journal calls the runs that are done. */
const NAME = 'runs';

function keepRuns(journal: Journal, outcomes: readonly RunFacts[], colour: Float32Array): void {
  const packed = packOutcomes(outcomes);
  journal.keep(NAME, { facts: packed.facts, planes: { ...packed.planes, colour } });
}

function keptRuns(journal: Journal): Pick<Runs, 'outcomes' | 'colour'> | undefined {
  const kept = journal.find(NAME);
  return kept && { outcomes: unpackOutcomes(kept.facts, kept.planes), colour: kept.planes.colour };
}

/** The mean of `runs` earlier results and one that is `share` of the way to its end, and counts for that much. */
function mix(earlier: Float32Array, latest: Float32Array, runs: number, share: number): Float32Array {
  if (runs === 0) return latest;
  const weight = share / (runs + share);
  return latest.map((value, i) => earlier[i] + weight * (value - earlier[i]));
}
