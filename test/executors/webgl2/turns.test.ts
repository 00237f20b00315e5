import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { STEP_CASES } from '../step-cases.ts';
import { NO_BROWSER, type OpenPage, openPage } from './browser.ts';

interface Seen {
  /** Questions that had to wait for something under way, of all that were asked. */
  early: string[];
  asked: number;
  /** Pieces of work that shared a task with another, of all. */
  crowded: string[];
  pieces: number;
}

describe("webgl2 on a page's own thread", { timeout: 180_000 }, () => {
  let page: OpenPage;
  beforeAll(async () => {
    if (!NO_BROWSER) page = await openPage('turns-page.ts');
  });
  beforeEach(({ skip }) => {
    if (NO_BROWSER) skip(NO_BROWSER);
  });
  afterAll(() => page?.close());

  test('asks nothing it would have to wait for, and gives the page its turn between any two pieces', async () => {
    const { early, asked, crowded, pieces } = await page.call<Seen>('wholeRun', STEP_CASES[0].name);
    expect(asked).toBeGreaterThan(20);
    expect(early).toEqual([]);
    expect(pieces).toBeGreaterThan(50);
    expect(crowded).toEqual([]);
  });
});
