import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KERNEL_CASES } from '../kernel-cases.ts';
import { STEP_CASES } from '../step-cases.ts';
import { NO_BROWSER, type OpenPage, openPage } from '../webgl2/browser.ts';

describe('wasm in Chromium, on one thread', { timeout: 180_000 }, () => {
  let page: OpenPage;
  beforeAll(async () => {
    if (!NO_BROWSER) page = await openPage('../wasm/page.ts');
  });
  afterAll(() => page?.close());

  test.for([false, true])('every kernel case, relaxed SIMD: %s', async (relaxed, { skip }) => {
    if (NO_BROWSER) skip(NO_BROWSER);
    if (relaxed && !(await page.call('hasRelaxedSimd'))) skip('this Chromium has no relaxed SIMD');
    expect(await page.call('kernels', relaxed)).toEqual({ failures: [], cases: KERNEL_CASES.length });
  });

  test('steps in the worker of a plugin-like frame, without SharedArrayBuffer', async ({ skip }) => {
    if (NO_BROWSER) skip(NO_BROWSER);
    type Losses = { losses: number[]; adapter: string };
    type Answer = { actual: Losses; expected: Losses; shared: boolean };
    const answer = await page.inFigmaFrame<Answer>('losses', STEP_CASES[0].name, 5);
    expect(answer.shared).toBe(false);
    expect(answer.actual.adapter).toMatch(/^1 thread, SIMD/);
    expect(answer.actual.losses).toHaveLength(5);
    answer.actual.losses.forEach((loss, i) => {
      expect(Math.abs(loss / answer.expected.losses[i] - 1)).toBeLessThan(1e-4);
    });
  });
});
