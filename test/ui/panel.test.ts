import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TargetDescription } from '../../src/wire/selection.ts';
import { DEFAULT_SETTINGS } from '../../src/wire/settings.ts';
import { SEEDS } from './support/fake-engine.ts';
import { scene, scenePng } from './support/pictures.ts';
import { playOn, type Story } from './support/play.ts';
import type { Scenario } from './support/sandbox.ts';
import { cleanImage, oneImage, severalImages, target, withArea } from './support/scenarios.ts';
import { type Shown, type ShowOptions, Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open('test/ui/support/fake-engine.ts');
});
afterAll(() => stage?.close());

const play = (scenario: Scenario, story: Story, options?: ShowOptions) =>
  playOn(stage, scenario, story, options);

const sent = ({ page }: Shown) => page.evaluate(() => window.played.received.map(({ type }) => type));
const written = ({ page }: Shown) => page.evaluate(() => window.played.written.at(-1)?.tiles ?? []);
const samples = async (png: Uint8Array) => {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

describe.each(['insecure', 'secure'] as const)('in a %s frame', (kind) => {
  it('restores the selected image into a new layer', async () => {
    await play(
      await oneImage(),
      async (panel, shown) => {
        expect(await shown.frame.evaluate(() => isSecureContext)).toBe(kind === 'secure');
        await panel.waitForPhase(/ready/);
        await panel.press(/Restore/);
        await panel.waitForPhase(/Restored in/);
        const messages = await shown.page.evaluate(() => window.played.received);
        expect(messages.find(({ type }) => type === 'write')).toMatchObject({
          nodeId: '1:1',
          imageHash: 'hash 1:1',
          task: 'restore',
          place: 'layer',
          factor: 1,
          hideOriginal: true,
          hideMasks: false,
        });
        expect(
          messages.filter(({ type }) => type === 'working').map((m) => 'nodeIds' in m && m.nodeIds),
        ).toEqual([['1:1'], []]);
        const [tile] = await written(shown);
        expect(await samples(tile!.png)).toMatchObject({ width: 480, height: 360 });
      },
      { kind },
    );
  });
});

it('fills the area and leaves every other pixel bit-identical', async () => {
  const scenario = await withArea();
  await play(scenario, async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.press(/Fill · about|Fill$/);
    await panel.waitForPhase(/Filled in/);
    const [tile] = await written(shown);
    const [before, after] = [await samples(scenario.files['1:1']!), await samples(tile!.png)];
    let [changed, outside] = [0, 0];
    for (let i = 0; i < before.data.length; i += 4) {
      if (before.data.readUInt32LE(i) === after.data.readUInt32LE(i)) continue;
      changed++;
      const [x, y] = [(i / 4) % 480, Math.floor(i / 4 / 480)];
      // Generous boxes around the ellipse and the line.
      const inEllipse = x > 50 && x < 250 && y > 190 && y < 335;
      const inLine = x > 285 && x < 450 && y > 50 && y < 165;
      if (!inEllipse && !inLine) outside++;
    }
    expect(outside).toBe(0);
    expect(changed).toBeGreaterThan(0.06 * 480 * 360);
    expect(changed).toBeLessThan(0.1 * 480 * 360);
  });
});

it('fills what is drawn over the preview, without what is erased again', async () => {
  const scenario = await oneImage();
  await play(scenario, async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.choose('Fill');
    expect(await panel.button(/^Fill/).isDisabled()).toBe(true);
    // The whole image lies in the preview: 480 pixels on 288.
    await panel.brush([60, 60], [200, 60]);
    await panel.areaSays(/Area to fill: \d+ % of the image · drawn/);
    await panel.choose('Erase');
    await panel.brush([130, 30], [130, 90]);
    await panel.choose('Draw');
    await panel.brush([20, 120], [40, 120]);
    await shown.page.keyboard.press('Control+z');
    await panel.press(/^Fill · about/);
    await panel.waitForPhase(/Filled in/);
    const [tile] = await written(shown);
    const [before, after] = [await samples(scenario.files['1:1']!), await samples(tile!.png)];
    const changed = (x: number, y: number) => {
      const at = 4 * (y * 480 + x);
      return before.data.readUInt32LE(at) !== after.data.readUInt32LE(at);
    };
    const [top, scale] = [18, 480 / 288];
    const row = (x: number, y: number) => changed(Math.round(x * scale), Math.round((y - top) * scale));
    const along = Array.from({ length: 140 }, (_, i) => row(60 + i, 60));
    // The stroke, but for the 20 px of the eraser and a pixel of growth.
    expect(along.filter(Boolean).length).toBeGreaterThan(110);
    expect(along.slice(64, 76)).toEqual(Array(12).fill(false));
    expect([row(130, 45), row(60, 80), row(30, 120)]).toEqual([false, false, false]);
  });
});

