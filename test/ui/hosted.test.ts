import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { serveUi } from '../../scripts/figma-local.mjs';
import { findChromium } from '../../scripts/machine.mjs';
import { isToUi } from '../../src/wire/messages.ts';
import { hands } from './support/hands.ts';
import { oneImage } from './support/scenarios.ts';
import { Stage } from './support/stage.ts';

const ENGINE = 'test/ui/support/fake-engine.ts';
let server: Awaited<ReturnType<typeof serveUi>>;
let stage: Stage;
beforeAll(async () => {
  // Built once: a panel gives its copy a second and a half to answer, in which a busy machine builds none.
  const html = await buildUi({ outfile: '', engine: ENGINE });
  server = await serveUi({ port: 0, build: async () => html });
  stage = await Stage.open(
    ENGINE,
    (origin) => `http://localhost:${server.port}/ui.html?plugin=42&host=${encodeURIComponent(origin)}`,
  );
});
afterAll(async () => {
  await stage?.close();
  server?.close();
});

it('goes to its copy on localhost where its own frame may not use WebGPU, and works there', async () => {
  const { page, frame, close } = await stage.show(await oneImage());
  const panel = hands(frame);
  await panel.waitForPhase(/ready/);
  expect(await frame.evaluate(() => [location.origin, isSecureContext, 'gpu' in navigator])).toEqual([
    `http://localhost:${server.port}`,
    true,
    true,
  ]);
  expect(await frame.evaluate(() => document.documentElement.className)).toBe('figma-light');
  await panel.press(/Restore/);
  await panel.waitForPhase(/Restored in/);
  const played = await page.evaluate(() => window.played);
  expect(new Set(played.pluginIds)).toEqual(new Set(['42']));
  expect(played.pluginIds.length).toBe(played.received.length);
  expect(played.refused).toEqual([]);
  await close();
});

it('stays where it is in a frame that has WebGPU', async () => {
  const { frame, close } = await stage.show(await oneImage(), { kind: 'secure' });
  await hands(frame).waitForPhase(/ready/);
  expect(frame.url()).toBe('about:srcdoc');
  await close();
});

it('says nothing to a page that is not Figma, and takes nothing from it', async () => {
  const options = { executablePath: findChromium()!, args: ['--headless=new', '--no-sandbox'] };
  const browser = await chromium.launch(options);
  const page = await browser.newPage();
  const other = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><body></body>');
  });
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const problem = { code: 'no-image', words: 'A word of another page.' } as const;
  const selection = { revision: 1, selected: ['1:2'], targets: [], masks: [], problems: [problem] };
  const told = { type: 'selection', selection } as const;
  expect(isToUi(told)).toBe(true);
  /** Frames the panel, tells it that once it has said something or long enough nothing, and returns how often it did, and its words. */
  const framed = async (query: string) => {
    await page.goto(origin);
    const heard = await page.evaluate(
      async ([url, pluginMessage]) => {
        let messages = 0;
        const first = new Promise<void>((done) =>
          addEventListener('message', () => {
            messages++;
            done();
          }),
        );
        const frame = document.body.appendChild(document.createElement('iframe'));
        frame.src = url;
        await new Promise((done) => frame.addEventListener('load', done));
        const later = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
        await Promise.race([first, later(1000)]);
        frame.contentWindow!.postMessage({ pluginMessage }, '*');
        await later(500);
        return messages;
      },
      [`http://localhost:${server.port}/ui.html?plugin=42${query}`, told] as const,
    );
    return { heard, words: () => page.frames()[1]!.locator('body').textContent() };
  };
  // What the page that it names would see …
  const named = await framed(`&host=${encodeURIComponent(origin)}`);
  expect(named.heard).toBeGreaterThan(0);
  await expect.poll(named.words).toContain(problem.words);
  // … another one, which frames it in Figma's name, does not.
  const hostile = await framed('');
  expect(hostile.heard).toBe(0);
  expect(await hostile.words()).not.toContain(problem.words);
  await browser.close();
  other.close();
});

it('works by itself when no copy answers', async () => {
  server.close();
  const { frame, close } = await stage.show(await oneImage());
  await hands(frame).waitForPhase(/ready/);
  expect(await frame.evaluate(() => isSecureContext)).toBe(false);
  await close();
});
