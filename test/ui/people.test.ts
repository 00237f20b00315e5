// What people do beside the straight way: select too much, press a key twice, change their minds.
import { expect, it } from 'vitest';
import { SEEDS } from './support/fake-engine.ts';
import { useStage } from './support/play.ts';
import { oneImage, severalImages, withArea } from './support/scenarios.ts';
import type { Shown } from './support/stage.ts';

const { play } = useStage();

const writes = ({ page }: Shown) =>
  page.evaluate(() => window.played.received.filter(({ type }) => type === 'write'));

it('says what of the selection is left out, and what would help', async () => {
  const { selection, ...rest } = await severalImages();
  const words = (name: string) => `“${name}” does not lie over a selected image. Move it there.`;
  const problems = ['Line 1', 'Line 2', 'Line 3', 'Line 4'].map((name) => ({
    code: 'mask-outside' as const,
    words: words(name),
  }));
  await play({ ...rest, selection: { ...selection, problems } }, async (panel) => {
    await panel.waitForPhase(/4 images ready.*“Line 1” does not lie/);
    expect(await panel.text()).toContain(`${words('Line 1')} ${words('Line 2')} And 2 more like this.`);
  });
});

it('takes a held Enter for one', async () => {
  await play(await oneImage(), async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    await panel.seed(SEEDS.holds);
    await panel.rest();
    await shown.page.keyboard.down('Enter');
    await panel.held();
    await shown.page.keyboard.down('Enter');
    await shown.page.keyboard.up('Enter');
    expect(await panel.text()).not.toMatch(/Stopping/);
    await shown.page.keyboard.press('Enter');
    await panel.waitForPhase(/Partly refined/);
  });
});

it('takes no quality unasked that is not done within about a minute', async () => {
  const large = await oneImage({ settings: { quality: 'best' } });
  await play(large, async (panel, { page }) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    // Best was liked last time, but takes four minutes here.
    await panel.button('Restore · about 7 s').waitFor();
    await panel.choose('Best');
    await panel.button('Restore · about 4 min').waitFor();
    expect(await panel.text()).toMatch(/Fast takes 3 s\. A marked area, a smaller image/);
    const remembered = () =>
      page.evaluate(() => window.played.received.findLast((m) => m.type === 'settings'));
    await expect.poll(remembered).toMatchObject({ settings: { quality: 'best' } });
  });
});

it('remembers a press while the image is read, and says so, until Esc', async () => {
  await play(await oneImage({ silent: true }), async (panel, { page }) => {
    await panel.waitForPhase(/Reading/);
    await panel.press('Restore');
    await panel.button('Starts in a moment').waitFor();
    await page.keyboard.press('Escape');
    await panel.button('Restore').waitFor();
  });
});

it('a Cancel right after the start is not lost', async () => {
  await play(await oneImage(), async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    await panel.seed(SEEDS.holds);
    // Both within one task of the page: nothing has reached the engine yet.
    await shown.frame.evaluate(() => {
      document.querySelector<HTMLElement>('.button.primary')!.click();
      dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
    });
    await panel.waitForPhase(/Cancelled. Nothing was changed/);
  });
});

it('Enter does not stop a run that has nothing to keep yet', async () => {
  await play(await oneImage(), async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    await panel.seed(SEEDS.hangs);
    await panel.rest();
    await shown.page.keyboard.press('Enter');
    await shown.frame.waitForTimeout(300);
    await shown.page.keyboard.press('Enter');
    await shown.frame.waitForTimeout(100);
    expect(await panel.text()).not.toMatch(/Stopping/);
    await shown.page.keyboard.press('Escape');
    await panel.waitForPhase(/Cancelled/);
  });
});

it('offers a variation after upscaling in place, and replaces the image with it when told', async () => {
  await play(await oneImage({ command: 'upscale' }), async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.press(/Upscale 2×/);
    await panel.waitForPhase(/Upscaled in/);
    await panel.press(/Try a variation/);
    await panel.waitForPhase(/Upscaling/);
    await panel.waitForPhase(/Upscaled in/);
    expect(await writes(shown)).toHaveLength(1);
    await panel.press(/Replace the image/);
    await panel.button(/Done/).waitFor();
    expect(await writes(shown)).toHaveLength(2);
  });
});

it('offers a variation for the one of several images that is shown', async () => {
  await play(await severalImages(), async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.press(/Restore 4 images/);
    await panel.waitForPhase(/Restored 4 of 4/);
    await panel.press(/Ferry, done/);
    await panel.press(/Try a variation/);
    await panel.waitForPhase(/Restoring Ferry/);
    await panel.waitForPhase(/Restored 4 of 4/);
    expect(await writes(shown)).toHaveLength(4);
    await panel.press(/Replace the last result/);
    await panel.button(/Done/).waitFor();
    expect(await writes(shown)).toMatchObject([{}, {}, {}, {}, { nodeId: '1:2', replaces: '1:2+' }]);
  });
});

it.each([false, true])(
  'the edge of the area marches, unless motion is to be reduced: %s',
  async (reducedMotion) => {
    const scenario = await withArea();
    await play(
      scenario,
      async (panel, { frame }) => {
        await panel.waitForPhase(/ready/);
        await panel.timesKnown();
        const look = () => frame.evaluate(() => document.querySelector('canvas')!.toDataURL());
        const before = await look();
        if (!reducedMotion) return expect.poll(look).not.toBe(before);
        await frame.waitForTimeout(500);
        expect(await look()).toBe(before);
      },
      { reducedMotion },
    );
  },
);

it.each([
  ['blobs are refused to workers', 'data:'],
  ['no workers are allowed at all', "'none'"],
])('works where %s', async (_, workers) => {
  await play(await oneImage({ workers }), async (panel) => {
    await panel.waitForPhase(/ready/);
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
  });
});
