import { describe, expect, it } from 'vitest';
import { psnr, ssim } from '../../src/engine/index.ts';
import { cleanRaster, noisy } from './images.ts';

describe('psnr', () => {
  const a = { planes: [new Float32Array(100).fill(0.5)], width: 10, height: 10 };
  const b = { planes: [new Float32Array(100).fill(0.6)], width: 10, height: 10 };

  it('is −10·log10 of the mean squared error', () => {
    expect(psnr(a, b)).toBeCloseTo(20, 4);
    expect(psnr(a, a)).toBe(Number.POSITIVE_INFINITY);
  });

  it('cuts the border', () => {
    const marked = { ...a, planes: [a.planes[0].map((x, i) => (i < 10 ? 0 : x))] };
    expect(psnr(a, marked)).toBeLessThan(20);
    expect(psnr(a, marked, { border: 1 })).toBe(Number.POSITIVE_INFINITY);
    expect(() => psnr(a, b, { border: 5 })).toThrow('border');
  });

  it('measures luma by BT.601 on 219 of 255 levels', () => {
    // Equal grey differences shrink by 219/255 on luma.
    expect(psnr(a, b, { luma: true })).toBeCloseTo(20 - 20 * Math.log10(219 / 255), 4);
  });

  it('refuses images of different size', () => {
    expect(() => psnr(a, { ...b, width: 20, height: 5 })).toThrow('10×10 and 20×5');
  });
});

describe('ssim', () => {
  const clean = cleanRaster(24, 20);

  it('is 1 for equal images and falls with noise', () => {
    expect(ssim(clean, clean)).toBeCloseTo(1, 9);
    const [little, much] = [ssim(clean, noisy(clean, 5)), ssim(clean, noisy(clean, 40))];
    expect(little).toBeLessThan(1);
    expect(much).toBeLessThan(little - 0.1);
  });

  it('agrees with skimage.metrics.structural_similarity', () => {
    // structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1) on these
    // ramps, 16×16: a = x/16, b = a + .1·sin(y); the mean over the positions where the window fits.
    const a = Float32Array.from({ length: 256 }, (_, i) => (i % 16) / 16);
    const b = a.map((x, i) => Math.min(1, Math.max(0, x + 0.1 * Math.sin(Math.floor(i / 16)))));
    const image = (plane: Float32Array) => ({ planes: [plane], width: 16, height: 16 });
    expect(ssim(image(a), image(b))).toBeCloseTo(SKIMAGE, 5);
  });

  it('is the mean over all windows, however high the picture is', () => {
    const [width, height] = [16, 10 + 3 * 64];
    const plane = Float32Array.from({ length: width * height }, (_, i) => (Math.sin(i * i) + 1) / 2);
    const rows = (from: number, to: number, x: Float32Array) => ({
      ...{ planes: [x.slice(width * from, width * to)], width, height: to - from },
    });
    const soft = plane.map((x, i) => 0.5 + 0.7 * Math.cos(i / 700) * (x - 0.5));
    const part = (i: number) => {
      const [from, to] = [96 * i, 96 * (i + 1) + 10];
      return ssim(rows(from, to, plane), rows(from, to, soft));
    };
    const whole = ssim(rows(0, height, plane), rows(0, height, soft));
    expect(whole).toBeCloseTo((part(0) + part(1)) / 2, 9);
  });
});

const SKIMAGE = 0.803024;
