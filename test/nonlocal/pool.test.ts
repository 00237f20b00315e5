import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { EngineHost } from '../../src/engine/executors/host.ts';
import { denoiseNonlocal } from '../../src/engine/nonlocal/denoise.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { createPool } from '../../src/engine/nonlocal/pool.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { nodeWorkers } from '../../src/node/workers.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const [width, height] = [72, 200];
const key = streamKey(3, 1);
const picture = {
  ...{ width, height, channels: 1 as const, alpha: null },
  colour: Float32Array.from(
    { length: width * height },
    (_, i) => 0.5 + 0.2 * Math.sin((i % width) / 5) + (20 / 255) * normal(key, i),
  ).map((value) => Math.min(1, Math.max(0, value))),
};
const denoised = (host?: EngineHost) =>
  denoiseNonlocal(picture, whiteNoise(1, 20), { host, quality: 'fast' });

describe('answers', () => {
  it('are let go of once they are used', async () => {
    const workers = nodeWorkers(2);
    const answers: WeakRef<ArrayBuffer>[] = [];
    const start = (source: string) => {
      const worker = workers.start(source);
      const ask = async (message: unknown, transfer: readonly ArrayBuffer[]) => {
        const answer = await worker.ask(message, transfer);
        answers.push(new WeakRef(answer));
        return answer;
      };
      return { ...worker, ask };
    };
    let held = 0;
    const progress = async (done: number) => {
      if (done < 1) return;
      await new Promise((resolve) => setTimeout(resolve, 0)); // weak references last until then
      collect();
      held = answers.filter((answer) => answer.deref()).length;
    };
    await denoiseNonlocal(picture, whiteNoise(1, 20), {
      ...{ quality: 'fast', progress },
      host: { workers: { count: 2, start } },
    });
    expect(answers.length).toBe(9); // three strips in three steps
    expect(held).toBeLessThan(4);
  });
});

it('a pool that is disposed of begins nothing: its workers would never answer', async () => {
  const start = () => ({ ask: () => new Promise<never>(() => {}), terminate: () => {} });
  const pool = await createPool({ workers: { count: 2, start } });
  pool.dispose();
  await expect(pool.run(() => ({}) as never)).rejects.toMatchObject({ name: 'AbortError' });
});

describe('workers that fail', () => {
  it('change nothing: what they were to do is done here, one after the other', async () => {
    const broken = {
      ask: (message: unknown, transfer: readonly ArrayBuffer[]) => {
        structuredClone(message, { transfer: [...transfer] }); // what was handed over is gone
        return Promise.reject(new Error('refused'));
      },
      terminate: () => {},
    };
    expect(await denoised({ workers: { count: 4, start: () => broken } })).toEqual(await denoised());
  });
});
