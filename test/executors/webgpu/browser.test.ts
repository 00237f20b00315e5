import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../scripts/machine.mjs';
import { openServed, type ServedPage } from '../../support/served-page.ts';
import type { PageResult } from './browser-page.ts';
import { COMPILES } from './open.ts';

describe.skipIf(!findChromium())('WebGPU in Chromium (needs a browser)', COMPILES, () => {
  let served: ServedPage;
  beforeAll(async () => {
    served = await openServed(new URL('browser-page.ts', import.meta.url));
  });
  afterAll(() => served?.close());

  it('takes the same steps as the reference, twice, and leaves no buffer behind', async (context) => {
    if (!(await served.page.evaluate('navigator.gpu && navigator.gpu.requestAdapter().then(Boolean)')))
      context.skip('this Chromium offers no WebGPU adapter');
    const result = await served.page.evaluate(() =>
      (globalThis as unknown as { compare(): Promise<PageResult> }).compare(),
    );
    expect(result.adapter).not.toBe('');
    for (const [name, difference] of Object.entries(result.worst))
      expect(difference, `${name} on ${result.adapter}`).toBeLessThan(1e-4);
    expect(result.repeats).toBe(true);
    expect(result.buffersLeft).toBe(0);
  });
});
