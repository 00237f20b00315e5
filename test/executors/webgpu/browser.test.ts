import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../scripts/machine.mjs';
import type { PageResult } from './browser-page.ts';
import { COMPILES } from './open.ts';

const FLAGS = ['--headless=new', '--no-sandbox', '--enable-unsafe-webgpu', '--disable-background-networking'];

const executablePath = findChromium();

describe.skipIf(!executablePath)('WebGPU in Chromium (needs a browser)', COMPILES, () => {
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

  it('takes the same steps as the reference, twice, and leaves no buffer behind', async (context) => {
    if (!(await page.evaluate('navigator.gpu && navigator.gpu.requestAdapter().then(Boolean)')))
      context.skip('this Chromium offers no WebGPU adapter');
    const result = await page.evaluate(() =>
      (globalThis as unknown as { compare(): Promise<PageResult> }).compare(),
    );
    expect(result.adapter).not.toBe('');
    for (const [name, difference] of Object.entries(result.worst))
      expect(difference, `${name} on ${result.adapter}`).toBeLessThan(1e-4);
    expect(result.repeats).toBe(true);
    expect(result.buffersLeft).toBe(0);
  });
});
