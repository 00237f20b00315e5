import { Canvas } from './canvas.ts';
import { OutOfMemoryError } from './errors.ts';
import type { Executor } from './executors/executor.ts';
import { type Done, type Facts, factsOf } from './facts.ts';
import type { Box } from './image/box.ts';
import type { Picture } from './image/picture.ts';
import type { RestoreOptions, Task } from './options.ts';
import { cutIntoParts, type Part, sideFor } from './parts.ts';
import { type Recipe, recipeFor, type Situation } from './recipes.ts';
import { Reporter } from './reporter.ts';
import { averageOfRuns } from './runs.ts';
import { throwIfAborted } from './stopping/abort.ts';
import type { Job, Problem } from './tasks/task.ts';
import { turn } from './turns.ts';

/** Pixels of the estimate that are worked on at once: with the presets' networks they take a good gigabyte. */
const MOST_PIXELS = 2 ** 20;
/** Parts of a side below this see too little of the picture, px: then memory is too short for good. */
const LEAST_SIDE = 128;
/** Seeds of runs lie far apart, so that a user who counts seeds up does not meet the same runs again. */
const SEED_STRIDE = 0x9e3779b1;

/** What all parts have in common. */
export interface Work {
  readonly executor: Executor;
  readonly job: Job;
  readonly task: Task;
  readonly options: RestoreOptions;
  readonly impulse?: boolean;
}

/** The result, and how it came about. */
export type Worked = { readonly picture: Picture } & Facts;

/**
 * Works on all of a job: at once where that is best and fits, else in overlapping parts that fade into each other,
 * smaller ones where the executor has no room for them. Throws OutOfMemoryError where even small parts do not fit.
 */
export async function workInParts(work: Work): Promise<Worked> {
  const { job } = work;
  const reporter = new Reporter(work.options);
  const { width, height } = work.task === 'upscale' ? job : job.area;
  const { partSide } = recipeOf(work, { width, height });
  let parts = partsOf(job, Math.min(partSide, sideFor(width, height, MOST_PIXELS)));
  for (;;) {
    try {
      return await workThrough(work, parts, reporter);
    } catch (error) {
      const smaller = error instanceof OutOfMemoryError && halved(job, parts[0].place);
      if (!smaller) throw error;
      parts = smaller;
    }
  }
}

function recipeOf({ job, task, options, impulse }: Work, { width, height }: Situation): Recipe {
  return recipeFor(task, options, { width, height, holeRadius: job.holeRadius, impulse });
}

function partsOf(job: Job, side: number): Part[] {
  const parts = cutIntoParts({ area: job.area, picture: job.picture, result: job }, side);
  return parts.filter(({ box }) => job.touches(box));
}

/** Parts of about half the pixels; none where they would be too small. */
function halved(job: Job, { width, height }: Box): Part[] | undefined {
  const side = sideFor(width, height, (width * height) / 2);
  const parts = partsOf(job, side);
  const { place } = parts[0];
  return side >= LEAST_SIDE && place.width * place.height < width * height ? parts : undefined;
}

/** One part after the other, until all are done or the user has had enough. */
async function workThrough(work: Work, parts: readonly Part[], reporter: Reporter): Promise<Worked> {
  const { job, options } = work;
  const canvas = new Canvas(job.start(parts.length > 1), job.finish);
  const done: Done[] = [];
  for (const [i, part] of parts.entries()) {
    throwIfAborted(options);
    if (i > 0 && options.stopSignal?.aborted) break;
    const one = await workOn(work, canvas, part, [i, parts.length], reporter);
    done.push(one);
    if (one.runs?.stoppedBy === 'user') break;
  }
  if (!done.some(({ runs }) => runs)) throw done[0].refused;
  const facts = factsOf(done, parts.length, job.otherwise, reporter.elapsed / 1000);
  return { picture: canvas.picture, ...facts };
}

/** Works on part number `index` of `count` and lays it into the canvas. */
async function workOn(
  work: Work,
  canvas: Canvas,
  part: Part,
  [index, count]: [number, number],
  reporter: Reporter,
): Promise<Done> {
  const { executor, job, options } = work;
  const { seed = 0 } = options;
  const problem = job.problem(part.box);
  const recipe = recipeOf(work, problem);
  const patch = (colour: Float32Array) => ({ box: problem.box, colour: problem.compose(colour) });
  const later = (count - index - 1) * recipe.runs * recipe.steps;
  const running = averageOfRuns(
    executor,
    problem,
    recipe,
    options,
    (run) => (seed + (index * recipe.runs + run) * SEED_STRIDE) >>> 0,
    performance.now() + reporter.left / (count - index),
    ({ estimate, steps, ...standing }) =>
      reporter.report({ ...standing, steps: steps + later, part: index + 1, parts: count }, async () =>
        canvas.preview(part, patch(await estimate())),
      ),
  );
  const runs = await running.catch((error: unknown) => {
    if (error instanceof OutOfMemoryError && isGrown(problem, part)) return error;
    throw error;
  });
  if (runs instanceof OutOfMemoryError) return { refused: runs };
  const steps = runs.outcomes.reduce((sum, { history }) => sum + history.length, 0);
  reporter.finish(steps);
  // Next to parts that are done, one that is only just begun would be a patch of noise.
  if (runs.stoppedBy === 'user' && index > 0 && steps < recipe.bestFrom) return { runs };
  await turn();
  const { colour, share } = problem.settle?.(runs.colour) ?? { colour: runs.colour, share: 1 };
  await turn();
  canvas.lay(part, patch(colour));
  return { runs, share };
}

/** Whether it takes more than the part's own pixels to have some that are known. */
const isGrown = ({ width, height }: Problem, { place }: Part) => width * height > place.width * place.height;