it('proposes the scratches and dust that it finds as the area to fill', async () => {
  await play(await oneImage(), async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.choose('Fill');
    await panel.press('Find scratches and dust');
    await shown.frame.locator('p').filter({ hasText: 'Found 1 scratch and 1 speck of dust' }).waitFor();
    await panel.press('Fill the writing too');
    await panel.button('Fill the writing too').waitFor({ state: 'hidden' });
    // It is ready to be erased where it is no damage.
    await panel.brush([144, 120], [144, 200]);
    await panel.areaSays(/Area to fill: under 1 % of the image · scratches and dust, drawn/);
    await panel.press(/^Fill · about/);
    await panel.waitForPhase(/Filled in/);
    expect((await written(shown)).length).toBe(1);
    await panel.press('Done');
    await panel.press('Clear');
    await panel.button('Find scratches and dust').waitFor();
    expect(await panel.button(/^Fill/).isDisabled()).toBe(true);
  });
});

it('restores only what is marked where it is told to', async () => {
  const scenario = await withArea();
  await play(scenario, async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.choose('Restore');
    await shown.frame.getByLabel('Only in the marked area').check();
    await panel.choose('Fast');
    await panel.press(/^Restore/);
    await panel.waitForPhase(/Restored in/);
    const [tile] = await written(shown);
    const [before, after] = [await samples(scenario.files['1:1']!), await samples(tile!.png)];
    const same = (x: number, y: number) =>
      before.data.readUInt32LE(4 * (y * 480 + x)) === after.data.readUInt32LE(4 * (y * 480 + x));
    const box = (left: number, top: number) =>
      Array.from({ length: 400 }, (_, i) => same(left + (i % 20), top + Math.floor(i / 20)));
    expect(box(20, 20).every(Boolean)).toBe(true);
    // Within the ring of the ellipse.
    expect(box(90, 240).filter(Boolean).length).toBeLessThan(100);
  });
});

it('says under Details which part of a large image is at work, and what stopping left out', async () => {
  const [width, height] = [620, 480]; // two of the pretended engine's parts
  const fill = { index: 0, imageHash: 'x', scaleMode: 'FILL', width, height, visible: true } as const;
  const scenario = await oneImage({
    selection: { targets: [target('1:1', 'Panorama', { fills: [fill] })], masks: [], problems: [] },
    files: { '1:1': await scenePng(width, height, 4) },
  });
  await play(scenario, async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
    const [tile] = await written(shown);
    expect(await samples(tile!.png)).toMatchObject({ width, height });
    await panel.press(/Done/);
    await panel.waitForPhase(/ready/);
    await panel.seed(SEEDS.holds);
    await panel.press(/Restore/);
    // A run that is held: one that goes on may show a part for less time than it takes to look.
    await panel.held();
    expect(await panel.text()).not.toMatch(/part/);
    await panel.openDetails();
    await shown.frame.getByText(/step 160 of at most 320, part 1 of 2/).waitFor();
    await panel.press(/Stop and keep/);
    await panel.waitForPhase(/Partly refined/);
    await shown.frame.getByText('Stopped with 1 of 2 parts done.').waitFor();
  });
}, 120_000);

