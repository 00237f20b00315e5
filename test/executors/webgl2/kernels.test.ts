import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KERNEL_CASES } from '../kernel-cases.ts';
import { NO_BROWSER, type OpenPage, openPage } from './browser.ts';

describe('webgl2 kernels in Chromium', { timeout: 180_000 }, () => {
  let page: OpenPage;
  beforeAll(async () => {
    if (!NO_BROWSER) page = await openPage();
  });
  afterAll(() => page?.close());

  test.for(KERNEL_CASES)('$name', async ({ name }, { skip }) => {
    if (NO_BROWSER) skip(NO_BROWSER);
    expect(await page.call('kernel', name)).toBe('');
  });

  test('with 4 attachments and textures of 1024², in cells of 2×2 and columns of tiles', async ({ skip }) => {
    if (NO_BROWSER) skip(NO_BROWSER);
    const cases = '^tall|33→20|^norm 3×|^pointwise 33|×1.5|TV$|of 1021|^muon';
    const outcomes = await page.call<string[]>('limited', cases);
    expect(outcomes.length).toBeGreaterThanOrEqual(8);
    expect(new Set(outcomes)).toEqual(new Set(['ok']));
  });
});
