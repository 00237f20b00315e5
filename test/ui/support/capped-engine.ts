// Stands in for src/engine/index.ts: the real engine on a small net with few steps, for graphics cards in software and
// for images of many megapixels.
import type { RasterImage, RestoreOptions } from '../../../src/engine/options.ts';
import { restore as restoreFully } from '../../../src/engine/restore.ts';

export { findDefects, withOverlays } from '../../../src/engine/defects/find.ts';
export { describeDefects, describeOverlays } from '../../../src/engine/defects/words.ts';
export { analyse } from '../../../src/engine/diagnosis/at-once.ts';

const CAP = { net: '8,16', optimiser: 'adam', learningRate: 0.03, emaDecay: 0.9, runs: 1 } as const;
/** Enough to get some of the way from noise to the picture, so that executors that differ would show it. */
const STEPS = 24;
/** Enough to have everything done once; of pictures of more than MANY pixels. */
const FEW_STEPS = 3;
const MANY = 2 ** 17;

/** How long the real nets would take is not looked at here. */
export async function estimate() {
  const cost = { seconds: 1, bytes: 0, stages: [] };
  return { fast: cost, balanced: cost, best: cost };
}

export function restore(image: RasterImage, options: RestoreOptions) {
  const steps = image.width * image.height > MANY ? FEW_STEPS : STEPS;
  return restoreFully(image, { ...options, expert: { ...CAP, steps } });
}