it('fills a small area of a large image by looking at its surroundings only', async () => {
  const [width, height] = [1400, 1400];
  const raw = { width: 512, height: 512, channels: 4 } as const;
  const jpeg = await sharp(scene(512, 512, 6), { raw })
    .removeAlpha()
    .resize(width, height)
    .jpeg()
    .toBuffer();
  const fill = { index: 0, imageHash: 'x', scaleMode: 'FILL', width, height, visible: true } as const;
  const scenario = await withArea({ files: { '1:1': new Uint8Array(jpeg) } });
  const large = target('1:1', 'Large', { maskIds: ['2:1'], fills: [fill] });
  scenario.selection = { ...scenario.selection, targets: [large] };
  await play(scenario, async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.press(/Fill/);
    await panel.waitForPhase(/Filled in/);
    const [tile] = await written(shown);
    expect([tile!.width, tile!.height]).toEqual([width, height]);
  });
}, 120_000);

it('upscales in place at the chosen factor', async () => {
  await play(await oneImage({ command: 'upscale', settings: { factor: 3 } }), async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.press(/Upscale 3×/);
    await panel.waitForPhase(/Upscaled in/);
    const message = await shown.page.evaluate(() =>
      window.played.received.find(({ type }) => type === 'write'),
    );
    expect(message).toMatchObject({ task: 'upscale', place: 'in-place', factor: 3 });
    const [tile] = await written(shown);
    expect([tile!.width, tile!.height]).toEqual([1440, 1080]);
    expect(await panel.text()).toMatch(/Try a variation/);
  });
});

it.each([
  ['a repeated image', 'TILE', undefined],
  ['an image in an instance', 'FILL', 'Card'],
] as const)('says before starting that %s cannot become that large', async (which, scaleMode, instance) => {
  const fill = {
    index: 0,
    imageHash: 'x',
    scaleMode,
    width: 1100,
    height: 90,
    visible: true,
  } as const;
  const scenario = await oneImage({
    command: 'upscale',
    settings: { factor: 4 },
    selection: {
      targets: [target('1:1', 'Pattern', { fills: [fill], ...(instance && { instance }) })],
      masks: [],
      problems: [],
    },
    files: { '1:1': await scenePng(1100, 90, 4) },
  });
  await play(scenario, async (panel) => {
    await panel.waitForPhase(/ready/);
    expect((await panel.text()).toLowerCase()).toContain(
      `${which} can have 4096 px a side at most. choose a factor up to 3.7.`,
    );
    expect(await panel.button(/Upscale 4×/).isDisabled()).toBe(true);
    await panel.fill('Factor', 3.5);
    expect(await panel.button(/Upscale 3.5×/).isDisabled()).toBe(false);
  });
});

it('cancels at once, even an engine that hangs, and says that nothing changed', async () => {
  await play(await oneImage(), async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    for (const seed of [SEEDS.holds, SEEDS.hangs]) {
      await panel.seed(seed);
      await panel.press(/Restore/);
      await panel.waitForPhase(/Restoring/);
      await shown.frame.waitForTimeout(300);
      const from = Date.now();
      await shown.frame.locator('body').press('Escape');
      await panel.waitForPhase(/Cancelled. Nothing was changed/);
      expect(Date.now() - from).toBeLessThan(6000);
      expect(await sent(shown)).not.toContain('write');
    }
    // The engine was started again: the next run works.
    await panel.seed(0);
    await panel.press(/Restore/);
    await panel.waitForPhase(/Restored in/);
  });
});

it('keeps a whole picture when stopped, and inserts neither it nor a variation unasked', async () => {
  await play(await oneImage(), async (panel, shown) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    await panel.seed(SEEDS.holds);
    await panel.press(/Restore/);
    await panel.held();
    await panel.press(/Stop and keep/);
    await panel.waitForPhase(/Partly refined/);
    expect(await sent(shown)).not.toContain('write');
    await panel.press(/Insert as new layer/);
    await panel.button(/Done/).waitFor();
    expect((await sent(shown)).filter((type) => type === 'write').length).toBe(1);
    await panel.tryVariation();
    await panel.waitForPhase(/Restored in/);
    expect((await sent(shown)).filter((type) => type === 'write').length).toBe(1);
  });
});

