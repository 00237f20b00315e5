import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RUN_CONTRACT } from '../run-contract.ts';
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

  test('applies a network to one input after the other without learning', async () => {
    expect(await page.call<number>('forward')).toBeLessThan(1e-4);
  });

  test('gives the same bits again, however the steps are asked for', async () => {
    const once = await page.call<number[]>('fingerprint', SKIP_NET, [7]);
    expect(await page.call('fingerprint', SKIP_NET, [7])).toEqual(once);
    expect(await page.call('fingerprint', SKIP_NET, [1, 4, 2])).toEqual(once);
    expect(await page.call('fingerprint', SKIP_NET, [6])).not.toEqual(once);
    const muon = await page.call<number[]>('fingerprint', MUON_NET, [3]);
    expect(await page.call('fingerprint', MUON_NET, [2, 1])).toEqual(muon);
  });

  test.for(RUN_CONTRACT)('as every run: $name', async ({ name }) => {
    expect(await page.call('contract', name)).toBe('');
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

  test.for([
    ['is lost', false, /^DeviceLostError: The GPU was lost/],
    ['answers nothing any more', true, /^DeviceLostError: The GPU has not answered/],
  ] as const)('a context that %s ends the run', async ([, hung, error]) => {
    expect(await page.call('lose', PIXELS, hung)).toMatch(error);
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
