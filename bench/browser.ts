import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { findChromium } from '../scripts/machine.mjs';
import { mainThreadTasks, TASK_CATEGORIES } from './main-thread.ts';
import type { Measurement } from './measure.ts';

const FLAGS = ['--headless=new', '--no-sandbox', '--enable-unsafe-webgpu', '--disable-background-networking'];

export interface BrowserBench {
  run(name: string, net: string, size: number, seconds: number): Promise<Measurement>;
  close(): Promise<void>;
}

interface InPage {
  prepare(net: string, size: number): void;
  benchmark(name: string, seconds: number): Promise<Measurement>;
}

/** Chromium with the benchmark's page, bundled from the sources; each measurement in a fresh page. */
export async function startBrowser(): Promise<BrowserBench> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('no Chromium found; set PRIOR_ART_CHROMIUM to one');
  const { outputFiles } = await build({
    entryPoints: ['bench/page.ts'],
    bundle: true,
    format: 'iife',
    write: false,
    logLevel: 'error',
    loader: { '.wasm': 'base64' },
  });
  const script = outputFiles[0].text.replaceAll('</script', '<\\/script');
  const html = `<!doctype html><meta charset="utf-8"><script>${script}</script>`;
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume));
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  return {
    run: async (name, net, size, seconds) => {
      const page = await browser.newPage();
      try {
        await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
        await page.evaluate(([n, s]) => (globalThis as unknown as InPage).prepare(n, s), [
          net,
          size,
        ] as const);
        await browser.startTracing(page, { categories: TASK_CATEGORIES });
        let measured: Measurement;
        let trace: Buffer;
        try {
          measured = await page.evaluate(([n, s]) => (globalThis as unknown as InPage).benchmark(n, s), [
            name,
            seconds,
          ] as const);
        } finally {
          trace = await browser.stopTracing();
        }
        const tasks = mainThreadTasks(trace);
        return { ...measured, longestTaskMs: Math.max(...tasks.map(({ ms }) => ms)) };
      } finally {
        await page.close();
      }
    },
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}
