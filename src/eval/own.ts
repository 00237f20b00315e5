import type { Quality } from '../engine/choices.ts';
import type { PlanarImage, RestoreOptions } from '../engine/options.ts';
import { restore } from '../engine/restore.ts';
import { nodeHost } from '../node/host.ts';
import type { Case } from './cases.ts';
import { type Scores, scoresOf } from './scores.ts';

/** One run of this project's engine on a case, stopped by itself. */
interface OwnResult extends Scores {
  readonly seconds: number;
  readonly steps: number;
  readonly bestStep: number;
  readonly stoppedBy: string;
  readonly executor: string;
  /** With `bestToo`: the highest PSNR of the average anywhere in the same run let run on to its last step. */
  readonly best?: { readonly psnr: number; readonly step: number };
  readonly restored: PlanarImage;
}

/** Restores a case; `bestToo` runs it a second time, without the stop, for the best step a reference would choose. */
export async function runOwn(
  test: Case,
  quality: Quality,
  more: Partial<RestoreOptions>,
  bestToo: boolean,
): Promise<OwnResult> {
  const { kind, damaged, mask, seed } = test;
  const options: RestoreOptions = {
    task: kind.task,
    quality,
    seed,
    ...(mask ? { mask } : {}),
    ...(kind.damage.downscale ? { scale: kind.damage.downscale } : {}),
    host: await nodeHost(more.executor),
    ...more,
  };
  const result = await restore(damaged, { ...options, previewEveryMs: 0 });
  const { steps, bestStep, stoppedBy, seconds, executor } = result;
  const restored = result.image;
  const facts = { ...scoresOf(test, restored), steps, bestStep, stoppedBy, seconds, executor, restored };
  if (!bestToo) return facts;
  let best = { psnr: facts.psnr, step: bestStep };
  await restore(damaged, {
    ...options,
    expert: { ...options.expert, earlyStop: false },
    previewEveryMs: 1,
    onProgress: ({ step, preview }) => {
      if (!preview) return;
      const { psnr } = scoresOf(test, preview);
      if (psnr > best.psnr) best = { psnr, step };
    },
  });
  return { ...facts, best };
}
