import type { Quality } from '../engine/choices.ts';
import { type Cost, estimate } from '../engine/estimate/estimate.ts';
import { countOf } from '../engine/image/binary-plane.ts';
import type { AnyImage } from '../engine/image/picture.ts';
import type { RestoreOptions } from '../engine/options.ts';
import { holeOf } from '../engine/tasks/hole.ts';
import { THICK } from '../engine/tasks/hole-parts.ts';
import { atOnce } from '../engine/time-slicing.ts';
import { duration } from './progress.ts';

/** Finding out would take as long as doing it, below so many pixels of result: but what learns takes as long however small it is. */
const SMALL = 1e5;
/** A hole of more than this share of the picture may leave too little to be copied, so that a network is asked at any quality. */
const VAST = 0.4;
/** Of small results no shorter time is told, s. */
const TOLD = 10;
/** Seconds above which the faster choice is named. */
const LONG = 120;
/** Share of the time up to which a faster choice is one. */
const WORTH = 0.8;

/** Share of the time given that finding out may take. */
const SHARE = 0.2;

/** Says on stderr how long it will take, before it does, if that is found out in time. */
export async function announce(image: AnyImage, options: RestoreOptions): Promise<void> {
  const { task, diagnosis, scale = 2, quality = 'balanced', stopSignal } = options;
  const result = image.width * image.height * (task === 'upscale' ? scale ** 2 : 1);
  const isSmall = result < SMALL;
  if (
    stopSignal?.aborted ||
    (isSmall && !mayLearn(image, options)) ||
    (task === 'auto' && diagnosis?.task === 'none')
  )
    return;
  const leave = new AbortController();
  const abort = () => leave.abort();
  const { maxSeconds } = options;
  const timer = maxSeconds === undefined ? undefined : setTimeout(abort, 1000 * SHARE * maxSeconds);
  stopSignal?.addEventListener('abort', abort);
  const of = async (one: Quality) =>
    (await estimate(image, { ...options, signal: leave.signal }, [one]))[one];
  try {
    const cost = await of(quality);
    if (isSmall && cost.seconds < TOLD) return;
    const faster = cost.seconds > LONG && quality !== 'fast' ? await of('fast') : undefined;
    const { gpu, gpuHint } = options.host ?? {};
    // Told by a sample too small for a card, which may denoise the whole: nobody knows yet how fast.
    const isProcessors = gpu !== undefined && cost.stages.join() === 'nonlocal';
    const where = isProcessors ? ' on the processor' : '';
    process.stderr.write(`${words(cost, where, faster, options.maxSeconds)}\n`);
    if (cost.seconds > LONG && cost.stages.includes('network') && !gpu && gpuHint)
      process.stderr.write(`A graphics card would be faster. ${gpuHint}\n`);
  } catch (error) {
    if (!leave.signal.aborted) throw error; // the run that follows says what an interrupt means
  } finally {
    clearTimeout(timer);
    stopSignal?.removeEventListener('abort', abort);
  }
}

function mayLearn(
  { width, height }: AnyImage,
  { task, quality = 'balanced', mask }: RestoreOptions,
): boolean {
  if (!mask || task !== 'inpaint') return task === 'upscale' && quality !== 'fast';
  const { known, thickness } = atOnce(holeOf(mask, width, height, { grow: 0, feather: 0 }));
  if (thickness < THICK) return false;
  return quality !== 'fast' || countOf(known, (k) => k === 0) > VAST * known.length;
}

function words(
  { seconds }: Cost,
  where: string,
  faster: Cost | undefined,
  most = Number.POSITIVE_INFINITY,
): string {
  if (seconds > most)
    return `Would take about ${duration(1000 * seconds)}${where}; ${duration(1000 * most)} are given.`;
  const instead =
    faster && faster.seconds < WORTH * seconds
      ? `; --quality fast about ${duration(1000 * faster.seconds)}`
      : '';
  return `Takes about ${duration(1000 * seconds)}${where}${instead}.`;
}
