import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findChromium } from '../../scripts/machine.mjs';
import type { Alive } from './leaks-page.ts';

/** Restorations on one page: `LEAKS=200 npx vitest run test/engine/leaks-page.test.ts`. */
const RUNS = Number(process.env.LEAKS ?? 8);
/** Restorations before the first look: what the browser compiles meanwhile stays. */
const WARM = RUNS >= 100 ? RUNS : 8;
/** Of what the page's scripts hold; of few restorations the first ones of a kind still count. */
const MOST_GROWTH = RUNS >= 100 ? 0.02 : 0.1;
/** Of the whole heap, of which two thirds are code that the browser compiles, ever less of it. */
const MOST_COMPILED = RUNS >= 100 ? 0.02 : 0.5;

/** What scripts hold, not what the browser makes of them: compiled code, shapes, its own timeline. */
const HELD = new Set([
  'array',
  'string',
  'object',
  'closure',
  'number',
  'concatenated string',
  'sliced string',
  'symbol',
  'bigint',
]);

const executablePath = findChromium();

describe.skipIf(!executablePath)('a page (needs a browser)', { timeout: 60_000 + 5000 * RUNS }, () => {
  let browser: Browser;
  let page: Page;
  let session: CDPSession;
  let server: Server;

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [new URL('leaks-page.ts', import.meta.url).pathname],
      ...{ bundle: true, format: 'iife', target: 'es2022', write: false, logLevel: 'silent' },
    });
    const html = `<!doctype html><meta charset="utf-8"><script>${outputFiles[0].text.replaceAll('</script', '<\\/script')}</script>`;
    server = createServer((_, response) =>
      response
        .setHeader('content-type', 'text/html')
        .setHeader('cross-origin-opener-policy', 'same-origin')
        .setHeader('cross-origin-embedder-policy', 'require-corp')
        .end(html),
    );
    await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume));
    const args = [
      '--headless=new',
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      '--disable-background-networking',
    ];
    browser = await chromium.launch({ executablePath, args });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    session = await page.context().newCDPSession(page);
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** What is alive and how much memory it takes, MB, once all is collected that can be. */
  async function look() {
    for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
    const { backingStorageSize = 0 } = (await session.send('Runtime.getHeapUsage')) as {
      backingStorageSize?: number;
    };
    const alive = (await page.evaluate('({ ...alive })')) as Alive;
    return { ...(await onHeap()), buffers: backingStorageSize / 1e6, ...alive };
  }

  /** MB of what is alive on the heap, in a snapshot of it: all, and of HELD. */
  async function onHeap(): Promise<{ readonly heap: number; readonly held: number }> {
    const chunks: string[] = [];
    const take = ({ chunk }: { chunk: string }) => void chunks.push(chunk);
    session.on('HeapProfiler.addHeapSnapshotChunk', take);
    await session.send('HeapProfiler.takeHeapSnapshot');
    session.off('HeapProfiler.addHeapSnapshotChunk', take);
    const { snapshot, nodes } = JSON.parse(chunks.join(''));
    const { node_fields: fields, node_types: types } = snapshot.meta;
    const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
    let [heap, held] = [0, 0];
    for (let at = 0; at < nodes.length; at += fields.length) {
      const kind = types[type][nodes[at + type]];
      if (kind !== 'native') heap += nodes[at + size] / 1e6;
      if (HELD.has(kind)) held += nodes[at + size] / 1e6;
    }
    return { heap, held };
  }

  it('is as before after restorations by every executor it has', async () => {
    const many = (runs: number) => page.evaluate(`restoreMany(${runs})`) as Promise<string[]>;
    const used = await many(WARM);
    const before = await look();
    await many(RUNS);
    await vi.waitFor(
      async () => {
        const after = await look();
        if (process.env.LEAKS) console.log({ used, before, after });
        expect(after).toMatchObject({ workers: 0, gpuBuffers: 0 });
        expect(after.memories).toBeLessThanOrEqual(before.memories);
        expect(after.buffers - before.buffers).toBeLessThan(0.5);
        expect(after.held / before.held).toBeLessThan(1 + MOST_GROWTH);
        expect(after.heap / before.heap).toBeLessThan(1 + MOST_COMPILED);
      },
      { timeout: 30_000, interval: 500 },
    );
    expect(used).toEqual(expect.arrayContaining(['nonlocal', 'wasm']));
  });
});
