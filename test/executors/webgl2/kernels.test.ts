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
});
