import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/machine.mjs';

const FLAGS = ['--headless=new', '--no-sandbox', '--enable-unsafe-webgpu', '--disable-background-networking'];

export interface ServedPage {
  readonly page: Page;
  close(): Promise<void>;
}

/**
 * A module of the tests on a page of localhost, in a fresh browser: navigator.gpu exists in secure contexts only, and
 * about:blank is none. `headers` may isolate the page, for threads.
 */
export async function openServed(module: URL, headers: Record<string, string> = {}): Promise<ServedPage> {
  const { outputFiles } = await build({
    entryPoints: [module.pathname],
    ...{ bundle: true, format: 'iife', target: 'es2022', write: false, logLevel: 'silent' },
  });
  const script = outputFiles[0].text.replaceAll('</script', '<\\/script');
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html', ...headers });
    response.end(`<!doctype html><meta charset="utf-8"><script>${script}</script>`);
  });
  await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume));
  const browser = await chromium.launch({ executablePath: findChromium(), args: FLAGS });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const close = async () => {
    await browser.close();
    server.close();
  };
  return { page, close };
}
