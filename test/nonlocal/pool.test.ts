import { describe, expect, it } from 'vitest';
import type { EngineHost } from '../../src/engine/executors/host.ts';
import { denoiseNonlocal } from '../../src/engine/nonlocal/denoise.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { normal, streamKey } from '../../src/engine/random.ts';

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
