// What else the panel does beside panel.test.ts: several images, what it says, faults of what surrounds it, the keyboard.
import { expect, it } from 'vitest';
import type { TargetDescription } from '../../src/wire/selection.ts';
import { DEFAULT_SETTINGS } from '../../src/wire/settings.ts';
import { SEEDS } from './support/fake-engine.ts';
import { sent, useStage } from './support/play.ts';
import { cleanImage, oneImage, severalImages, target, withArea } from './support/scenarios.ts';

const { play, stage } = useStage();

it('keeps the size of its preview through a run with Details open', async () => {
  await play(await oneImage(), async (panel, { frame }) => {
    await panel.waitForPhase(/ready/);
    await panel.openDetails();
    const sizes = await frame.evaluateHandle(() => {
      const seen = new Set<number>();
      const observer = new ResizeObserver(([{ contentRect }]) => seen.add(contentRect.height));
      observer.observe(document.querySelector('.preview')!);
      return seen;
    });
    await panel.press(/^Restore/);
    await panel.waitForPhase(/Restored in/);
    await panel.press('Undo');
    await panel.waitForPhase(/Taken back/);
    expect(await sizes.evaluate((seen) => [...seen])).toHaveLength(1);
  });
});

it('leaves a clean image alone unless told otherwise', async () => {
  await play(await cleanImage(), async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    expect(await panel.text()).toMatch(/Nothing to restore/);
    expect(await sent(shown)).not.toContain('write');
    await panel.press(/Restore anyway/);
    await panel.waitForPhase(/Restored in/);
    expect(await sent(shown)).toContain('write');
  });
});

it('skips the clean ones of several images, with a word', async () => {
  await play(await severalImages({}, [1]), async (panel, shown) => {
    await panel.waitForPhase(/4 images ready/);
    await shown.frame.getByRole('button', { name: /Ferry, nothing to restore/ }).waitFor();
    await panel.press(/Restore 3 images/);
    await panel.waitForPhase(/Restored 3 of 4/);
    expect(await panel.text()).toMatch(/Nothing to restore in 1 of 4 images: left as it is/);
    const writes = (messages: { type: string; nodeId?: string }[]) =>
      messages.filter(({ type }) => type === 'write').map(({ nodeId }) => nodeId);
    expect(writes(await shown.page.evaluate(() => window.played.received))).toEqual(['1:1', '1:3', '1:4']);
  });
});

it('asks the engine for what Details says the result is to be made from', async () => {
  await play(await oneImage(), async (panel, { page, frame }) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    await panel.openDetails();
    await frame.getByLabel('Made from', { exact: true }).selectOption('nonlocal');
    await expect
      .poll(() => page.evaluate(() => window.played.received.findLast(({ type }) => type === 'settings')))
      .toMatchObject({ settings: { prior: 'nonlocal' } });
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
    expect(await panel.text()).toMatch(/Made from what repeats in the image\./);
    await panel.press(/Done/);
    await panel.choose('Upscale');
    const offered = frame.getByLabel('Made from', { exact: true });
    expect(await offered.inputValue()).toBe('auto');
    expect(await offered.locator('option').allTextContents()).not.toContain('What repeats in the image');
    await frame.getByLabel('Reduced by', { exact: true }).selectOption('area');
    await frame.getByLabel('Pixel art', { exact: true }).selectOption('smooth');
    await panel.press(/Upscale 2×/);
    await panel.waitForPhase(/Upscaled in/);
    expect(await panel.text()).toContain('Asked for: area, smooth.');
  });
});

it('takes a result back, puts it in again, and replaces it with a variation', async () => {
  await play(await oneImage(), async (panel, { page }) => {
    await panel.waitForPhase(/ready/);
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
    const last = () => page.evaluate(() => window.played.received.at(-1));
    await panel.press(/Undo/);
    await panel.waitForPhase(/Taken back/);
    expect(await last()).toMatchObject({ type: 'revert', nodeId: '1:1+' });
    await panel.press(/Insert as new layer/);
    await panel.press(/Try a variation/);
    await panel.press(/Replace the last result/);
    await panel.button(/Done/).waitFor();
    expect(await last()).toMatchObject({ type: 'write', replaces: '1:1+' });
  });
});