it('shows all of the picture as it stands while it runs, and the image as it was on request', async () => {
  await play(await oneImage(), async (panel, { page, frame }) => {
    const look = () => frame.evaluate(() => document.querySelector('canvas')!.toDataURL());
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    await panel.seed(SEEDS.holdsFirst);
    await panel.press(/Restore/);
    await panel.held('first answer');
    expect(await frame.locator('.tag.after').isVisible()).toBe(false);
    const original = await look();
    await panel.press(/Stop and keep/);
    await panel.waitForPhase(/Partly restored, stopped/);
    await panel.press(/Insert as new layer/);
    await panel.press(/Done/);
    await panel.seed(SEEDS.holds);
    await panel.press(/Restore/);
    await panel.held();
    expect(await frame.getByRole('slider').isVisible()).toBe(false);
    expect(await frame.locator('.tag.before').isVisible()).toBe(false);
    const running = await look();
    expect(running === original).toBe(false);
    const { x, y } = (await frame.locator('.preview canvas').boundingBox())!;
    await page.mouse.move(x + 40, y + 40);
    await page.mouse.down();
    expect(await frame.locator('.tag.after').textContent()).toBe('Before');
    expect((await look()) === original).toBe(true);
    await page.mouse.up();
    expect((await look()) === running).toBe(true);
  });
});

it('asks before it throws long work away, and keeps what there is when told', async () => {
  await play(await oneImage(), async (panel, { page, frame }) => {
    await panel.waitForPhase(/ready/);
    await panel.timesKnown();
    await panel.seed(SEEDS.holds);
    await panel.press(/Restore/);
    await panel.held();
    await panel.later(240_000);
    await page.keyboard.press('Escape');
    await frame.getByText('Stop after 4 min of work?').waitFor();
    await panel.press('Go on');
    await panel.button('Stop and keep').waitFor();
    await panel.press('Cancel');
    await panel.press('Throw it away');
    await panel.waitForPhase(/Cancelled/);
    await panel.press(/Restore/);
    await panel.held();
    await panel.later(240_000);
    await panel.press('Cancel');
    await panel.press('Keep what there is');
    await panel.waitForPhase(/Partly refined/);
  });
});

it('shows what the canvas shows, in the same place all the way, or the whole image', async () => {
  // Turned by a quarter, the right half of the image only.
  const shown = { width: 180, height: 120, matrix: [0, 0.5, -0.5, 0, 180, -120] } as const;
  const filters = { saturation: -1, exposure: 0.2 };
  await play(await oneImage({ shown, filters }), async (panel, { frame, page }) => {
    const colourful = () =>
      frame.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.preview canvas')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((red, i) => i % 4 === 0 && Math.abs(red - data[i + 2]!) > 8).length / data.length;
      });
    const look = () =>
      frame.evaluate(() => {
        const { x, y, width, height } = document.querySelector('.preview')!.getBoundingClientRect();
        const style = (document.querySelector('.preview') as HTMLElement).style;
        const [left, top] = ['--left', '--top'].map((name) => style.getPropertyValue(name));
        return [x, y, width, height, left, top].join(' ');
      });
    await panel.waitForPhase(/ready/);
    expect(await panel.text()).toContain('Its image filters stay; the preview imitates them.');
    expect(await colourful()).toBe(0);
    const [place, sides] = [await look(), await frame.locator('.preview canvas').boundingBox()];
    expect(sides!.width / sides!.height).toBeGreaterThan(1);
    await panel.press('Whole image');
    expect(await look()).not.toBe(place);
    expect(await colourful()).toBeGreaterThan(0.1);
    await panel.press('Whole image');
    await panel.seed(SEEDS.holds);
    await panel.press(/^Restore/);
    await panel.held();
    expect(await look()).toBe(place);
    await panel.press('Stop and keep');
    await panel.press('Insert as new layer');
    await panel.press('Undo');
    await panel.waitForPhase(/Taken back/);
    expect(await look()).toBe(place);
    await panel.press('Insert as new layer');
    await panel.button('Done').waitFor();
    await page.keyboard.press('Control+z');
    await panel.button('Insert as new layer').waitFor();
  });
});

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
  expect(stage.bytes).toBeLessThan(2.5e6);
});
