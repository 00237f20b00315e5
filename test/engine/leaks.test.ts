import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import type { ThreadHost } from '../../src/engine/executors/host.ts';
import { restore } from '../../src/engine/index.ts';
import { nodeThreads } from '../../src/node/threads.ts';

/** Restorations, every fifth of them aborted: `LEAKS=500 npx vitest run test/engine/leaks.test.ts`. */
const RUNS = Number(process.env.LEAKS ?? 5);
/** Restorations before the first look: what is compiled meanwhile stays. */
const WARM = RUNS >= 100 ? 100 : 5;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

it('restorations leave no thread, no buffer and no heap behind', {
  timeout: 120_000 + 1000 * RUNS,
}, async () => {
  const data = Uint8ClampedArray.from({ length: 24 * 24 * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (i * 97) % 251,
  );
  const image = { data, width: 24, height: 24 };
  const threads = nodeThreads(2);
  let alive = 0;
  const spawn: ThreadHost['spawn'] = async (...args) => {
    const worker = await threads.spawn(...args);
    alive++;
    return {
      terminate: () => {
        alive--;
        worker.terminate();
      },
    };
  };
  const host = { threads: { count: 2, spawn } };
  const one = async (i: number) => {
    const leave = new AbortController();
    if (i % 5 === 4) setTimeout(() => leave.abort(), 3);
    const options = {
      task: 'denoise',
      prior: 'tv',
      expert: { steps: 3 },
      previewEveryMs: 0,
      seed: i,
      host,
    } as const;
    await restore(image, { ...options, signal: leave.signal }).catch(({ name }) =>
      expect(name).toBe('AbortError'),
    );
  };
  const look = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return { heap: heapUsed / 1e6, buffers: arrayBuffers / 1e6 };
  };
  for (let i = 0; i < WARM; i++) await one(i);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const before = look();
  for (let i = 0; i < RUNS; i++) await one(i);
  // Threads end, and what they held goes, in their own time, which on a busy machine is not a fixed one.
  await vi.waitFor(
    () => {
      const after = look();
      if (process.env.LEAKS) console.log({ before, after });
      expect(alive).toBe(0);
      expect(after.buffers - before.buffers).toBeLessThan(1);
      expect(after.heap - before.heap).toBeLessThan(4);
    },
    { timeout: 30_000, interval: 300 },
  );
});
