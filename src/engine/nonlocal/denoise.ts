import type { ExecutorChoice, Quality } from '../choices.ts';
import { InvalidOptionError } from '../errors.ts';
import type { EngineHost } from '../executors/host.ts';
import type { Picture } from '../image/picture.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import { type Pace, unhurried } from '../stopping/pace.ts';
import { inStretches, inTurns, type Pieces } from '../time-slicing.ts';
import { overBackdrop, takeOff } from './backdrop.ts';
import { clippedScale } from './clipped-scale.ts';
import { undoClipping } from './clipping.ts';
import { createDenoisePool } from './denoise-pool.ts';
import { alongAxes, LEAST_VARIANCE, type NoiseModel, varianceAt } from './noise-model.ts';
import { stepNoise } from './noise-tables.ts';
import { brightnessFactor, fromOpponent, opponentOf, toOpponent } from './opponent.ts';
import { type Device, type KernelPool, withPool } from './pool.ts';
import { stableScale } from './stabilised.ts';
import { type OpponentPlanes, runStep, type Source } from './step.ts';
import { type StepSettings, type StripPlanes, stripTask } from './strip.ts';

interface NonlocalContext {
  readonly host?: EngineHost;
  /** 'auto' and 'webgpu' use the graphics card where there is one; default 'auto'. */
  readonly executor?: ExecutorChoice;
  readonly signal?: AbortSignal;
  readonly quality: Quality;
  /** The steps, every one guided by the one before; default those of the quality. */
  readonly steps?: readonly StepSettings[];
  /** What there is no time for stays as it was, or as the last step had it; absent = there is time for all. */
  readonly pace?: Pace;
  /** Told what has computed it, once it is done. */
  ran?(devices: readonly Device[]): void;
  /** Says how much is done, 0 … 1, and what the picture's colour would be now. */
  progress?(done: number, colour: () => Pieces<Float32Array>): Promise<void>;
}

export const FIRST: StepSettings = { patch: 4, radius: 11, members: 90, stride: 2 };
/** With a guide: large patches know structure best, small ones then what is particular. */
export const LARGE: StepSettings = { patch: 8, radius: 16, members: 30, stride: 4 };
export const SMALL: StepSettings = { patch: 5, radius: 16, members: 24, stride: 2 };

/** An answer to measure by, in a third of the time of the first step. */
export const GLANCE: StepSettings = { ...FIRST, stride: 4 };

/** What is the answer has every reference that is not put back yet: .01 dB for a tenth of the time. */
const LAST: StepSettings = { ...SMALL, stride: 1 };

/**
 * The steps of each quality, every one guided by the one before. Chosen at σ = 25 on crops of F16 and of Kodak's 5, 7
 * and 23; the last two gain about .1 dB.
 */
const STEPS: Readonly<Record<Quality, readonly StepSettings[]>> = {
  fast: [FIRST, LARGE, LAST],
  balanced: [FIRST, LARGE, SMALL, LARGE, LAST],
  best: [FIRST, LARGE, SMALL, LARGE, LAST],
};

/**
 * Denoises a picture by its own repetitions: non-local Bayes (Lebrun, Buades & Morel, SIAM J. Imaging Sci. 6(3), 2013)
 * with the covariance of the noise over a patch (Lebrun, Colom & Morel, IPOL 5, 2015). No sample changes by more than the
 * noise explains.
 *
 * @param picture 1 or 3 colour planes in [0, 1], 8×8 pixels or more.
 * @param noise what is known of its noise, of as many planes.
 * @returns the colour planes in [0, 1], [channels, height, width]; what alpha hides has no part in it, and is as it was.
 * @throws InvalidOptionError for noise of other planes; GpuUnavailableError without WebAssembly SIMD; a DOMException
 * AbortError after `signal`.
 */
export async function denoiseNonlocal(
  picture: Picture,
  noise: NoiseModel,
  context: NonlocalContext,
): Promise<Float32Array> {
  const { channels } = picture;
  if ((channels !== 1 && channels !== 3) || noise.planes.length !== channels)
    throw InvalidOptionError.of('noise', `${channels} planes`, noise.planes.length);
  throwIfAborted(context);
  if (noise.planes.every((plane) => varianceAt(plane, 1) === LEAST_VARIANCE)) return picture.colour.slice();
  const { width, height } = picture;
  const wanted = { pixels: width * height, noise, steps: [FIRST, LARGE, SMALL] };
  const making = createDenoisePool(context.host, context.executor ?? 'auto', wanted);
  return withPool(making, context, (pool) => inSteps(picture, channels, noise, { ...context, pool }));
}

