import type { Prior, Quality, Task } from '../choices.ts';
import type { Size } from '../image/box.ts';
import { cutIntoParts, sideFor } from '../image/parts.ts';
import { toPlanes } from '../image/picture.ts';
import { priorOf, type RestoreOptions } from '../options.ts';
import { type Recipe, recipeFor } from '../recipes.ts';
import { restore } from '../restore.ts';
import { MOST_PIXELS } from '../run/in-parts.ts';
import { jobOf, scaleOf, TASK_KINDS } from '../tasks/index.ts';
import type { Cost } from './estimate.ts';
import { madeUp, type Sample, scattered } from './sample.ts';

type Asked = RestoreOptions & { readonly quality: Quality };
/** What the network's steps take over all parts of an image of a size. */
export async function networkCost(
  size: Size,
  { picture, mask }: Sample,
  task: Task,
  asked: Asked,
): Promise<Pick<Cost, 'seconds' | 'bytes'>> {
  const scale = scaleOf(task, asked);
  const result = { width: Math.round(size.width * scale), height: Math.round(size.height * scale) };
  const { holeRadius } = TASK_KINDS[task].fills ? await jobOf(task, picture, { ...asked, mask }) : {};
  const recipe = recipeFor(task, asked, { holeRadius, impulse: asked.diagnosis?.impulse });
  const side = Math.min(recipe.partSide, sideFor(result.width, result.height, MOST_PIXELS));
  const parts = cutIntoParts({ area: { x: 0, y: 0, ...size }, picture: size, result }, side);
  const { place } = parts[0];
  const pace = await paceOf(place, picture.channels, task, asked, recipe);
  const pixels = (place.width * place.height) / pace.pixels;
  return {
    seconds: parts.length * (recipe.runs * pace.start + usualSteps(recipe, task, asked) * pace.step * pixels),
    bytes: pace.bytes * pixels,
  };
}

/**
 * Where the first run stops by itself, as a share of its steps, and the best of them, which the other runs take: barbara
 * and kodim23, 128², σ = 20 (132 and 109, 166 and 141, 234 and 259 steps), and what recipes.ts tells of F16 at 256².
 * Compression artefacts, Q 15, take all of the first run's steps.
 */
const STOPS: Readonly<
  Partial<Record<Task, Readonly<Record<Quality, readonly [first: number, best: number]>>>>
> = {
  denoise: { fast: [0.6, 0.6], balanced: [0.4, 0.4], best: [0.35, 0.25] },
};

/** Steps of all runs of a part, as they usually stop. */
function usualSteps({ steps, runs, keep, patience }: Recipe, task: Task, asked: Asked): number {
  const stops = keep === 'best' && Number.isFinite(patience) && asked.expert?.optimiser !== 'adam';
  const [first, best] = (stops && STOPS[task]?.[asked.quality]) || [1, 1];
  return steps * (first + (runs - 1) * best);
}

/** Seconds a start and a step on so many pixels, and the memory of such a run. */
interface Pace {
  readonly start: number;
  readonly step: number;
  readonly bytes: number;
  readonly pixels: number;
}

/** Largest side of what is timed, px: parts are about as large, and where they are not a step's time goes by pixels. */
const SIDE = 256;
const STEPS = 10;
const WARM_STEPS = 2;

/** By all that a step's time depends on; a process stays on its machine. */
const paces = new Map<string, Promise<Pace>>();

function paceOf(place: Size, channels: number, task: Task, asked: Asked, recipe: Recipe): Promise<Pace> {
  const size = { width: Math.min(SIDE, place.width), height: Math.min(SIDE, place.height) };
  const { executor = 'auto', expert } = asked;
  const prior: Prior = priorOf(asked) === 'tv' ? 'tv' : 'network';
  const { architecture, channels: net, input } = recipe;
  const key = JSON.stringify([
    size,
    channels,
    task,
    executor,
    expert?.optimiser,
    prior,
    architecture,
    net,
    input,
  ]);
  const known = paces.get(key);
  if (known) return known;
  const measured = measure(size, channels, task, { ...asked, prior });
  paces.set(key, measured);
  measured.catch(() => paces.delete(key)); // another time it may not be aborted
  return measured;
}

/** Twice a few steps: the first time compiles. */
async function measure(size: Size, channels: number, task: Task, asked: Asked): Promise<Pace> {
  const scale = scaleOf(task, asked);
  const side = (n: number) => Math.max(8, Math.round(n / scale));
  const picture = madeUp(side(size.width), side(size.height));
  const planes = toPlanes(picture).planes.slice(0, channels < 3 ? 1 : 3);
  const image = { planes, width: picture.width, height: picture.height };
  const mask = TASK_KINDS[task].fills ? scattered(picture) : undefined;
  const few = {
    task,
    mask,
    guide: undefined,
    maxSeconds: undefined,
  };
  const run = async (steps: number): Promise<Pace> => {
    const began = performance.now();
    const at: { step: number; ms: number }[] = [];
    const onProgress = ({ step }: { step: number }) => at.push({ step, ms: performance.now() - began });
    const { bytes } = await restore(image, {
      ...{ ...asked, ...few, previewEveryMs: 0, onProgress },
      expert: { ...asked.expert, runs: 1, earlyStop: false, steps },
    });
    const [first, last] = [at[0], at[at.length - 1]];
    const step = (last.ms - first.ms) / Math.max(1, last.step - first.step) / 1000;
    const pixels = Math.round(picture.width * scale) * Math.round(picture.height * scale);
    return { start: Math.max(0, first.ms / 1000 - first.step * step), step, bytes, pixels };
  };
  await run(WARM_STEPS);
  return run(STEPS);
}
