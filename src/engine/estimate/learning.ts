import { Journal } from '../checkpoints/journal.ts';
import type { Quality, Task } from '../choices.ts';
import { Failover } from '../executors/failover.ts';
import type { Size } from '../image/box.ts';
import type { Picture } from '../image/picture.ts';
import { premultiply } from '../image/premultiply.ts';
import type { RestoreOptions } from '../options.ts';
import { never, unhurried } from '../stopping/pace.ts';
import { jobOf } from '../tasks/index.ts';
import { refine, refinesAfter, roundsOf } from '../tasks/refine.ts';
import type { Job } from '../tasks/task.ts';
import { inTurns } from '../time-slicing.ts';
import { enlargeByLearning, stagePlans } from '../zero-shot/enlarge.ts';
import { LEARNING, LEARNING_NOISE, type LearningSettings } from '../zero-shot/settings.ts';
import type { Cost } from './estimate.ts';
import { madeUp, type Sample } from './sample.ts';

type Asked = RestoreOptions & { readonly quality: Quality };

/** What an enlargement takes whose networks learn from the picture as a whole, once that was cleaned. */
export async function enlargingCost(
  size: Size,
  sample: Sample,
  asked: Asked,
  cleaning: Task | undefined,
): Promise<Cost> {
  const { picture, share } = sample;
  const { scale = 2, quality } = asked;
  const settings = LEARNING[quality];
  const result = { width: Math.round(size.width * scale), height: Math.round(size.height * scale) };
  const plans = stagePlans(size, result, settings);
  const steps = plans.reduce((sum, plan) => sum + settings.seeds * plan.steps + plan.applying, 0);
  const planes = premultiply(picture).channels;
  const pace = await paceOf({ planes, side: Math.min(SIDE, size.width, size.height), settings, asked });
  const job = await jobOf('upscale', picture, asked);
  const last = await lastWordOf(job);
  const starts = plans.length * settings.seeds * pace.start;
  const refines = !job.estimate && refinesAfter(cleaning);
  const ofResult = result.width * result.height;
  // Of each stage: in pixels of the result, those of all rounds, and how often they are made to shrink to the picture.
  let [refined, settled] = [0, 0];
  for (const [i, { width, height }] of plans.entries()) {
    const isLast = i === plans.length - 1;
    const rounds = refines ? roundsOf(quality, { width, height, channels: planes }, isLast) : 0;
    refined += rounds * width * height;
    settled += ((rounds + 1) * width * height) / ofResult;
  }
  const refining = refined === 0 ? 0 : refined * (await refiningPace(asked));
  const seconds = starts + steps * pace.step + refining + (settled * last) / share;
  return { seconds, bytes: pace.bytes, stages: refined > 0 ? ['network', 'nonlocal'] : ['network'] };
}

/** What networks take that learn denoising from the picture as a whole; the last word is the first answer's. */
export async function denoisingCost(
  size: Size,
  { picture }: Sample,
  asked: Asked,
): Promise<Pick<Cost, 'seconds' | 'bytes'>> {
  const settings = LEARNING_NOISE;
  const [{ steps, applying }] = stagePlans(size, size, settings);
  const side = Math.min(SIDE, size.width, size.height);
  const { start, step, bytes } = await paceOf({ planes: picture.channels, side, settings, asked });
  return { seconds: settings.seeds * (start + steps * step) + applying * step, bytes };
}

/** Seconds that the last word takes. */
async function lastWordOf(job: Job): Promise<number> {
  const began = performance.now();
  await inTurns(job.lastWord!(job.start().colour));
  return (performance.now() - began) / 1000;
}

/** Seconds that a training starts in and that a step takes, and the memory of a run. */
interface Pace {
  readonly start: number;
  readonly step: number;
  readonly bytes: number;
}

let refiningKnown: Promise<number> | undefined;

/** Seconds that a round of refining takes for a pixel, but for making it shrink to the picture again. */
function refiningPace({ host, executor }: Asked): Promise<number> {
  refiningKnown ??= timeRefining({ host, executor }).catch((error: unknown) => {
    refiningKnown = undefined;
    throw error;
  });
  return refiningKnown;
}

/** Side of what a round is timed on, px. */
const REFINED_SIDE = 96;

async function timeRefining(on: Pick<Asked, 'host' | 'executor'>): Promise<number> {
  const picture = madeUp(REFINED_SIDE, REFINED_SIDE);
  const round = { ...on, rounds: 1, sigma: 10, settle: async ({ colour }: Picture) => colour } as const;
  const seconds: number[] = [];
  for (let i = 0; i < 2; i++) {
    const began = performance.now();
    await refine(picture, { ...round, pace: unhurried() });
    seconds.push((performance.now() - began) / 1000);
  }
  return seconds[1] / REFINED_SIDE ** 2;
}

/** Steps do not grow with pictures beyond this side, px. */
const SIDE = 64;
/** Steps in that time, ms, of which the last quarter is timed: those of small pictures get faster for a while. */
const STEPS = { least: 8, most: 160, ms: 1000 } as const;

interface Measured {
  readonly planes: number;
  readonly side: number;
  readonly settings: LearningSettings;
  readonly asked: Asked;
}

/** By all that a step's time depends on; a process stays on its machine. */
const paces = new Map<string, Promise<Pace>>();

function paceOf(measured: Measured): Promise<Pace> {
  const { planes, side, settings, asked } = measured;
  const key = JSON.stringify([planes, side, asked.executor, settings.channels]);
  const known = paces.get(key) ?? measure(measured);
  paces.set(key, known);
  known.catch(() => paces.delete(key)); // another time it may not be aborted
  return known;
}

async function measure({ planes, side, settings, asked }: Measured): Promise<Pace> {
  const { executor: choice = 'auto', host, signal } = asked;
  const failover = await Failover.start(choice, host, signal);
  try {
    const colour = madeUp(side, side).colour;
    const n = side * side;
    const channels = planes as 1 | 2 | 3 | 4;
    const picture = {
      ...{ width: side, height: side, channels, alpha: null },
      colour: Float32Array.from({ length: planes * n }, (_, i) => colour[i % colour.length]),
    };
    const began = performance.now();
    const at: number[] = [];
    const { bytes } = await enlargeByLearning(picture, picture, {
      ...{ failover, signal, journal: Journal.of(), clock: () => performance.now() },
      settings: { ...settings, steps: STEPS.most, seeds: 1, views: 1 },
      ...{ reduction: 'lanczos', seed: 0, allowed: Number.POSITIVE_INFINITY },
      stopped: () => {
        signal?.throwIfAborted();
        return at.length >= STEPS.least && performance.now() - began > STEPS.ms;
      },
      over: never,
      report: async () => void at.push((performance.now() - began) / 1000),
      settle: async (enlarged) => enlarged,
    });
    const last = at.length >> 2;
    const step = (at[at.length - 1] - at[at.length - 1 - last]) / last;
    return { start: Math.max(0, at[1] - 2 * step), step, bytes };
  } finally {
    failover.dispose();
  }
}
