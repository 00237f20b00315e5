// Stands in for src/engine/index.ts: the real engine on a small net with few steps, for graphics cards in software.
import type { RasterImage, RestoreOptions } from '../../../src/engine/options.ts';
import { restore as restoreFully } from '../../../src/engine/restore.ts';

export { analyse } from '../../../src/engine/damage/analyse.ts';

/** Enough to get some of the way from noise to the picture, so that executors that differ would show it. */
const CAP = {
  net: '8,16',
  optimiser: 'adam',
  learningRate: 0.03,
  emaDecay: 0.9,
  runs: 1,
  steps: 24,
} as const;

export function restore(image: RasterImage, options: RestoreOptions) {
  // Runs without previews only learn the machine's pace, which is not looked at here.
  const pace = options.previewEveryMs === 0 && ({ executor: 'wasm' } as const);
  return restoreFully(image, { ...options, ...CAP, ...pace });
}
