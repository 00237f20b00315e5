import { describe, expect, it } from 'vitest';
import { boxMeans } from '../../src/engine/image/box-means.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { never } from '../../src/engine/stopping/pace.ts';
import { coloursGathered } from '../../src/engine/tasks/colours-gathered.ts';
import { strokesStrengthened } from '../../src/engine/tasks/strokes-strengthened.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height, sigma] = [96, 80, 25 / 255];
const n = width * height;
const [key, other] = [streamKey(3, 4), streamKey(5, 6)];
const picture = (colour: Float32Array): Picture => ({ width, height, channels: 1, colour, alpha: null });
const lines = (x: number) => x % 6 === 3;

describe('colours of a drawing', () => {
  const clean = Float32Array.from({ length: n }, (_, i) => (i % width < 60 ? 0.7 : 0.2));
  const left = Float32Array.from({ length: n }, (_, i) => 0.3 * sigma * normal(key, i));

  it('are drawn to those around that are alike, not across an edge', () => {
    const estimate = clean.map((value, i) => value + left[i]);
    const result = atOnce(coloursGathered(picture(estimate), estimate, sigma, never));
    const off = (x: Float32Array) => x.reduce((sum, value, i) => sum + (value - clean[i]) ** 2, 0);
    expect(off(result)).toBeLessThan(0.4 * off(estimate));
    for (const x of [59, 60]) expect(Math.abs(result[20 * width + x] - clean[x])).toBeLessThan(0.03);
  });

  it('stay what they are where they are few', () => {
    const estimate = clean.slice();
    estimate[10 * width + 10] = 0.5;
    const result = atOnce(coloursGathered(picture(estimate), estimate, sigma, never));
    for (const [i, value] of result.entries()) expect(Math.abs(value - estimate[i])).toBeLessThan(1e-5);
  });

  it('stay all of them where the time is over before the last was seen', () => {
    let rows = 0;
    const over = () => rows++ > height / 2;
    const estimate = clean.map((value, i) => value + left[i]);
    expect(atOnce(coloursGathered(picture(estimate), estimate, sigma, over))).toBe(estimate);
  });
});

describe('strokes of a pixel', () => {
  const drawn = (contrast: number) =>
    Float32Array.from({ length: n }, (_, i) => 0.7 - (lines(i % width) ? contrast : 0));
  const noisy = drawn(0.3).map((value, i) => value + sigma * normal(key, i));
  const mean = (x: Float32Array) => {
    const own = x.filter((_, i) => lines(i % width) && i % width < width - 3);
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  };

  it('that came out pale are as strong again as they look in the noisy picture', () => {
    const result = atOnce(strokesStrengthened(picture(noisy), drawn(0.24), sigma));
    expect(Math.abs(mean(result) - 0.4)).toBeLessThan(0.012);
  });

  it('that look no paler stay, and so does what is no stroke', () => {
    const strong = drawn(0.36);
    expect(atOnce(strokesStrengthened(picture(noisy), strong, sigma))).toEqual(strong);
    const soft = boxMeans(
      Float32Array.from({ length: n }, (_, i) => normal(other, i)),
      width,
      height,
      3,
    );
    const shades = soft.map((value) => 0.5 + value / 3);
    expect(atOnce(strokesStrengthened(picture(noisy), shades, sigma))).toEqual(shades);
  });

  it('are none of a plain picture without noise', () => {
    const plain = new Float32Array(n).fill(0.5);
    expect(atOnce(strokesStrengthened(picture(plain), plain, 0))).toEqual(plain);
  });
});
