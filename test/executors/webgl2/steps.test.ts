import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { STEP_CASES } from '../step-cases.ts';
import { NO_BROWSER, type OpenPage, openPage } from './browser.ts';

const [SKIP_NET, MUON_NET, , , DECODER, PIXELS] = STEP_CASES.map(({ name }) => name);

interface Alive {
  textures: number;
  framebuffers: number;
  buffers: number;
  programs: number;
}

describe('webgl2 runs in Chromium', { timeout: 180_000 }, () => {
  let page: OpenPage;
  beforeAll(async () => {
    if (!NO_BROWSER) page = await openPage();
  });
  beforeEach(({ skip }) => {
    if (NO_BROWSER) skip(NO_BROWSER);
  });
  afterAll(() => page?.close());

  // Muon's case has parameters whose true gradient is 0: Adam makes full steps of their rounding noise, so its
  // trajectory leaves the reference's after a few steps, whatever computes it.
  test.for(STEP_CASES)('follows the reference: $name', async ({ name }) => {
    const steps = name === MUON_NET ? 4 : 10;
    const worst = await page.call<Record<string, number>>('trajectory', name, steps);
    expect(worst.steps).toEqual(Array.from({ length: steps }, (_, i) => i));
    expect(worst.loss).toBeLessThan(1e-5);
    expect(worst.variance).toBeLessThan(1e-4);
    expect(worst.image).toBeLessThan(1e-4);
    expect(worst.best).toBeLessThan(1e-4);
  });

  test('gives the same bits again, however the steps are asked for', async () => {
    const once = await page.call<number[]>('fingerprint', SKIP_NET, [7]);
    expect(await page.call('fingerprint', SKIP_NET, [7])).toEqual(once);
    expect(await page.call('fingerprint', SKIP_NET, [1, 4, 2])).toEqual(once);
    expect(await page.call('fingerprint', SKIP_NET, [6])).not.toEqual(once);
    const muon = await page.call<number[]>('fingerprint', MUON_NET, [3]);
    expect(await page.call('fingerprint', MUON_NET, [2, 1])).toEqual(muon);
  });

  test('goes back to a checkpoint, and the steps go on', async () => {
    const { saved, after, restored, step } = await page.call<Record<string, number[]>>('rollback', SKIP_NET);
    expect(after).not.toEqual(saved);
    expect(restored).toEqual(saved);
    expect(step).toBe(5);
  });

  test('an abort ends the steps and frees everything', async () => {
    type Ends = { during: Alive; steps: string; read: string; after: Alive };
    const { during, steps, read, after } = await page.call<Ends>('abort', SKIP_NET);
    expect(during.textures).toBeGreaterThan(10);
    expect(steps).toMatch(/^AbortError/);
    expect(read).toMatch(/^AbortError/);
    expect(after).toMatchObject({ textures: 0, framebuffers: 0, buffers: 0 });
  });

  test('compiling again and again leaks nothing', async () => {
    const counts = await page.call<Alive[]>('leak', SKIP_NET, 3);
    for (const alive of counts)
      expect(alive).toEqual({ ...counts[0], textures: 0, framebuffers: 0, buffers: 0 });
  });

  test('a lost context is an error without a checkpoint', async () => {
    expect(await page.call('lose', PIXELS, false)).toMatch(/^DeviceLostError/);
  });

  test('a lost context that comes back goes on from the checkpoint', async () => {
    const records = await page.call<{ step: number; loss: number }[]>('lose', DECODER, true);
    expect(records.map(({ step }) => step)).toEqual([3, 4, 5, 6]);
    // The checkpoint was taken after two steps, and this case has no input noise: its loss comes again, bit by bit.
    const { losses } = await page.call<{ losses: number[] }>('losses', DECODER, 6);
    expect(records[0].loss).toBe(losses[2]);
    for (const { loss } of records) expect(Math.abs(loss / losses[3] - 1)).toBeLessThan(0.2);
  });

  test('runs in a worker of an insecure data: frame, as in Figma', async () => {
    const { secure, gpu, adapter, losses } = await page.inFigmaFrame<{
      secure: boolean;
      gpu: boolean;
      adapter: string;
      losses: number[];
    }>('losses', DECODER, 3);
    expect([secure, gpu]).toEqual([false, false]);
    expect(adapter).not.toBe('');
    const here = await page.call<{ losses: number[] }>('losses', DECODER, 3);
    expect(losses).toEqual(here.losses);
  });
});