it('starts the engine again after a crash, and says so plainly when it crashes again', async () => {
  await play(await oneImage(), async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    await panel.seed(SEEDS.crashes);
    await panel.press(/Restore/);
    await panel.button(/Copy details/).waitFor();
    expect(await panel.text()).toMatch(/Something went wrong in the engine/);
    await panel.press(/Back to settings/);
    await panel.seed(0);
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
    expect(await sent(shown)).toContain('write');
  });
});

it('works through several images and goes on after one that cannot be read', async () => {
  const scenario = await severalImages();
  delete scenario.files['1:2'];
  await play(scenario, async (panel, shown) => {
    await panel.waitForPhase(/4 images ready/);
    await panel.press(/Restore 3 images/);
    await panel.waitForPhase(/Restored 3 of 4 images/);
    expect((await sent(shown)).filter((type) => type === 'write').length).toBe(3);
    expect(await shown.frame.getByRole('button', { name: /Ferry, failed/ }).count()).toBe(1);
  });
});

it('lets the user choose among several image fills of a layer', async () => {
  const fill = (index: number, width: number) =>
    ({ index, imageHash: `${index}`, scaleMode: 'FILL', width, height: 360, visible: true }) as const;
  const fills = [fill(2, 480), fill(0, 200)];
  const selection = {
    targets: [target('1:1', 'Two fills', { fills, fillIndex: 2 })],
    masks: [],
    problems: [],
  };
  await play(await oneImage({ selection }), async (panel, { page }) => {
    await panel.waitForPhase(/ready/);
    await panel.openDetails();
    await panel.choosePicture('2. from the top, 200 × 360');
    await page.waitForFunction(
      () => window.played.received.filter(({ type }) => type === 'read').length === 2,
    );
    const reads = await page.evaluate(() => window.played.received.filter(({ type }) => type === 'read'));
    expect(reads.map((message) => 'fillIndex' in message && message.fillIndex)).toEqual([2, 0]);
    await panel.waitForPhase(/ready/);
  });
});

it('goes on in a hidden tab, where after minutes no timer counts any more', async () => {
  await play(await oneImage(), async (panel, { page, frame }) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    await frame.evaluate(() => {
      const start = globalThis.setTimeout.bind(globalThis) as (act: () => void, ms?: number) => number;
      Object.assign(globalThis, {
        setTimeout: (act: () => void, ms = 0) => start(act, Math.max(ms, 60_000)),
        setInterval: () => 0,
        requestAnimationFrame: () => 0,
      });
    });
    await panel.press(/Restore/);
    await page.evaluate(() => {
      document.querySelector('iframe')!.style.display = 'none';
    });
    await page.waitForFunction(() => window.played.received.some(({ type }) => type === 'write'));
  });
});

it('listens to any frame around it, and to nobody else', async () => {
  await play(
    await oneImage(),
    async (panel, { page, frame }) => {
      await panel.waitForPhase(/ready/);
      const nothing = { targets: [], selected: [], masks: [], problems: [], revision: 50 };
      const data = { pluginMessage: { type: 'selection', selection: nothing } };
      await frame.evaluate(async (message) => {
        const stranger = document.body.appendChild(document.createElement('iframe'));
        const heard = new Promise((done) => addEventListener('message', done, { once: true }));
        stranger.srcdoc = `<script>parent.postMessage(${JSON.stringify(message)}, '*')</script>`;
        await heard;
        stranger.remove();
        window.postMessage(message, '*');
      }, data);
      await frame.waitForTimeout(100);
      expect(await panel.text()).toContain('Evening at the pier');
      // Figma may be in a frame itself, and what it says come from further up.
      await page.evaluate((message) => frames[0]!.frames[0]!.postMessage(message, '*'), data);
      await panel.waitForPhase(/cannot be restored|Nothing selected/);
    },
    { kind: 'insecure' },
  );
});

