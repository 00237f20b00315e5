import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/engine/diagnosis/at-once.ts';
import { boxMeans } from '../../src/engine/image/box-means.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { never } from '../../src/engine/stopping/pace.ts';
import { groundsEvened } from '../../src/engine/tasks/grounds-evened.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height, sigma] = [96, 80, 25];
const n = width * height;
const key = streamKey(3, 4);
const blank = analyse({ width, height, data: new Uint8ClampedArray(4 * n).fill(255) });
const diagnosis = { ...blank, noise: { ...blank.noise, sigma } };
/** What is left of noise after denoising: little, and alike over some pixels. */
const left = boxMeans(
  Float32Array.from({ length: n }, (_, i) => (0.4 * sigma * normal(key, i)) / 255),
  width,
  height,
  2,
);

/** A drawing with its noise, and an estimate of it. */
function example(truth: (x: number, y: number) => number) {
  const clean = Float32Array.from({ length: n }, (_, i) => truth(i % width, Math.floor(i / width)));
  const colour = clean.map((value, i) => value + (sigma * normal(key, i)) / 255);
  const picture: Picture = { width, height, channels: 1, colour, alpha: null };
  const estimate = clean.map((value, i) => value + left[i]);
  const result = atOnce(groundsEvened(picture, estimate.slice(), diagnosis, never))?.colour ?? estimate;
  const off = (x: Float32Array) =>
    Math.sqrt(x.reduce((sum, value, i) => sum + (value - clean[i]) ** 2, 0) / n);
  return { clean, picture, estimate, result, gain: 20 * Math.log10(off(estimate) / off(result)) };
}

const isBar = (x: number) => x % 24 < 3;
const bars = (x: number) => (isBar(x) ? 0.2 : 0.75);

describe('grounds of a drawing that was freed of noise', () => {
  it('are evened, and what is drawn on them stays', () => {
    const { result, estimate, gain } = example(bars);
    expect(gain).toBeGreaterThan(2);
    result.forEach((value, i) => {
      if (isBar(i % width)) expect(Math.abs(value - estimate[i])).toBeLessThan(0.05);
    });
  });

  it('keep a faint dot that the noisy pixel shows', () => {
    const dot = 40 * width + 60;
    const { clean, picture, estimate } = example(bars);
    picture.colour[dot] = clean[dot] - 0.3;
    estimate[dot] = clean[dot] - 0.035;
    const result = atOnce(groundsEvened(picture, estimate.slice(), diagnosis, never))?.colour ?? estimate;
    expect(result[dot]).toBe(estimate[dot]);
  });

  it('keep shades, of which photographs are full', () => {
    const { result, estimate } = example((x, y) => 0.5 + 0.035 * Math.sin(x / 14) * Math.cos(y / 17));
    expect(result).toEqual(estimate);
  });
});
