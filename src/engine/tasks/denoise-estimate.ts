import type { Diagnosis } from '../damage/analyse.ts';
import { outliersOf } from '../damage/impulses.ts';
import type { NoisePatch } from '../damage/patches.ts';
import { tentTable } from '../image/axis-table.ts';
import type { Picture } from '../image/picture.ts';
import { applyTables } from '../image/resize.ts';
import { denoiseNonlocal } from '../nonlocal/denoise.ts';
import { whiteNoise } from '../nonlocal/noise-model.ts';
import type { Quality } from '../options.ts';
import { inTurns } from '../turns.ts';
import { inpaint } from './inpaint.ts';
import type { Estimate, EstimateContext, Job } from './task.ts';

/**
 * The network's share where both answers are mixed. On ten crops at σ = 25 a mix of .7 and .3 was 0 to .24 dB above
 * published non-local Bayes, for a hundred times its work; beside the steps it has here that is not measured yet.
 */
const NETWORK_SHARE: Readonly<Record<Quality, number>> = { fast: 0, balanced: 0, best: 0.3 };

/** The non-local answer of a denoising job; none without a diagnosis. */
export function denoiseEstimate(
  picture: Picture,
  diagnosis: Diagnosis | undefined,
  patches: readonly NoisePatch[] | undefined,
): Job['estimate'] {
  const { channels } = picture;
  if (!diagnosis || (channels !== 1 && channels !== 3)) return undefined;
  if (diagnosis.impulse) return (context) => withoutOutliers(picture, context);
  const { sigma, growth, model = whiteNoise(channels, sigma, growth) } = diagnosis.noise;
  const noisy = patches && shareOfNoise(picture, patches);
  const keep = (colour: Float32Array) => (noisy ? inPlaces(picture.colour, colour, noisy) : colour);
  return async ({ host, signal, quality, progress }) => {
    const colour = await denoiseNonlocal(picture, model, {
      ...{ host, signal, quality },
      progress: (done, now) => progress(done, () => keep(now())),
    });
    return { colour: keep(colour), networkShare: NETWORK_SHARE[quality] };
  };
}

/** What impulses hit is lost, so it is filled from the picture's own repetitions. */
async function withoutOutliers(picture: Picture, context: EstimateContext): Promise<Estimate | undefined> {
  const { width, height, colour } = picture;
  const outliers = await inTurns(outliersOf(picture));
  const known = new Uint8Array(width * height).fill(255);
  outliers.forEach((hit, i) => {
    if (hit) known[i % known.length] = 0;
  });
  if (!known.includes(0) || !known.includes(255)) return { colour, networkShare: 0 };
  const filled = await inpaint(picture, { task: 'inpaint', mask: { data: known, width, height } }).estimate?.(
    context,
  );
  // Of a pixel with one colour hit the others stand.
  return filled && { ...filled, colour: filled.colour.map((value, i) => (outliers[i] ? value : colour[i])) };
}

/** Width, px, over which noise in places fades into none. */
const FADE = 16;

/** Per pixel: 1 in patches with noise, 0 in those without. */
function shareOfNoise({ width, height }: Picture, patches: readonly NoisePatch[]): Float32Array {
  const share = new Float32Array(width * height);
  for (const { x, y, width: w, height: h, noise } of patches)
    if (noise) for (let row = y; row < y + h; row++) share.fill(1, row * width + x, row * width + x + w);
  return applyTables(share, 1, tentTable(height, FADE), tentTable(width, FADE));
}

function inPlaces(before: Float32Array, after: Float32Array, share: Float32Array): Float32Array {
  return after.map((value, i) => before[i] + share[i % share.length] * (value - before[i]));
}