async function inSteps(
  picture: Picture,
  planes: 1 | 3,
  given: NoiseModel,
  {
    pool,
    progress,
    quality,
    steps = STEPS[quality],
    pace = unhurried(),
    ...context
  }: NonlocalContext & { pool: KernelPool },
): Promise<Float32Array> {
  const { width, height } = picture;
  const shown = await inTurns(overBackdrop(picture));
  const scale = given.light
    ? stableScale(given, given.light)
    : await inTurns(clippedScale(picture, given), context.signal);
  const noise = scale?.noise ?? given;
  const even = scale ? await inTurns(scale.to(shown)) : shown;
  const noisy: Source = {
    ...{ width, height, planes },
    rows: (from, to) => toOpponent(even, planes, from * width, (to - from) * width),
  };
  const samples = await inTurns(opponentOf(even, planes));
  const estimate: OpponentPlanes = { width, height, planes, samples };
  function* levels(samples: Float32Array): Pieces<Float32Array> {
    const colours = yield* fromOpponent(samples, planes);
    return scale ? yield* scale.from(colours) : colours;
  }
  function* colours(samples: Float32Array): Pieces<Float32Array> {
    return yield* takeOff(picture, shown, yield* levels(samples));
  }
  const varied = enlargedVaries(noise);
  const mean =
    steps.length === SHARES.length && isStrong(given) ? new Float32Array(estimate.samples.length) : undefined;
  for (const [i, settings] of steps.entries()) {
    const known = stepNoise(varied, settings.patch);
    const step = { ...settings, task: (strip: StripPlanes) => stripTask(strip, known, settings) };
    await runStep(noisy, estimate, i > 0, step, {
      ...{ pool, pace },
      progress: async (done, now) => {
        throwIfAborted(context);
        await progress?.((i + done) / steps.length, function* () {
          return yield* colours(yield* now());
        });
      },
    });
    if (mean) await inTurns(addShare(mean, estimate.samples, SHARES[i]));
    if (!pace.refused) continue;
    if (i <= 1 && isWeak(given)) temper(estimate.samples, noisy);
    // Clipping is judged by all of the picture.
    if (i === 0) return inTurns(colours(estimate.samples));
    break;
  }
  if (mean && !pace.refused) estimate.samples.set(mean);
  await inTurns(restrain(estimate.samples, noisy, noise), context.signal);
  const result = await inTurns(levels(estimate.samples), context.signal);
  await inTurns(undoClipping(result, picture, given), context.signal);
  return inTurns(takeOff(picture, shown, result));
}

/**
 * Noise that was enlarged with its picture is not alike at every pixel: more of it is on the pixels that there were than between, so that
 * groups of patches that lie alike on them have more than the mean. From neighbours' correlation `from`, as white noise averaged over
 * 2 × 2 has, to `all` its variance counts so many times more.
 */
const ENLARGED = { from: 0.5, all: 0.6, more: 0.3 } as const;

function enlargedVaries(noise: NoiseModel): NoiseModel {
  const { from, all, more } = ENLARGED;
  const planes = noise.planes.map((plane) => {
    const enlarged = Math.min(1, Math.max(0, (alongAxes(plane, 1) - from) / (all - from)));
    const factor = 1 + more * enlarged;
    return { ...plane, black: factor * plane.black, slope: factor * plane.slope };
  });
  return { planes };
}

/**
 * Of strong noise, σ from `STRONG` on in 1/255, every further step smooths faint texture a little more (kodim19 at σ = 50
 * and with 30 photons: − .2 dB), so that shares of all guided steps are the answer. Chosen at σ = 25, 50 and with 30
 * photons on 160² crops of F16, butterfly and Kodak's 5, 7, 19 and 23; checked on eight others.
 */
const STRONG = 30;
const SHARES = [0, 1 / 8, 3 / 8, 1 / 8, 3 / 8] as const;

/** `sum` ← sum + share · samples. */
const addShare = (sum: Float32Array, samples: Float32Array, share: number): Pieces<void> =>
  inStretches(sum.length, (from, to) => {
    for (let i = from; i < to; i++) sum[i] += share * samples[i];
  });

const isStrong = ({ planes }: NoiseModel) => varianceAt(planes[0], 0.5) >= (STRONG / 255) ** 2;

/**
 * Weak noise, σ up to `most` in 1/255, may have been measured for more than it is; then an answer that no second step has
 * looked at loses more than the noise was, so only a share of it counts.
 */
const UNGUIDED = { most: 15, share: 0.7 } as const;

const isWeak = ({ planes }: NoiseModel) => varianceAt(planes[0], 0.5) <= (UNGUIDED.most / 255) ** 2;

/** Brings an estimate nearer to what it is of, in place. */
function temper(estimate: Float32Array, { rows, width, height }: Source): void {
  const n = width * height;
  for (let row = 0; row < height; row++) {
    const before = rows(row, row + 1);
    for (let i = 0; i < before.length; i++) {
      const at = Math.floor(i / width) * n + row * width + (i % width);
      estimate[at] = before[i] + UNGUIDED.share * (estimate[at] - before[i]);
    }
  }
}

/** Gaussian noise moves no sample farther than this × its standard deviation. */
const FARTHEST = 5;

/** Brings each sample of the estimate back to where noise can have moved it from, in place. */
function* restrain(estimate: Float32Array, noisy: Source, noise: NoiseModel): Pieces<void> {
  const { width, height, planes } = noisy;
  const n = width * height;
  for (let row = 0; row < height; row++) {
    const before = noisy.rows(row, row + 1);
    for (let j = 0; j < width; j++) {
      const brightness = brightnessFactor(planes) * estimate[row * width + j];
      for (let p = 0; p < planes; p++) {
        const at = p * n + row * width + j;
        const most = FARTHEST * Math.sqrt(varianceAt(noise.planes[p], brightness));
        const moved = estimate[at] - before[p * width + j];
        estimate[at] -= moved - Math.min(most, Math.max(-most, moved));
      }
    }
    yield;
  }
}
