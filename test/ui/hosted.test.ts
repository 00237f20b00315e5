import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { serveUi } from '../../scripts/figma-local.mjs';
import { hands } from './support/hands.ts';
import { oneImage } from './support/scenarios.ts';
import { Stage } from './support/stage.ts';

const ENGINE = 'test/ui/support/fake-engine.ts';
let server: Awaited<ReturnType<typeof serveUi>>;
let stage: Stage;
beforeAll(async () => {
  server = await serveUi({ port: 0, build: () => buildUi({ outfile: '', engine: ENGINE }) });
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

it('works by itself when no copy answers', async () => {
  server.close();
  const { frame, close } = await stage.show(await oneImage());
  await hands(frame).waitForPhase(/ready/);
  expect(await frame.evaluate(() => isSecureContext)).toBe(false);
  await close();
});
