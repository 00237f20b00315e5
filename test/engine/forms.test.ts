import { describe, expect, it } from 'vitest';
import { type RestorableImage, type RestoreOptions, restoration, restore } from '../../src/engine/index.ts';
import { cleanRaster, noisy } from './images.ts';

const damaged = noisy(cleanRaster(22, 17), 25);
const options: RestoreOptions = {
  task: 'denoise',
  prior: 'tv',
  expert: { steps: 6 },
  executor: 'wasm',
  previewEveryMs: 1,
};

describe('forms of images', () => {
  it.each([
    [3, Uint8Array, 255],
    [4, Uint16Array, 65535],
    [1, Float32Array, 1],
  ] as const)(
    "sharp's {data, info} of %i channels comes back as it was given",
    async (channels, Samples, white) => {
      const samples = Array.from({ length: 22 * 17 * channels }, (_, i) => {
        const [c, pixel] = [i % channels, Math.floor(i / channels)];
        const value = c === 3 ? 1 : damaged.data[4 * pixel + c] / 255;
        return white === 1 ? value : Math.round(value * white);
      });
      const info = { width: 22, height: 17, channels };
      const { image } = await restore({ data: Samples.from(samples), info }, options);
      expect(image.data).toBeInstanceOf(Samples);
      expect(image.info).toEqual(info);
      const raster = await restore(damaged, options);
      if (channels === 3) expect([...image.data].slice(0, 3)).toEqual([...raster.image.data].slice(0, 3));
      if (channels === 4) expect(image.data[3]).toBe(65535);
      expect([...image.data]).not.toEqual(samples);
    },
  );

  it('what is no image is refused by a typed error that names it', async () => {
    const wrong = [null, 'scan.jpg', new Blob(), new Uint8Array(9), { width: 8, height: 8 }];
    const messages = wrong.map((image) =>
      restore(image as unknown as RestorableImage, options).catch(String),
    );
    expect(await Promise.all(messages)).toEqual(
      ['null', '"scan.jpg"', 'a Blob', 'Uint8Array(9)', 'an object'].map((name) =>
        expect.stringContaining(`for the image but received ${name}.`),
      ),
    );
  });
});

describe('for await', () => {
  it('gives the progress of a restoration, then its result', async () => {
    const run = restoration(damaged, options);
    let steps = 0;
    for await (const { step, preview } of run) {
      expect(step).toBeGreaterThan(steps);
      if (preview) expect(preview.width).toBe(22);
      steps = step;
    }
    expect(steps).toBe(6);
    expect((await run.result).steps).toBe(6);
  });

  it('left early stops with the best so far; an error ends it', async () => {
    const run = restoration(damaged, { ...options, expert: { ...options.expert, steps: 20000 } });
    for await (const _ of run) break;
    expect((await run.result).stoppedBy).toBe('user');
    const wrong = restoration(damaged, { ...options, expert: { ...options.expert, steps: -1 } });
    const all = (async () => {
      for await (const _ of wrong);
    })();
    await expect(all).rejects.toThrow(/steps/);
  });
});

it('an aborted restoration rejects with the reason of its signal', async () => {
  const controller = new AbortController();
  const reason = new Error('the visitor has left');
  const run = restore(damaged, {
    ...options,
    expert: { ...options.expert, steps: 20000 },
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  await expect(run).rejects.toBe(reason);
});
