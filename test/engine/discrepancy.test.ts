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

  it('stops a fast denoising sooner when the noise is stronger', async () => {
    const clean = cleanRaster(48, 40);
    const run = (sigma: number) =>
      restore(noisy(clean, sigma), { task: 'denoise', quality: 'fast', executor: 'wasm', previewEveryMs: 0 });
    const [little, much] = [await run(12), await run(60)];
    expect(much.stoppedBy).toBe('discrepancy');
    expect(much.steps).toBeLessThan(little.steps);
  });
});
