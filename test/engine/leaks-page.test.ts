import type { CDPSession } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findChromium } from '../../scripts/machine.mjs';
import { openServed, type ServedPage } from '../support/served-page.ts';
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

describe.skipIf(!findChromium())('a page (needs a browser)', { timeout: 60_000 + 5000 * RUNS }, () => {
  let served: ServedPage;
  let session: CDPSession;

  beforeAll(async () => {
    served = await openServed(new URL('leaks-page.ts', import.meta.url), {
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    session = await served.page.context().newCDPSession(served.page);
  });
  afterAll(() => served?.close());

  /** What is alive and how much memory it takes, MB, once all is collected that can be. */
  async function look() {
    for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
    const { backingStorageSize = 0 } = (await session.send('Runtime.getHeapUsage')) as {
      backingStorageSize?: number;
    };
    const alive = (await served.page.evaluate('({ ...alive })')) as Alive;
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
    const many = (runs: number) => served.page.evaluate(`restoreMany(${runs})`) as Promise<string[]>;
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