it('is not led astray by messages that come twice, late, or never', async () => {
  await play(await oneImage(), async (panel, { page, frame }) => {
    await panel.waitForPhase(/ready/);
    const nothing = { targets: [], selected: [], masks: [], problems: [], revision: 1 };
    const say = (message: object) => page.evaluate((one) => window.played.send(one as never), message);
    const facts = { apiVersion: '', editorType: '', mode: '', pluginId: '', findings: [] };
    await say({ type: 'selection', selection: nothing });
    await say({ type: 'welcome', settings: DEFAULT_SETTINGS, command: 'upscale', facts });
    await say({ type: 'done', request: 99, nodeId: '9:9', name: 'Another', notes: [] });
    await panel.press(/^Restore/);
    await panel.waitForPhase(/Restored in/);
    const request = await page.evaluate(() =>
      window.played.received.flatMap((one) => (one.type === 'write' ? one.request : [])),
    );
    await say({ type: 'failed', request: request[0], problem: { code: 'unknown', words: 'Too late.' } });
    await say({ type: 'progress', request: request[0], words: 'Too late.', done: 1, total: 1 });
    await panel.button('Undo').waitFor();
    expect(await panel.text()).toContain('Inserted as “Evening at the pier · restored”');
    expect(await panel.text()).not.toContain('Too late');
    // A minute is soon over.
    await frame.evaluate(() => {
      const start = globalThis.setTimeout.bind(globalThis) as (...all: unknown[]) => number;
      const soon = (act: unknown, ms = 0, ...rest: unknown[]) => start(act, ms / 200, ...rest);
      Object.assign(globalThis, { setTimeout: soon });
    });
    await panel.press('Compare');
    await frame.getByText('The document has not answered for a minute').waitFor();
    expect(await page.evaluate(() => window.played.received.at(-1)?.type)).toBe('cancel');
    expect(await panel.button('Compare').isEnabled()).toBe(true);
  });
});

it('stays with its result when the new layer gets selected, and follows any other selection', async () => {
  const scenario = await oneImage();
  scenario.files['9:9'] = scenario.files['1:1']!;
  await play(scenario, async (panel, { page, frame }) => {
    await panel.waitForPhase(/ready/);
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
    const select = (nodeId: string, name: string) =>
      page.evaluate(([one]) => window.played.select({ targets: [one], masks: [], problems: [] }), [
        target(nodeId, name),
      ] as const);
    await select('1:1+', 'Evening at the pier · restored');
    await frame.waitForTimeout(300);
    expect(await panel.text()).toMatch(/Restored in/);
    await select('9:9', 'Another one');
    await panel.waitForPhase(/Another one is ready/);
  });
});

it('reads an image again only where what it read has changed, and stays with a result in pieces', async () => {
  await play(await oneImage(), async (panel, { page, frame }) => {
    await panel.waitForPhase(/ready/);
    const select = (one: TargetDescription[], selected?: string[]) =>
      page.evaluate(
        ([targets, ids]) =>
          window.played.select({ targets, masks: [], problems: [], ...(ids && { selected: ids }) }),
        [one, selected] as const,
      );
    const reads = () =>
      page.evaluate(() => window.played.received.filter(({ type }) => type === 'read').length);
    await select([target('1:1', 'Dragged')]);
    await frame.getByRole('heading', { name: 'Dragged' }).waitFor();
    expect(await reads()).toBe(1);
    await select([target('1:1', 'Cropped', { look: 'another' })]);
    await panel.waitForPhase(/Cropped is ready/);
    expect(await reads()).toBe(2);
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
    await select([], ['1:1+']);
    await frame.waitForTimeout(200);
    expect(await panel.text()).toMatch(/Restored in/);
  });
});

it('stops when the layer it works on is deleted', async () => {
  await play(await oneImage(), async (panel, { page }) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    await panel.seed(SEEDS.holds);
    await panel.press(/Restore/);
    await panel.held();
    await page.evaluate(() => window.played.send({ type: 'gone', nodeId: '1:1' }));
    await panel.waitForPhase(/Cancelled/);
    expect(await panel.text()).toMatch(/The layer was deleted/);
  });
});

