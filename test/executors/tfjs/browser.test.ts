import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../scripts/machine.mjs';
import type { PageResult } from './browser-page.ts';

const FLAGS = ['--headless=new', '--no-sandbox', '--enable-unsafe-webgpu', '--disable-background-networking'];

const executablePath = findChromium();

describe.skipIf(!executablePath)('tfjs in Chromium (needs a browser)', () => {
  let browser: Browser;
  let page: Page;
  let server: Server;

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [new URL('browser-page.ts', import.meta.url).pathname],
      bundle: true,
      format: 'iife',
      write: false,
      logLevel: 'silent',
    });
    const html = `<!doctype html><meta charset="utf-8"><script>${outputFiles[0].text.replaceAll('</script', '<\\/script')}</script>`;
    // navigator.gpu exists in secure contexts only: localhost is one, about:blank is not.
    server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
    await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume));
    browser = await chromium.launch({ executablePath, args: FLAGS });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it.each(['webgl', 'webgpu'] as const)('%s takes the same step as the reference', async (backend) => {
    const { adapter, tensorsLeft, worst } = await page.evaluate(
      ([name]) => (globalThis as unknown as { compare(b: string): Promise<PageResult> }).compare(name),
      [backend],
    );
    expect(adapter).not.toBe('');
    expect(tensorsLeft).toBe(0);
    for (const [name, difference] of Object.entries(worst))
      expect(difference, `${name} on ${adapter}`).toBeLessThan(1e-4);
  });
});
