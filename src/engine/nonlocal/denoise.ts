import type { EngineHost } from '../executors/host.ts';
import type { Picture } from '../image/picture.ts';
import type { Quality } from '../options.ts';
import { throwIfAborted } from '../stopping/abort.ts';
import type { NoiseModel } from './noise-model.ts';
import { fromOpponent, toOpponent } from './opponent.ts';
import { createPool, type KernelPool } from './pool.ts';
import { runStep, type Source, sourceOf } from './step.ts';
import { type StepSettings, stepNoise } from './strip.ts';

export interface NonlocalContext {
  readonly host?: EngineHost;
  readonly signal?: AbortSignal;
  readonly quality: Quality;
  /** Says how much is done, 0 … 1, and what the picture's colour would be now. */
  progress?(done: number, colour: () => Float32Array): Promise<void>;
}

/** The noise is in what the first step takes its covariances of, hence no load. */
export const FIRST: StepSettings = {
  ...{ patch: 4, radius: 11, members: 90, enough: 1 },
  ...{ joint: false, load: 0, ridge: 0.002, flat: 1.05 },
};
export const SECOND: StepSettings = {
  ...{ patch: 5, radius: 19, members: 60, enough: 1 },
  ...{ joint: true, load: 1, ridge: 0.001, flat: 0 },
};

/**
 * Denoises a picture by its own repetitions: non-local Bayes in two steps (Lebrun, Buades & Morel, SIAM J. Imaging Sci.
 * 6(3), 2013), with the noise's covariance over patches in place of σ² (Lebrun, Colom & Morel, IPOL 5, 2015).
 *
 * @param picture 1 or 3 colour planes in [0, 1].
 * @param noise what is known of its noise; as many planes.
 * @returns the colour planes, [channels, height, width]; what alpha hides is as it was.
 * @throws GpuUnavailableError without WebAssembly SIMD; a DOMException AbortError after `signal`.
 */
export async function denoiseNonlocal(
  picture: Picture,
  noise: NoiseModel,
  context: NonlocalContext,
): Promise<Float32Array> {
  throwIfAborted(context);
  const pool = await createPool(context.host);
  const abort = () => pool.dispose();
  context.signal?.addEventListener('abort', abort);
  try {
    return await twoSteps(picture, noise, pool, context);
  } finally {
    context.signal?.removeEventListener('abort', abort);
    pool.dispose();
  }
}

async function twoSteps(
  picture: Picture,
  noise: NoiseModel,
  pool: KernelPool,
  { progress }: NonlocalContext,
) {
  const planes = picture.channels as 1 | 3;
  const { width, height, colour } = picture;
  const noisy: Source = {
    width,
    height,
    planes,
    rows: (from, to) => toOpponent(colour, planes, from * width, (to - from) * width),
  };
  const stage = (from: number, to: number) => ({
    pool,
    progress: async (done: number, now: () => Float32Array) =>
      progress?.(from + (to - from) * done, () => fromOpponent(now(), planes)),
  });
  const first = await runStep(noisy, undefined, stepNoise(noise, FIRST.patch), FIRST, stage(0, 0.3));
  const guide = sourceOf(first, planes, width, height);
  const second = await runStep(noisy, guide, stepNoise(noise, SECOND.patch), SECOND, stage(0.3, 1));
  return fromOpponent(second, planes);
}