it('puts the sandbox’s question before the run and passes the answer on', async () => {
  const question = {
    code: 'fill-style' as const,
    words: 'The fill is a shared style.',
    choices: [{ id: 'detach', label: 'Detach' }],
  };
  await play(await oneImage({ question }), async (panel, { page }) => {
    await panel.waitForPhase(/ready/);
    await panel.press(/Restore/);
    await panel.press(/Not now/);
    await panel.waitForPhase(/Cancelled/);
    await panel.timesKnown();
    await panel.seed(SEEDS.holds);
    await panel.press(/Restore/);
    await panel.press(/Detach/);
    await panel.held();
    expect(await page.evaluate(() => window.played.received.map(({ type }) => type))).not.toContain('write');
    await panel.press(/Stop and keep/);
    await panel.press(/Insert as new layer/);
    await panel.button(/Done/).waitFor();
    const last = await page.evaluate(() =>
      window.played.received.filter(({ type }) => type === 'write').at(-1),
    );
    expect(last).toMatchObject({ answers: { 'fill-style': 'detach' } });
  });
});

it('can be walked by keyboard, top to bottom, with the focus always to be seen', async () => {
  await play(
    await withArea(),
    async (panel, { page, frame }) => {
      await panel.waitForPhase(/ready/);
      await panel.timesKnown();
      await frame.locator('summary:visible').click();
      await panel.rest();
      await frame.locator('canvas').first().focus();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Shift+Tab');
      const walk: { name: string; top: number; ring: boolean }[] = [];
      for (let i = 0; i < 16; i++) {
        walk.push(
          await frame.evaluate(() => {
            const element = document.activeElement as HTMLElement;
            const ringed = element.closest('label:has(input[type=radio]), .entry') ?? element;
            const style = getComputedStyle(ringed);
            return {
              name: element.getAttribute('aria-label') ?? element.textContent ?? element.id,
              top: element.getBoundingClientRect().top,
              ring: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1,
            };
          }),
        );
        await page.keyboard.press('Tab');
      }
      const stops = walk.slice(0, walk.findIndex(({ name }) => name.startsWith('Resize')) + 1);
      expect(stops.length).toBeGreaterThan(9);
      expect(stops.filter(({ ring }) => !ring)).toEqual([]);
      for (let i = 1; i < stops.length - 1; i++)
        expect(stops[i]!.top).toBeGreaterThanOrEqual(stops[i - 1]!.top - 8);
      // Enter in a number starts the run; Escape ends it.
      await frame.getByLabel('Variation', { exact: true }).fill(String(SEEDS.holds));
      await page.keyboard.press('Enter');
      await panel.held();
      expect(await frame.locator('.tag.after').textContent()).toBe('After');
      await frame.locator('body').press('Tab');
      await page.keyboard.down('b');
      expect(await frame.locator('.tag.after').textContent()).toBe('Before');
      await page.keyboard.up('b');
      expect(await frame.locator('.tag.after').textContent()).toBe('After');
      await page.keyboard.press('Escape');
      await panel.waitForPhase(/Cancelled/);
    },
    { height: 672 },
  );
});

it('compares, zooms and resizes by keyboard, and remembers its settings', async () => {
  await play(await oneImage(), async (panel, { page, frame }) => {
    await panel.waitForPhase(/ready/);
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
    await frame.getByRole('slider').focus();
    for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    expect(await frame.getByRole('slider').getAttribute('aria-valuenow')).toBe('4');
    await frame.locator('canvas').first().focus();
    await page.keyboard.press('1');
    expect(await frame.locator('.tag.zoom').textContent()).toBe('100 %');
    await page.keyboard.press('0');
    expect(await frame.locator('.tag.zoom').isHidden()).toBe(true);
    await panel.press(/Done/);
    await panel.choose('Best');
    await frame.getByRole('button', { name: /Resize/ }).press('ArrowDown');
    const latest = (wanted: string) =>
      page.evaluate((type) => window.played.received.findLast((message) => message.type === type), wanted);
    // Messages cross two frames, each in its own time.
    await expect.poll(() => latest('resize')).toEqual({ type: 'resize', width: 320, height: 580 });
    await expect
      .poll(() => latest('settings'))
      .toMatchObject({ settings: { quality: 'best', width: 320, height: 580 } });
  });
});

it('is one small file', () => {
  expect(stage().bytes).toBeLessThan(2.5e6);
});
