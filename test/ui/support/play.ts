import { expect } from 'vitest';
import { type Hands, hands } from './hands.ts';
import type { Scenario } from './sandbox.ts';
import type { Shown, ShowOptions, Stage } from './stage.ts';

export type Story = (panel: Hands, shown: Shown) => Promise<void>;

/** Shows the panel, plays a story in it, and checks that Figma would have passed everything it sent. */
export async function playOn(
  stage: Stage,
  scenario: Scenario,
  story: Story,
  options?: ShowOptions,
): Promise<void> {
  const shown = await stage.show(scenario, options);
  const errors: string[] = [];
  shown.page.on('pageerror', (error) => errors.push(error.message));
  try {
    await story(hands(shown.frame), shown);
    expect(await shown.page.evaluate(() => window.played.refused)).toEqual([]);
    expect(errors).toEqual([]);
  } finally {
    await shown.close();
  }
}
