import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/engine/checkpoints/journal.ts';
import { Failover } from '../../src/engine/executors/failover.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { psnr, type RestoreOptions, restore } from '../../src/engine/index.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { denoiseByLearning } from '../../src/engine/zero-shot/denoise.ts';
import { noiseLessons } from '../../src/engine/zero-shot/noise-lessons.ts';
import { nodeThreads } from '../../src/node/threads.ts';
import { noisy, scene } from '../support/pictures.ts';

nodeThreads(1); // relaxed SIMD where it needs a flag

describe('denoising that is learnt from the whole picture', () => {
  const clean = scene(96, 64);
  const given = noisy(clean, 25);
  const options = { task: 'denoise', quality: 'best', executor: 'wasm' } as const satisfies RestoreOptions;

  it('takes the noise off, and stays the estimate where there was no time to', async () => {
    const failover = await Failover.start('wasm', undefined, undefined);
    const picture = toPicture(given);
    const by = (steps: number, isOver: boolean) =>
      denoiseByLearning(
        { picture, estimate: toPicture(clean).colour, noise: whiteNoise(3, 25) },
        {
          ...{ failover, quality: 'best', seed: 0, journal: Journal.of(), allowed: Number.POSITIVE_INFINITY },
          settings: { channels: 8, steps, laterSteps: 0, largestStep: 2, seeds: 1, views: 2 },
          ...{ clock: () => 0, stopped: () => false, over: () => isOver, report: async () => {} },
        },
      );
    const done = await by(40, false);
    expect(done).toMatchObject({ ended: 'steps', networks: 1 });
    expect(done.losses).toHaveLength(40);
    const n = picture.width * picture.height;
    const planes = [0, 1, 2].map((c) => done.colour.subarray(c * n, (c + 1) * n));
    expect(psnr({ ...clean, planes }, clean)).toBeGreaterThan(psnr(given, clean) + 2);
    const late = await by(1, true);
    expect(late.ended).toBe('time');
    expect(late.colour).toEqual(toPicture(clean).colour);
    failover.dispose();
  });

  it('is what the best answer has of a network, from 64 px on', async () => {
    const stop = new AbortController();
    const best = await restore(given, {
      ...options,
      stopSignal: stop.signal,
      onProgress: ({ stage, step }) => {
        if (stage === 'network' && step > 1) stop.abort();
      },
    });
    expect(best).toMatchObject({ stages: ['nonlocal', 'network'], parts: 1, stoppedBy: 'user' });
    expect(psnr(best.image, clean)).toBeGreaterThan(psnr(given, clean) + 8);
  });

  it('needs 64 px, of which all are seen', async () => {
    const less = noisy(scene(96, 63), 25);
    const hidden = { ...given, planes: [...given.planes, given.planes[0].map((_, i) => Number(i > 0))] };
    for (const image of [less, hidden])
      expect(await restore(image, options)).toMatchObject({ stages: ['nonlocal'], steps: 0 });
  });

  it('draws noise of the level that was found', () => {
    const picture = toPicture({ ...clean, planes: clean.planes.map((plane) => plane.map(() => 0.5)) });
    const lessons = atOnce(noiseLessons(picture, picture.colour, whiteNoise(3, 10), 0));
    expect(lessons.map(([, share]) => share)).toEqual(Array(6).fill(1 / 6));
    const [{ blurred, sharp }] = lessons[0];
    expect(sharp).toBe(picture.colour);
    const energy = blurred.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / blurred.length;
    expect(255 * Math.sqrt(energy)).toBeCloseTo(10, 0);
    expect(lessons[1][0].blurred).not.toEqual(blurred);
  });
});
