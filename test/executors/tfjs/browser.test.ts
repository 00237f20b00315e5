import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../scripts/machine.mjs';
import { openServed, type ServedPage } from '../../support/served-page.ts';
import type { PageResult } from './browser-page.ts';

describe.skipIf(!findChromium())('tfjs in Chromium (needs a browser)', () => {
  let served: ServedPage;
  beforeAll(async () => {
    served = await openServed(new URL('browser-page.ts', import.meta.url));
  });
  afterAll(() => served?.close());

  it.each(['webgl', 'webgpu'] as const)('%s takes the same step as the reference', async (backend) => {
    const { adapter, tensorsLeft, worst } = await served.page.evaluate(
      ([name]) => (globalThis as unknown as { compare(b: string): Promise<PageResult> }).compare(name),
      [backend],
    );
    expect(adapter).not.toBe('');
    expect(tensorsLeft).toBe(0);
    for (const [name, difference] of Object.entries(worst))
      expect(difference, `${name} on ${adapter}`).toBeLessThan(1e-4);
  });
});
