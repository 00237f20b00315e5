import { afterAll, beforeAll, expect } from 'vitest';
import { type Hands, hands } from './hands.ts';
import type { Scenario } from './sandbox.ts';
import { type Shown, type ShowOptions, Stage } from './stage.ts';

export type Story = (panel: Hands, shown: Shown) => Promise<void>;

/** Shows the panel, plays a story in it, and checks that Figma would have passed everything it sent. */
async function playOn(stage: Stage, scenario: Scenario, story: Story, options?: ShowOptions): Promise<void> {
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

/** A stage for all tests of a file, with the pretended engine. */
export function useStage() {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open('test/ui/support/fake-engine.ts');
  });
  afterAll(() => stage?.close());
  const play = (scenario: Scenario, story: Story, options?: ShowOptions) =>
    playOn(stage, scenario, story, options);
  return { play, stage: () => stage };
}

/** The types of all messages that the panel sent. */
export const sent = ({ page }: Shown) => page.evaluate(() => window.played.received.map(({ type }) => type));

/** The pieces of the last result. */
export const written = ({ page }: Shown) => page.evaluate(() => window.played.written.at(-1)?.tiles ?? []);
