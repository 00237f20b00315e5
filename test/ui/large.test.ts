// 4096 × 4096 pixels from opening to the result, with the real engine on few steps. It takes minutes:
//   LARGE=1 npm test -- test/ui/large.test.ts
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { hands } from './support/hands.ts';
import { scene } from './support/pictures.ts';
import type { Scenario } from './support/sandbox.ts';
import { oneImage, target, withArea } from './support/scenarios.ts';
import { Stage } from './support/stage.ts';

const SIDE = 4096;
const LARGE = process.env.LARGE === '1';
const PATIENCE = 1_500_000;

let stage: Stage | undefined;
beforeAll(async () => {
  if (LARGE) stage = await Stage.open('test/ui/support/capped-engine.ts');
});
afterAll(() => stage?.close());
beforeEach(({ skip }) => skip(!LARGE, 'it takes minutes; LARGE=1 runs it'));

/** Noise of its own on every pixel: nothing about this picture is easy to code or to restore. */
async function largePng(): Promise<Uint8Array> {
  const raw = { width: SIDE, height: SIDE, channels: 4 } as const;
  const png = sharp(scene(SIDE, SIDE, 12), { raw })
    .removeAlpha()
    .png({ compressionLevel: 1 });
  return new Uint8Array(await png.toBuffer());
}

const fill = {
  index: 0,
  imageHash: 'x',
  scaleMode: 'FILL',
  width: SIDE,
  height: SIDE,
  visible: true,
} as const;
const layer = (maskIds: string[] = []) => target('1:1', 'Large', { maskIds, fills: [fill] });

async function work(scenario: Scenario, button: RegExp, done: RegExp) {
  const began = performance.now();
  const shown = await stage!.show(scenario);
  const panel = hands(shown.frame);
  const until = (words: RegExp) =>
    shown.frame
      .getByRole('status')
      .filter({ hasText: words })
      .waitFor({ state: 'attached', timeout: PATIENCE });
  await until(/ready/);
  await panel.timesKnown();
  const ready = performance.now();
  // Until the result is handed over: copying megabytes of PNG from frame to frame is Figma's part.
  const tasks = await stage!.trace(shown.page, async () => {
    await panel.press(button);
    await until(new RegExp(`Putting the result|${done.source}`));
  });
  await until(done);
  const finished = performance.now();
  const [tile] = await shown.page.evaluate(() => window.played.written.at(-1)!.tiles);
  await shown.close();
  const seconds = (ms: number) => (ms / 1000).toFixed(0);
  console.log(
    `${button.source} ${SIDE}²: ready after ${seconds(ready - began)} s, done after ${seconds(finished - ready)} s more; ` +
      `longest of ${tasks.length} tasks on the page ${Math.max(...tasks).toFixed(0)} ms`,
  );
  return { tile: tile!, longest: Math.max(...tasks) };
}

it('fills an area of a 4096² image', { timeout: PATIENCE }, async () => {
  const png = await largePng();
  const scenario = await withArea({ files: { '1:1': png } });
  scenario.selection = { ...scenario.selection, targets: [layer(['2:1'])] };
  const { tile, longest } = await work(scenario, /Fill/, /Filled in/);
  expect(longest).toBeLessThan(50);
  const pixels = (file: Uint8Array) => sharp(file).ensureAlpha().raw().toBuffer();
  const [before, after] = [await pixels(png), await pixels(tile.png)];
  let changed = 0;
  for (let i = 0; i < before.length; i += 4) if (before.readUInt32LE(i) !== after.readUInt32LE(i)) changed++;
  expect(changed).toBeGreaterThan(1000);
  expect(changed).toBeLessThan(0.01 * SIDE ** 2);
});

it('restores all of a 4096² image in parts', { timeout: PATIENCE }, async () => {
  const selection = { targets: [layer()], masks: [], problems: [] };
  const scenario = await oneImage({ selection, files: { '1:1': await largePng() } });
  const { tile, longest } = await work(scenario, /Restore/, /Restored in/);
  expect([tile.width, tile.height]).toEqual([SIDE, SIDE]);
  expect(longest).toBeLessThan(50);
});
