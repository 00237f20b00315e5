import { describe, expect, it } from 'vitest';
import { cutPicture } from '../../src/engine/image/box.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { type NoiseModel, whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { whatNoiseExplains as inPlace } from '../../src/engine/tasks/explained.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height, sigma] = [64, 48, 10 / 255];
const key = streamKey(1, 2);
const noise = whiteNoise(1, 10);
/** Strokes two pixels wide, eight apart. */
const isDark = (i: number) => (i + 4) % 8 < 2;
const stripes = Float32Array.from({ length: width * height }, (_, i) => (isDark(i) ? 0.2 : 0.8));
const noisy = stripes.map((value, i) => value + sigma * normal(key, i));
const picture = (colour: Float32Array, alpha: Float32Array | null = null): Picture => ({
  ...{ width, height, channels: 1, colour, alpha },
});
const whatNoiseExplains = (given: Picture, estimate: Float32Array, model: NoiseModel) =>
  inPlace(given, estimate.slice(), model, true);
const contrast = (x: Float32Array) => {
  const mean = (dark: boolean) => {
    const part = x.filter((_, i) => isDark(i) === dark);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  };
  return (mean(false) - mean(true)) / 0.6;
};

describe('the last word over denoising', () => {
  it('leaves a good estimate alone', () => {
    const { colour, share } = atOnce(whatNoiseExplains(picture(noisy), stripes, noise));
    expect(share).toBeGreaterThan(0.99);
    expect(Math.max(...colour.map((value, i) => Math.abs(value - stripes[i])))).toBeLessThan(0.02);
  });

  it('gives contrast back that strokes have lost, without the noise', () => {
    const faded = stripes.map((value) => 0.65 + 0.8 * (value - 0.65));
    const { colour } = atOnce(whatNoiseExplains(picture(noisy), faded, noise));
    expect(contrast(faded)).toBeCloseTo(0.8, 2);
    expect(contrast(colour)).toBeGreaterThan(0.97);
    const rest = colour.map((value, i) => value - stripes[i]);
    expect(Math.sqrt(rest.reduce((sum, r) => sum + r * r, 0) / rest.length)).toBeLessThan(sigma / 2);
  });

  it('gives back a small loss that strokes far around have alike', () => {
    const faded = stripes.map((value) => 0.65 + 0.98 * (value - 0.65));
    const { colour } = atOnce(whatNoiseExplains(picture(noisy), faded, noise));
    expect(contrast(faded)).toBeCloseTo(0.98, 2);
    expect(contrast(colour)).toBeGreaterThan(0.993);
  });

  it('gives nothing back to strokes that have lost none beside others that have', () => {
    const isFaded = (i: number) => i % width < width / 2;
    const half = stripes.map((value, i) => (isFaded(i) ? 0.65 + 0.8 * (value - 0.65) : value));
    const { colour } = atOnce(whatNoiseExplains(picture(noisy), half, noise));
    const far = (i: number) => i % width >= width / 2 + 16;
    const off = (dark: boolean) => {
      const own = [...colour.keys()].filter((i) => far(i) && isDark(i) === dark);
      return own.reduce((sum, i) => sum + colour[i] - stripes[i], 0) / own.length;
    };
    expect((off(false) - off(true)) / 0.6).toBeLessThan(0.01);
  });

  it('gives strokes the colour back that they have lost, by their brightness', () => {
    const n = width * height;
    const made = (dark: number[], light: number[]) =>
      Float32Array.from({ length: 3 * n }, (_, i) => (isDark(i % n) ? dark : light)[Math.floor(i / n)]);
    const truth = made([0.2, 0.4, 0.3], [0.8, 0.6, 0.7]);
    const grey = made([0.35, 0.25, 0.3], [0.75, 0.65, 0.7]);
    const given = truth.map((value, i) => value + sigma * normal(key, i));
    const coloured = { ...picture(given), channels: 3 } as const;
    const { colour } = atOnce(whatNoiseExplains(coloured, grey, whiteNoise(3, 10)));
    const off = (x: Float32Array) =>
      Math.sqrt(x.reduce((sum, value, i) => sum + (value - truth[i]) ** 2, 0) / x.length);
    expect(off(grey)).toBeGreaterThan(0.07);
    expect(off(colour)).toBeLessThan(0.01);
  });

  it('is a number where next to nothing lies beside strokes', () => {
    // Sums over boxes of blocks are then rounding errors, of either sign.
    const [wide, high] = [320, 160];
    const isFlat = (i: number) => i % wide > 60 && i > 30 * wide;
    const estimate = Float32Array.from({ length: wide * high }, (_, i) =>
      isFlat(i) ? 0.5 : (isDark(i) ? 0.2 : 0.7) + 0.2 * Math.sin(i / 777),
    );
    const given = estimate.map((value, i) => value + (isFlat(i) ? 1e-3 : sigma * normal(key, i)));
    const size = { width: wide, height: high, channels: 1, alpha: null } as const;
    const { colour } = atOnce(
      whatNoiseExplains({ ...size, colour: given }, estimate, whiteNoise(1, 10, 0.8)),
    );
    expect(colour.every(Number.isFinite)).toBe(true);
  });

  it('gives what is no noise back as it was', () => {
    const dot = 20 * width + 30;
    const dotted = noisy.map((value, i) => (i === dot ? 0.1 : value));
    const { colour, map } = atOnce(whatNoiseExplains(picture(dotted), stripes, noise));
    expect(Math.abs(colour[dot] - 0.1)).toBeLessThan(0.1);
    expect(map![dot]).toBeLessThan(0.2);
    expect(map![0]).toBe(1);
  });

  it('is the same wherever its strips begin', () => {
    const size = { width: 24, height: 620 };
    const value = (i: number) => 0.5 + 0.3 * Math.sin(i / 5) * Math.sin(i / 300);
    const truth = Float32Array.from({ length: size.width * size.height }, (_, i) => value(i));
    const tall: Picture = { ...picture(truth.map((x, i) => x + sigma * normal(key, i))), ...size };
    const faded = truth.map((x, i) => (i % 1000 < 300 ? x : 0.5 + 0.7 * (x - 0.5)));
    const whole = atOnce(whatNoiseExplains(tall, faded, noise)).colour;
    const below = { x: 0, y: 100, width: size.width, height: size.height - 100 };
    const part = cutPicture(tall, below);
    const { colour } = cutPicture({ ...tall, colour: faded }, below);
    const apart = atOnce(whatNoiseExplains(part, colour, noise)).colour;
    // Near the upper edge of the part less is known than of the whole.
    for (let i = 48 * size.width; i < apart.length; i++)
      expect(apart[i]).toBeCloseTo(whole[i + 100 * size.width], 5);
  });

  it('judges no block of which little is seen, and shifts no brightness there', () => {
    const seen = (i: number) => i % width < 33;
    const alpha = Float32Array.from(stripes, (_, i) => (seen(i) ? 1 : 0));
    const faded = stripes.map((value, i) => (seen(i) ? 0.65 + 0.8 * (value - 0.65) : 0.5));
    const given = noisy.map((value, i) => (seen(i) ? value : 0.5));
    const { colour } = atOnce(whatNoiseExplains(picture(given, alpha), faded, noise));
    colour.forEach((value, i) => {
      if (!seen(i)) expect(value).toBe(0.5);
      // The column at the rim lies in a block of which no more is seen.
      else if (i % width >= 32) expect(Math.abs(value - stripes[i])).toBeLessThan(0.06);
    });
  });
});
