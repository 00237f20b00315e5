import { describe, expect, it } from 'vitest';
import { type Picture, toPicture } from '../../src/engine/image/picture.ts';
import type { PlanarImage } from '../../src/engine/index.ts';
import { denoiseNonlocal } from '../../src/engine/nonlocal/denoise.ts';
import { type NoiseModel, whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { nodeThreads } from '../../src/node/threads.ts';
import { nodeWorkers } from '../../src/node/workers.ts';
import { counted, noisy, scene, smeared } from '../support/pictures.ts';

nodeThreads(1); // relaxed SIMD where it needs a flag

const denoise = (picture: Picture, noise: NoiseModel, workers?: number, signal?: AbortSignal) =>
  denoiseNonlocal(picture, noise, {
    ...(workers ? { host: { workers: nodeWorkers(workers) } } : {}),
    ...(signal ? { signal } : {}),
    quality: 'fast',
  });

function psnr(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return -10 * Math.log10(sum / a.length);
}

const grey = ({ planes, ...size }: PlanarImage): PlanarImage => ({ ...size, planes: [planes[1]] });

/** White noise that was smeared before it was added: half of its σ is left. */
function withSmearedNoise(image: PlanarImage, sigma: number): PlanarImage {
  const grey = { ...image, planes: image.planes.map((plane) => plane.map(() => 0.5)) };
  const { planes } = smeared(noisy(grey, sigma));
  const clip = (x: number) => Math.min(1, Math.max(0, x));
  return {
    ...image,
    planes: image.planes.map((plane, c) => plane.map((x, i) => clip(x + planes[c][i] - 0.5))),
  };
}

/** Such noise. */
const smearedNoise = (sigma: number): NoiseModel => {
  const tent = (lag: number) => Math.max(0, 1 - Math.abs(lag) / 2);
  const correlation = Float64Array.from(
    { length: 49 },
    (_, i) => tent(Math.floor(i / 7) - 3) * tent((i % 7) - 3),
  );
  return { planes: whiteNoise(3, sigma).planes.map((plane) => ({ ...plane, correlation })) };
};

const clean = scene(120, 100);

describe('non-local denoising', () => {
  it.each([
    ['white noise', clean, noisy(clean, 25), whiteNoise(3, 25), 10],
    ['grey', grey(clean), noisy(grey(clean), 25), whiteNoise(1, 25), 9],
    // Of 40 photons: at middle grey the variance is .5 / 40.
    ['counted photons', clean, counted(clean, 40), whiteNoise(3, 255 * Math.sqrt(0.5 / 40), 1), 10],
    ['smeared noise', clean, withSmearedNoise(clean, 40), smearedNoise(20), 8],
    ['little noise', clean, noisy(clean, 2), whiteNoise(3, 2), 4],
  ])('takes noise away: %s', async (_, truth, image, noise, gain) => {
    const picture = toPicture(image);
    const result = await denoise(picture, noise);
    const to = toPicture(truth).colour;
    expect(psnr(result, to) - psnr(picture.colour, to)).toBeGreaterThan(gain);
    expect(result.every((x) => x >= 0 && x <= 1)).toBe(true);
  });

  it('knows smeared noise by its covariance', async () => {
    const picture = toPicture(withSmearedNoise(clean, 40));
    const to = toPicture(clean).colour;
    const asWhite = psnr(await denoise(picture, whiteNoise(3, 20)), to);
    expect(psnr(await denoise(picture, smearedNoise(20)), to)).toBeGreaterThan(asWhite + 1);
  });

  it('moves no sample farther than the noise explains, whatever the picture is', async () => {
    const checks = Float32Array.from({ length: 40 * 33 }, (_, i) => (i + Math.floor(i / 40)) % 2);
    const flat = new Float32Array(40 * 33).fill(1);
    const dots = Float32Array.from({ length: 40 * 33 }, (_, i) => (i % 97 === 0 ? 1 : 0));
    const picture = toPicture({ planes: [checks, flat, dots], width: 40, height: 33 });
    const result = await denoise(picture, whiteNoise(3, 10));
    const farthest = Math.max(...result.map((x, i) => Math.abs(x - picture.colour[i])));
    // Five standard deviations in each of three orthogonal planes.
    expect(farthest).toBeLessThan((5 * Math.sqrt(3) * 10) / 255);
  });

  it('returns a picture without noise as it is', async () => {
    const { colour, ...picture } = toPicture(clean);
    expect(await denoise({ ...picture, colour }, whiteNoise(3, 0))).toEqual(colour);
  });

  it.each([
    [8, 8],
    [9, 31],
    [70, 8],
  ])('takes %i × %i', async (width, height) => {
    const image = noisy(scene(width, height), 20);
    const result = await denoise(toPicture(image), whiteNoise(3, 20));
    expect(result.every(Number.isFinite)).toBe(true);
    const to = toPicture(scene(width, height)).colour;
    expect(psnr(result, to)).toBeGreaterThan(psnr(toPicture(image).colour, to) + 1);
  });

  it('gives the same bits in turns and by 2 or 3 workers', async () => {
    // High enough for three strips.
    const picture = toPicture(noisy(scene(40, 200), 25));
    const noise = whiteNoise(3, 25);
    const alone = await denoise(picture, noise);
    for (const workers of [2, 3]) expect(await denoise(picture, noise, workers)).toEqual(alone);
  });

  it('goes on without workers that fail', async () => {
    const picture = toPicture(noisy(scene(40, 40), 25));
    const host = {
      workers: {
        count: 2,
        start: () => ({ ask: () => Promise.reject(new Error('refused')), terminate: () => {} }),
      },
    };
    const result = await denoiseNonlocal(picture, whiteNoise(3, 25), { host, quality: 'fast' });
    expect(result).toEqual(await denoise(picture, whiteNoise(3, 25)));
  });

  it.each([undefined, 2])('ends at once when it is aborted: %s workers', async (workers) => {
    const abort = new AbortController();
    const running = denoise(toPicture(noisy(scene(400, 400), 25)), whiteNoise(3, 25), workers, abort.signal);
    setTimeout(() => abort.abort(), 50);
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('tells how far it is, and shows what it has', async () => {
    const image = noisy(scene(60, 150), 25);
    const to = toPicture(scene(60, 150)).colour;
    const seen: { done: number; psnr: number }[] = [];
    await denoiseNonlocal(toPicture(image), whiteNoise(3, 25), {
      quality: 'fast',
      progress: async (done, colour) => void seen.push({ done, psnr: psnr(atOnce(colour()), to) }),
    });
    const shares = seen.map(({ done }) => done);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    expect(seen.at(-1)!.psnr).toBeGreaterThan(psnr(toPicture(image).colour, to) + 8);
    expect(seen[0].psnr).toBeGreaterThan(psnr(toPicture(image).colour, to));
  });

  it('refuses noise of other planes', async () => {
    await expect(denoise(toPicture(clean), whiteNoise(1, 25))).rejects.toThrow('Expected 3 planes for noise');
  });
});

describe('transparency', () => {
  const [width, height] = [64, 64];
  const image = noisy(scene(width, height), 20);
  const alpha = Float32Array.from({ length: width * height }, (_, i) => {
    const x = i % width;
    return x < 20 ? 0 : x < 24 ? (x - 19) / 5 : 1;
  });
  const withHidden = (hidden: number) => {
    const planes = image.planes.map((plane) => plane.map((v, i) => (alpha[i] === 0 ? hidden : v)));
    return toPicture({ planes: [...planes, alpha], width, height });
  };

  it('keeps hidden colour as it is, and out of what shows', async () => {
    const [black, white] = await Promise.all(
      [0, 1].map((hidden) => denoise(withHidden(hidden), whiteNoise(3, 20))),
    );
    black.forEach((value, i) => {
      if (alpha[i % alpha.length] === 0) expect([value, white[i]]).toEqual([0, 1]);
      else expect(value).toBe(white[i]);
    });
  });

  it('takes the noise out of what shows', async () => {
    const result = await denoise(withHidden(0), whiteNoise(3, 20));
    const to = toPicture(scene(width, height)).colour;
    const shown = (from: Float32Array) => from.map((v, i) => v * alpha[i % alpha.length]);
    const before = psnr(shown(withHidden(0).colour), shown(to));
    expect(psnr(shown(result), shown(to))).toBeGreaterThan(before + 7);
    // Of a feathered rim, too, however faint.
    const isRim = (_: number, i: number) => alpha[i % alpha.length] > 0 && alpha[i % alpha.length] < 1;
    const [rim, noisyRim, truth] = [result, withHidden(0).colour, to].map((planes) => planes.filter(isRim));
    expect(psnr(rim, truth)).toBeGreaterThan(psnr(noisyRim, truth) + 5);
  });
});
