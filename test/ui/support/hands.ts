import type { Frame } from 'playwright-core';

/** What a person does in the panel, by the names they see. */
export function hands(frame: Frame) {
  const button = (name: string | RegExp) => frame.getByRole('button', { name });
  const waitForPhase = (words: string | RegExp) =>
    frame.getByRole('status').filter({ hasText: words }).waitFor({ state: 'attached', timeout: 90_000 });
  return {
    button,
    waitForPhase,
    /** The words that can be seen. */
    // biome-ignore lint/performance/useDomNodeTextContent: hidden states must not count as seen
    text: () => frame.locator('#panel').innerText(),
    press: (name: string | RegExp) => button(name).click(),
    choose: (name: string) => frame.locator('.segments label', { hasText: name }).click(),
    choosePicture: (label: string) => frame.getByLabel('Image fill', { exact: true }).selectOption({ label }),
    async openDetails() {
      await frame.locator('summary:visible').click();
    },
    async fill(label: string, value: number) {
      await frame.getByLabel(label, { exact: true }).fill(String(value));
      await frame.getByLabel(label, { exact: true }).dispatchEvent('change');
    },
    /** The line that says what is selected has these words: it follows the fields a moment later. */
    async areaSays(words: RegExp) {
      await frame.getByText(words).waitFor();
    },
    /** Seeds steer the pretended engine. */
    async seed(value: number) {
      await frame.locator('summary:visible').click();
      await frame.getByLabel('Variation', { exact: true }).fill(String(value));
      await frame.getByLabel('Variation', { exact: true }).dispatchEvent('change');
      await frame.locator('summary:visible').click();
    },
    /** "Try a variation" after a run that was held: the next one runs through. */
    async tryVariation() {
      await button(/Try a variation/).click();
      await waitForPhase(/Restoring/);
    },
    /** All three qualities have their time. */
    async timesKnown() {
      await frame.waitForFunction(
        () =>
          [...document.querySelectorAll('.segments small')].filter((e) => e.textContent === '–').length === 0,
      );
    },
    /** The pretended engine's progress is on screen and stands still, halfway through one of its stages. */
    async held(stage: 'first answer' | 'network' = 'network') {
      await frame.waitForFunction((first) => {
        const words = document.querySelector('.progress-head')?.textContent ?? '';
        return document.querySelector('progress')?.value === 0.5 && words.includes('first answer') === first;
      }, stage === 'first answer');
      await frame.waitForTimeout(400);
    },
    /** Drags the brush over the preview, CSS px from its corner. */
    async brush(from: readonly [number, number], to: readonly [number, number]) {
      const { x, y } = (await frame.locator('.preview canvas').boundingBox())!;
      const { mouse } = frame.page();
      await mouse.move(x + from[0], y + from[1]);
      await mouse.down();
      await mouse.move(x + to[0], y + to[1], { steps: 6 });
      await mouse.up();
    },
    /** Time passes for the page, ms. */
    later: (ms: number) =>
      frame.evaluate((by) => {
        const now = performance.now.bind(performance);
        performance.now = () => now() + by;
      }, ms),
    /** Nothing has the focus or the pointer, for a picture of the panel at rest. */
    async rest() {
      await frame.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      await frame.page().mouse.move(0, 0);
    },
  };
}
export type Hands = ReturnType<typeof hands>;
