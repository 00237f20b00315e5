import type { Journal } from '../checkpoints/journal.ts';
import { packOutcomes, unpackOutcomes } from '../checkpoints/outcomes.ts';
import { OutOfMemoryError } from '../errors.ts';
import type { Failover } from '../executors/failover.ts';
import type { Box } from '../image/box.ts';
import { Canvas } from '../image/canvas.ts';
import { cutIntoParts, type Part, sideFor } from '../image/parts.ts';
import type { RestoreOptions } from '../options.ts';
import type { Recipe } from '../recipes.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import type { Estimate, Job, Learnt, Problem } from '../tasks/task.ts';
import { inTurns, turn } from '../time-slicing.ts';
import { type Done, reportOf } from './report-of-parts.ts';
import type { Reporter } from './reporter.ts';
import type { RunReport } from './run-report.ts';
import { averageOfRuns, type RunsFacts } from './runs.ts';

/** Pixels of the estimate that are worked on at once: with the presets' networks they take a good gigabyte. */
export const MOST_PIXELS = 2 ** 20;
/** Parts of a side below this see too little of the picture, px: then memory is too short for good. */
const LEAST_SIDE = 128;
/** Seeds of runs lie far apart, so that a user who counts seeds up does not meet the same runs again. */
const SEED_STRIDE = 0x9e3779b1;

/** What all parts have in common. */
export interface Work {
  readonly failover: Failover;
  readonly job: Job;
  readonly recipe: Recipe;
  readonly options: RestoreOptions;
  readonly reporter: Reporter;
  readonly journal: Journal;
  /** The first answer, where there is one, for what learns from the whole. */
  readonly first?: Estimate;
}

/** The planes of the result, and how they came about. */
export type Worked = { readonly colour: Float32Array } & RunReport & Pick<Learnt, 'refinedOn'>;

/**
 * Works on all of a job: at once where that is best and fits, else in overlapping parts that fade into each other,
 * smaller ones where the executor has no room for them, and with another executor where even small parts do not fit.
 */
export async function workInParts(work: Work): Promise<Worked> {
  const { job } = work;
  const whole = partsOfWork(work);
  let parts = whole;
  for (;;) {
    try {
      return await workThrough(work, parts);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      const smaller = halved(job, parts[0].place);
      if (!smaller) await work.failover.replace(error);
      parts = smaller ?? whole;
    }
  }
}

function partsOfWork({ job, recipe }: Work): Part[] {
  const { picture, area } = job;
  const width = (area.width * job.width) / picture.width;
  const height = (area.height * job.height) / picture.height;
  return partsOf(job, Math.min(recipe.partSide, sideFor(width, height, MOST_PIXELS)));
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
async function workThrough(work: Work, parts: readonly Part[]): Promise<Worked> {
  const { job, options, reporter } = work;
  const start = parts.length > 1 && job.shown ? await inTurns(job.shown()) : job.start();
  const journal = work.journal.within(`of ${parts.length}`);
  const kept = keptParts(journal);
  const canvas = new Canvas(start, job.finish, kept?.colour);
  const done: Done[] = kept ? [...kept.done] : [];
  for (const { runs } of done) reporter.finish(stepsOf(runs));
  for (const [i, part] of parts.entries()) {
    if (i < done.length) continue;
    throwIfAborted(options);
    if (i > 0 && (options.stopSignal?.aborted || reporter.left <= 0)) break;
    const name = `part ${i}`;
    const one = await workOn({ ...work, journal: journal.within(name) }, canvas, part, [i, parts.length]);
    done.push(one);
    if (one.runs?.stoppedBy === 'user') break;
    journal.drop(name);
    keepParts(journal, done, canvas.colour);
  }
  if (!done.some(({ runs }) => runs)) throw new OutOfMemoryError(done[0].refused!);
  const { otherwise } = job;
  const ended = options.stopSignal?.aborted ? 'user' : 'time';
  const report = reportOf({ done, parts: parts.length, otherwise, ended, seconds: reporter.elapsed / 1000 });
  return { colour: canvas.colour, ...report };
}

/** Works on part number `index` of `count` and lays it into the canvas. */
async function workOn(
  work: Work,
  canvas: Canvas,
  part: Part,
  [index, count]: [number, number],
): Promise<Done> {
  const { failover, job, recipe, options, reporter, journal } = work;
  const { seed = 0 } = options;
  const problem = job.problem(part.box);
  const patch = (colour: Float32Array) => ({
    box: problem.box,
    colour: problem.compose(colour),
  });
  const later = (count - index - 1) * recipe.runs * recipe.steps;
  const until = reporter.elapsed + reporter.left / (count - index);
  const running = averageOfRuns(
    failover,
    { problem, recipe, options, journal, left: () => until - reporter.elapsed },
    (run) => (seed + (index * recipe.runs + run) * SEED_STRIDE) >>> 0,
    ({ estimate, steps, ...standing }) =>
      reporter.report({ ...standing, steps: steps + later, part: index + 1, parts: count }, async () =>
        canvas.preview(part, patch(await estimate())),
      ),
  );
  const runs = await running.catch((error: unknown) => {
    if (error instanceof OutOfMemoryError && isGrown(problem, part)) return error;
    throw error;
  });
  if (runs instanceof OutOfMemoryError) return { refused: runs.message };
  const { colour: raw, ...facts } = runs;
  const steps = stepsOf(facts);
  reporter.finish(steps);
  // Next to parts that are done, one that is only just begun would be a patch of noise.
  if (runs.stoppedBy === 'user' && index > 0 && steps < recipe.bestFrom) return { runs: facts };
  await turn();
  const { colour, share } = problem.settle ? await inTurns(problem.settle(raw)) : { colour: raw, share: 1 };
  await turn();
  canvas.lay(part, patch(colour));
  return { runs: facts, share };
}

function stepsOf(runs: RunsFacts | undefined): number {
  return runs?.outcomes.reduce((sum, { history }) => sum + history.length, 0) ?? 0;
}

/** What the journal calls the parts that are done. */
const NAME = 'parts';

function keepParts(journal: Journal, done: readonly Done[], colour: Float32Array): void {
  const planes: Record<string, Float32Array> = { colour };
  const facts = done.map(({ runs, ...one }, i) => {
    if (!runs) return one;
    const packed = packOutcomes(runs.outcomes, `${i} `);
    Object.assign(planes, packed.planes);
    return { ...one, stoppedBy: runs.stoppedBy, outcomes: packed.facts };
  });
  journal.keep(NAME, { facts, planes });
}

function keptParts(
  journal: Journal,
): { readonly done: readonly Done[]; readonly colour: Float32Array } | undefined {
  const kept = journal.find(NAME);
  if (!kept) return undefined;
  const facts = kept.facts as readonly (Done & { stoppedBy: RunsFacts['stoppedBy']; outcomes?: unknown })[];
  const done = facts.map(({ stoppedBy, outcomes, ...one }, i) =>
    outcomes
      ? { ...one, runs: { stoppedBy, outcomes: unpackOutcomes(outcomes, kept.planes, `${i} `) } }
      : one,
  );
  return { done, colour: kept.planes.colour };
}

/** Whether it takes more than the part's own pixels to have some that are known. */
const isGrown = ({ width, height }: Problem, { place }: Part) => width * height > place.width * place.height;
