import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findChromium } from '../../scripts/machine.mjs';
import { servePlayground } from '../../scripts/playground.mjs';
import { hands } from '../ui/support/hands.ts';
import { coordinateImage, encode } from './render.ts';

let server: Awaited<ReturnType<typeof servePlayground>>;
let browser: Browser;
beforeAll(async () => {
  server = await servePlayground({ port: 0, engine: 'test/ui/support/fake-engine.ts' });
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium: install it or set PRIOR_ART_CHROMIUM.');
  browser = await chromium.launch({ executablePath, args: ['--headless=new', '--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

const layers = (page: Page) => page.locator('#layers button').allInnerTexts();

it('a person without Figma opens a picture, draws an area, fills it and takes it back', async () => {
  const page = await browser.newPage({ viewport: { width: 1100, height: 700 } });
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(server.address);
  const buffer = Buffer.from(await encode(coordinateImage(120, 90, 2)));
  await page.locator('#file').setInputFiles({ name: 'boats.png', mimeType: 'image/png', buffer });
  await expect.poll(() => layers(page)).toEqual(['boats']);
  await page.getByRole('button', { name: 'Draw an area' }).click();
  const { x, y, width, height } = (await page.locator('#canvas').boundingBox())!;
  const [cx, cy] = [x + width / 2, y + height / 2];
  await page.mouse.move(cx - 40, cy);
  await page.mouse.down();
  for (let angle = 0; angle < 6; angle += 0.5)
    await page.mouse.move(cx - 40 * Math.cos(angle), cy + 40 * Math.sin(angle));
  await page.mouse.up();
  expect(await layers(page)).toEqual(['Area', 'boats']);
  await page.getByRole('button', { name: 'Fill masked area' }).click();
  const frame = page.frameLocator('#panel iframe').owner();
  const panel = hands((await (await frame.elementHandle())!.contentFrame())!);
  await panel.waitForPhase(/ready/);
  await panel.press(/^Fill/);
  await expect.poll(() => layers(page)).toEqual(['Area', 'boats · restored', 'boats']);
  await page.locator('#layers button', { hasText: 'restored' }).click();
  await page.locator('#commands').getByRole('button', { name: 'Compare' }).click();
  await expect
    .poll(() => page.locator('#layers button.hidden').allInnerTexts())
    .toEqual(['Area', 'boats · restored']);
  await page.locator('#undo').click();
  await page.locator('#undo').click();
  expect(await layers(page)).toEqual(['Area', 'boats']);
  expect(errors).toEqual([]);
  await page.close();
});
