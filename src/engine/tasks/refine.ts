import type { ExecutorChoice, Quality, Task } from '../choices.ts';
import type { EngineHost } from '../executors/host.ts';
import type { Picture } from '../image/picture.ts';
import { whiteNoise } from '../nonlocal/noise-model.ts';
import type { Device } from '../nonlocal/pool.ts';
import type { Pace } from '../stopping/pace.ts';

const ROUNDS: Readonly<Record<Quality, number>> = { fast: 2, balanced: 4, best: 6 };
/**
 * Of what a further enlargement learns from: of butterfly ×4 2 rounds leave 0.4 dB more than 6, and 3 and 4 something between;
 * bird loses 0.04.
 */
const ROUNDS_BETWEEN = 2;
/** Pixels of all rounds together, at most, half as many between steps: of large results there are fewer. */
const MOST_REFINED = 2 ** 22;
/**
 * What is wrong with an enlargement ×2 counts as noise of this σ, in 1/255; of others by a power of how much they add. Chosen on
 * bird, woman and butterfly ×4 (14) and bird and kodim05 ×2; on all of them 5 gains a third of it, 20 more on some, less on others.
 */
const SIGMA = 10;
const GROWTH = 0.3;
/** Of what goes on from a refined enlargement less is wrong. Of bird and butterfly ×4 14 gains 0.04 dB less in four rounds, and takes 0.1 away. */
const SIGMA_AGAIN = 9;

export interface Refining {
  readonly host?: EngineHost;
  readonly executor?: ExecutorChoice;
  readonly signal?: AbortSignal;
  readonly pace: Pace;
  /** How often, at most. */
  readonly rounds: number;
  /** What is wrong with the enlargement counts as noise of this deviation, 1/255. */
  readonly sigma: number;
  /** What of an enlargement shrinks to the picture again. */
  settle(enlarged: Picture): Promise<Float32Array>;
}

/**
 * What is wrong with an enlargement by `scale` counts as noise of this σ, in 1/255.
 *
 * @param again whether what was enlarged was refined itself.
 */
export function sigmaOf(scale: number, again: boolean): number {
  const sigma = SIGMA * (scale - 1) ** (scale < 2 ? 1 : GROWTH);
  return again ? Math.min(SIGMA_AGAIN, sigma) : sigma;
}

interface Refined extends Picture {
  /** What computed it. */
  readonly devices: readonly Device[];
}

/**
 * Whether enlarging goes on to refine, after the picture was cleaned of something: what was denoised by its repetitions loses by
 * more of it, 0.12 dB of butterfly and kodim07 with noise of σ 10 and 15, ×2.
 */
export const refinesAfter = (cleaning: Task | undefined) => cleaning !== 'denoise';

/**
 * How often an enlargement is refined; only of grey and of three colours are repetitions known.
 *
 * @param isLast whether it is the result, and no further one learns from it.
 */
export function roundsOf(
  quality: Quality,
  { width, height, channels }: Omit<Picture, 'colour' | 'alpha'>,
  isLast: boolean,
): number {
  if (channels !== 1 && channels !== 3) return 0;
  const [rounds, most] = isLast
    ? [ROUNDS[quality], MOST_REFINED]
    : [Math.min(ROUNDS[quality], ROUNDS_BETWEEN), MOST_REFINED / 2];
  return Math.min(rounds, Math.floor(most / (width * height)));
}

/**
 * Brings an enlargement nearer to the picture's own repetitions: what is wrong with it is alike in no two places, as noise is
 * not, so that denoising it and making it shrink to the picture again, in turns, keeps what all of them agree on (a plug-and-play
 * prior: Venkatakrishnan, Bouman & Wohlberg, GlobalSIP 2013; with back-projections: Tirer & Giryes, IEEE TIP 28, 2019).
 */
export async function refine(
  enlarged: Picture,
  { pace, rounds, sigma, settle, ...context }: Refining,
): Promise<Refined> {
  const { denoiseNonlocal } = await import('../nonlocal/denoise.ts');
  const noise = whiteNoise(enlarged.channels as 1 | 3, sigma);
  let picture = enlarged;
  let devices: readonly Device[] = [];
  const ran = (by: readonly Device[]) => {
    devices = by;
  };
  for (let round = rounds; round > 0 && pace.allows(); round--)
    picture = await pace.time(async () => {
      const colour = await denoiseNonlocal(picture, noise, { ...context, quality: 'fast', pace, ran });
      return { ...picture, colour: await settle({ ...picture, colour }) };
    });
  return { ...picture, devices };
}
