import { describe, expect, it } from 'vitest';
import {
  analyse,
  ImageSizeError,
  InvalidOptionError,
  InvalidSamplesError,
  MaskError,
  type Progress,
  psnr,
  type RestoreOptions,
  restore,
} from '../../src/engine/index.ts';
import { toTensor } from '../../src/engine/tfjs.ts';
import { cleanRaster, noisy, planar } from './images.ts';

const tiny: Omit<RestoreOptions, 'task'> = {
  executor: 'wasm',
  expert: { net: '6x2', steps: 25 },
  previewEveryMs: 0,
};
const clean = cleanRaster(22, 17);
const damaged = noisy(clean, 25);

describe('restore', () => {
  it('brings a noisy image closer to the clean one', async () => {
    const { image, ...facts } = await restore(damaged, {
      ...tiny,
      task: 'denoise',
      prior: 'network',
      quality: 'best',
      expert: { ...tiny.expert, steps: 120 },
    });
    expect(psnr(image, clean)).toBeGreaterThan(psnr(damaged, clean) + 4);
    expect(facts).toMatchObject({ executor: 'wasm', steps: 120, seed: 0 });
    expect(facts.losses).toHaveLength(120);
    expect(facts.losses[119]).toBeLessThan(facts.losses[0] / 3);
  });

  it('goes by the diagnosis it is given, for instance of the whole image that this is a part of', async () => {
    const found = analyse(damaged);
    const run = (sigma: number) =>
      restore(damaged, {
        ...tiny,
        task: 'denoise',
        diagnosis: { ...found, noise: { ...found.noise, sigma } },
      });
    const [clean, noisy] = [await run(0), await run(100)];
    // No noise: nothing is taken from the network's estimate. Much of it: all.
    expect(clean.image.data).toEqual(damaged.data);
    expect(noisy.image.data).not.toEqual(damaged.data);
    expect(noisy.diagnosis?.noise.sigma).toBe(100);
    expect((await restore(damaged, { ...tiny, task: 'auto', diagnosis: found })).task).toBe(found.task);
  });

  it.each([
    ['{}', {}],
    ['null', null],
    ['NaN', { ...analyse(damaged), noise: { ...analyse(damaged).noise, sigma: Number.NaN } }],
    ['a short table', { ...analyse(damaged), jpeg: { quality: 20, table: new Uint8Array(3) } }],
  ])('refuses %s as a diagnosis', async (_, diagnosis) => {
    const run = restore(damaged, { ...tiny, task: 'denoise', diagnosis: diagnosis as never });
    await expect(run).rejects.toThrow(InvalidOptionError);
  });

  it('gives the same pixels for the same seed and others for another', async () => {
    const run = async (seed: number) =>
      (await restore(damaged, { ...tiny, task: 'denoise', seed })).image.data;
    const [a, b, c] = [await run(4), await run(4), await run(5)];
    expect(b).toEqual(a);
    expect(c).not.toEqual(a);
  });

  it('returns known pixels bit-identical when inpainting, and fills the rest', async () => {
    const known = Uint8Array.from({ length: 22 * 17 }, (_, i) => (i % 22 > 8 && i % 22 < 13 ? 0 : 255));
    const holed = {
      ...clean,
      data: clean.data.map((value, i) => (known[i >> 2] || i % 4 === 3 ? value : 0)),
    };
    const mask = { data: known, width: 22, height: 17 };
    const { image } = await restore(holed, {
      ...tiny,
      task: 'inpaint',
      mask,
      expert: { ...tiny.expert, steps: 100 },
    });
    for (let i = 0; i < known.length; i++)
      if (known[i]) expect(image.data.slice(4 * i, 4 * i + 4)).toEqual(clean.data.slice(4 * i, 4 * i + 4));
    expect(psnr(image, clean)).toBeGreaterThan(psnr(holed, clean) + 8);
  });

  it.each([1.5, 2, 2.5])('up-scales by %s', async (scale) => {
    const { image } = await restore(clean, { ...tiny, task: 'upscale', scale });
    expect([image.width, image.height]).toEqual([Math.round(22 * scale), Math.round(17 * scale)]);
    expect(image.data).toHaveLength(4 * image.width * image.height);
  });

  it('keeps alpha exactly, and lets no hidden colour bleed in', async () => {
    const alpha = (i: number) => [0, 128, 255, 255][Math.floor((i % 22) / 6)];
    const withColour = (hidden: number) => ({
      ...damaged,
      data: damaged.data.map((value, i) => {
        const a = alpha(i >> 2);
        return i % 4 === 3 ? a : a === 0 ? hidden : value;
      }),
    });
    const [red, black] = [withColour(255), withColour(0)];
    const a = await restore(red, { ...tiny, task: 'denoise' });
    const b = await restore(black, { ...tiny, task: 'denoise' });
    a.image.data.forEach((value, i) => {
      if (i % 4 === 3 || alpha(i >> 2) === 0) expect(value).toBe(red.data[i]);
      else expect(value).toBe(b.image.data[i]);
    });
  });

  it('enlarges alpha too, keeps plain areas plain, and lets no hidden colour bleed in', async () => {
    const alpha = (i: number) => (Math.hypot((i % 22) - 11, Math.floor(i / 22) - 8) < 5 ? 255 : 0);
    const withColour = (hidden: number) => ({
      ...clean,
      data: clean.data.map((value, i) => {
        const a = alpha(i >> 2);
        return i % 4 === 3 ? a : a === 0 ? hidden : value;
      }),
    });
    const options = { ...tiny, task: 'upscale', scale: 2 } as const;
    const a = await restore(withColour(255), options);
    const b = await restore(withColour(0), options);
    expect(a.image).toEqual(b.image);
    const alphaAt = (x: number, y: number) => a.image.data[4 * (y * a.image.width + x) + 3];
    for (const d of [-1, 0, 1]) expect(alphaAt(22 + d, 17 + d)).toBe(255);
    for (let x = 0; x < 44; x++) expect(alphaAt(x, 0)).toBe(0);
    // Nothing visible is darker than the darkest that was: no dark rim.
    const darkest = Math.min(...clean.data.filter((_, i) => i % 4 !== 3 && alpha(i >> 2) > 0));
    for (let i = 0; i < a.image.data.length; i += 4)
      if (a.image.data[i + 3] > 127)
        expect(Math.min(...a.image.data.slice(i, i + 3))).toBeGreaterThan(darkest - 40);
  });

  it('works on grey, and returns as many planes as it got', async () => {
    const grey = { planes: [planar(damaged).planes[0]], width: 22, height: 17 };
    const { image } = await restore(grey, { ...tiny, task: 'denoise' });
    expect(image.planes).toHaveLength(1);
    const rgba = {
      ...planar(damaged),
      planes: [...planar(damaged).planes, new Float32Array(22 * 17).fill(0.5)],
    };
    const four = await restore(rgba, { ...tiny, task: 'denoise' });
    expect(four.image.planes).toHaveLength(4);
    expect(four.image.planes[3]).toEqual(rgba.planes[3]);
  });

  it('takes tensors, and its planes become tensors of their dtype', async () => {
    const tf = await import('@tensorflow/tfjs');
    const bytes = tf.tensor3d(Array.from(damaged.data), [17, 22, 4], 'int32');
    const before = tf.memory().numTensors;
    const result = await restore(bytes, { ...tiny, task: 'denoise', expert: { ...tiny.expert, steps: 5 } });
    const image = toTensor(result.image, bytes);
    expect(tf.memory().numTensors).toBe(before + 1); // the result
    expect([image.shape, image.dtype]).toEqual([[17, 22, 4], 'int32']);
    const raster = await restore(damaged, { ...tiny, task: 'denoise', expert: { ...tiny.expert, steps: 5 } });
    expect(Uint8ClampedArray.from(await image.data())).toEqual(raster.image.data);
    const grey = await restore(tf.fill([12, 9, 1], 0.5) as typeof bytes, {
      ...tiny,
      task: 'dejpeg',
      expert: { ...tiny.expert, steps: 2 },
    });
    expect(toTensor(grey.image)).toMatchObject({ shape: [12, 9, 1], dtype: 'float32' });
  });

  it.each([
    [8, 8],
    [9, 31],
    [64, 8],
  ])('takes any size from 8×8: %i×%i', async (width, height) => {
    const { image } = await restore(cleanRaster(width, height), {
      ...tiny,
      task: 'denoise',
      expert: { ...tiny.expert, net: '4x5', steps: 2 },
    });
    expect([image.width, image.height]).toEqual([width, height]);
  });

  it('smooths with the explicit total-variation prior, by the same loop', async () => {
    const { image } = await restore(damaged, {
      ...tiny,
      task: 'denoise',
      prior: 'tv',
      expert: { ...tiny.expert, steps: 200 },
    });
    expect(psnr(image, clean)).toBeGreaterThan(psnr(damaged, clean) + 3);
  });

  it('says so where nothing was taken out', async () => {
    const flat = { planes: [new Float32Array(24 * 20).fill(0.3)], width: 24, height: 20 };
    const result = await restore(flat, { task: 'denoise', quality: 'fast', executor: 'wasm' });
    expect(result.image.planes).toEqual(flat.planes);
    expect(result.notes).toEqual([
      expect.stringMatching(/^Nothing could be taken out .* the image is as it was/),
    ]);
  });

  it('survives an absurd learning rate by rolling back', async () => {
    const options = {
      ...tiny,
      task: 'denoise',
      expert: { ...tiny.expert, optimiser: 'adam', learningRate: 5, steps: 60 },
    } as const;
    const { image } = await restore(damaged, options);
    expect(image.data.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
    expect(psnr(image, clean)).toBeGreaterThan(5);
  });
});

describe('the run', () => {
  it('reports progress with previews in the size of the result', async () => {
    const seen: Progress[] = [];
    const options = { ...tiny, task: 'upscale', previewEveryMs: 1 } as const;
    await restore(clean, { ...options, onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ step: 25, steps: 25, etaMs: 0 });
    expect(seen.some(({ preview }) => preview?.width === 44 && preview.height === 34)).toBe(true);
    for (const { loss, msPerStep } of seen) expect(loss > 0 && msPerStep > 0).toBe(true);
  });

  it('rejects with an AbortError after signal', async () => {
    const controller = new AbortController();
    const options = {
      ...tiny,
      task: 'denoise',
      expert: { ...tiny.expert, steps: 5000 },
      signal: controller.signal,
    } as const;
    const run = restore(damaged, { ...options, onProgress: () => controller.abort() });
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('returns the best so far after stopSignal, and after maxSeconds', async () => {
    const controller = new AbortController();
    const options = { ...tiny, task: 'denoise', expert: { ...tiny.expert, steps: 20000 } } as const;
    const stopped = await restore(damaged, {
      ...options,
      stopSignal: controller.signal,
      onProgress: ({ step }) => step > 5 && controller.abort(),
    });
    expect(stopped.stoppedBy).toBe('user');
    expect(stopped.steps).toBeLessThan(20000);
    const timed = await restore(damaged, {
      ...options,
      expert: { ...options.expert, earlyStop: false },
      maxSeconds: 0.3,
    });
    expect(timed.stoppedBy).toBe('time');
  });

  it('stops by itself once the variance of the outputs has passed its minimum', async () => {
    // A network large enough to learn the noise: a smaller one only settles, and its variance falls for ever.
    const { stoppedBy, bestStep, steps, variances } = await restore(noisy(cleanRaster(32, 32), 40), {
      ...tiny,
      task: 'denoise',
      prior: 'network',
      quality: 'best',
      expert: { ...tiny.expert, net: '16x3', steps: 2000 },
    });
    expect(stoppedBy).toBe('variance');
    expect(bestStep).toBeLessThan(steps - 1);
    expect(variances[bestStep]).toBe(Math.min(...variances.slice(60)));
  });
});

describe('bad input', () => {
  const mask = (value: number, width = 22, height = 17) => ({
    data: new Uint8Array(width * height).fill(value),
    width,
    height,
  });
  const refused = (options: unknown, image: unknown = clean) =>
    restore(image as typeof clean, { ...tiny, ...(options as RestoreOptions) });

  it.each([
    [
      { task: 'colourise' },
      'Expected one of auto, denoise, dejpeg, upscale, inpaint for task but received "colourise".',
    ],
    [{ task: 'upscale', scale: 0 }, 'Expected a number above 1 to 8 for scale but received 0.'],
    [
      { task: 'denoise', expert: { steps: 1.5 } },
      'Expected an integer from 1 to 20000 for expert.steps but received 1.5.',
    ],
    [{ task: 'denoise', seed: -1 }, 'for seed but received -1'],
    [{ task: 'denoise', expert: { net: '0x5' } }, 'for expert.net but received "0x5"'],
    [{ task: 'denoise', executor: 'cuda' }, 'for executor but received "cuda"'],
  ])('names the option: %o', async (options, message) => {
    const error = await refused(options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as Error).message).toContain(message);
  });

  it.each([
    ['no mask', undefined, 'needs a mask'],
    ['another size', mask(0, 21), '22×17'],
    ['nothing to fill', mask(255), 'nothing to fill'],
    ['nothing known', mask(0), 'nothing known'],
  ])('refuses a mask with %s', async (_, given, message) => {
    const error = await refused({ task: 'inpaint', mask: given }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(MaskError);
    expect((error as Error).message).toContain(message);
  });

  it('refuses images that are too small, of the wrong length, or not numbers', async () => {
    const sizes = [
      { data: new Uint8ClampedArray(4), width: 1, height: 1 },
      { data: new Uint8ClampedArray(4 * 300), width: 1, height: 300 },
      { data: new Uint8ClampedArray(7), width: 22, height: 17 },
    ];
    for (const image of sizes)
      await expect(refused({ task: 'denoise' }, image)).rejects.toBeInstanceOf(ImageSizeError);
    const nan = planar(clean);
    nan.planes[1][30] = Number.NaN;
    const error = await refused({ task: 'denoise' }, nan).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InvalidSamplesError);
    expect((error as Error).message).toContain('plane 1 has NaN at (8, 1)');
  });
});
