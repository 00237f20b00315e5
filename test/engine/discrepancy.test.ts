import { describe, expect, it } from 'vitest';
import { restore } from '../../src/engine/index.ts';
import { Discrepancy } from '../../src/engine/stopping/discrepancy.ts';
import { cleanRaster, noisy } from './images.ts';

const records = (losses: number[]) => losses.map((loss, step) => ({ step, loss, variance: 0 }));

describe('the discrepancy principle', () => {
  it('is reached by the running loss, not by one lucky step', () => {
    const watch = new Discrepancy(0.5);
    expect(watch.reached(records([2, 1.5, 1.2, 0.4, 1.1]))).toBe(false);
    expect(watch.reached(records(Array(30).fill(0.45)))).toBe(true);
  });

  it('is never reached without a measured noise', () => {
    expect(new Discrepancy(0).reached(records([1e-9, 1e-9]))).toBe(false);
  });

  it('stops a fast denoising before its last step, unless told not to', async () => {
    const image = noisy(cleanRaster(48, 40), 60);
    const run = (earlyStop: boolean) =>
      restore(image, {
        task: 'denoise',
        quality: 'fast',
        executor: 'wasm',
        previewEveryMs: 0,
        expert: { earlyStop },
      });
    const [stopped, whole] = [await run(true), await run(false)];
    expect(stopped.stoppedBy).toBe('discrepancy');
    expect(stopped.steps).toBeLessThan(whole.steps / 2);
    expect(stopped.losses.at(-1)).toBeGreaterThan(whole.losses.at(-1)!);
    expect(whole.stoppedBy).toBe('steps');
  });
});
