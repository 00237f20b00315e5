// What the panel does with an image, from its first look to the result; panel-rest.test.ts has the rest.
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { SEEDS } from './support/fake-engine.ts';
import { samples, scene, scenePng } from './support/pictures.ts';
import { sent, useStage, written } from './support/play.ts';
import { oneImage, target, withArea } from './support/scenarios.ts';

const { play } = useStage();

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
});

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
});

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
      // The engine hangs for a minute.
      expect(Date.now() - from).toBeLessThan(30_000);
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
