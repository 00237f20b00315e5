import { describe, expect, it } from 'vitest';
import { toPicture } from '../../src/engine/image/picture.ts';
import { undoClipping } from '../../src/engine/nonlocal/clipping.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { noisy } from '../support/pictures.ts';

const [width, height] = [96, 96];
const n = width * height;
const level = (i: number) => Math.floor((8 * (i % width)) / width) / 7;
/** Stripes from black to white. */
const stripes = Float32Array.from({ length: n }, (_, i) => level(i));

/** The mean of the noisy samples in each stripe: what the best of estimates can tell. */
function means(plane: Float32Array): Float32Array {
  const [sums, counts] = [new Float64Array(8), new Float64Array(8)];
  plane.forEach((value, i) => {
    sums[Math.round(7 * level(i))] += value;
    counts[Math.round(7 * level(i))]++;
  });
  return plane.map((_, i) => sums[Math.round(7 * level(i))] / counts[Math.round(7 * level(i))]);
}

const worst = (a: Float32Array) => Math.max(...a.map((x, i) => Math.abs(x - stripes[i])));

describe('noise that was cut off at black and white', () => {
  it.each([10, 25, 50])('has no bias left, σ = %i', (sigma) => {
    const picture = toPicture(noisy({ planes: [stripes], width, height }, sigma));
    const estimate = means(picture.colour);
    expect(worst(estimate)).toBeGreaterThan((0.35 * sigma) / 255);
    atOnce(undoClipping(estimate, picture, whiteNoise(1, sigma)));
    expect(worst(estimate)).toBeLessThan((0.08 * sigma) / 255);
  });

  it('is told from noise that was not, at each end by itself', () => {
    const sigma = 25;
    const { planes } = noisy({ planes: [stripes], width, height }, sigma);
    const picture = toPicture({
      planes: planes.map((plane) => plane.map((x) => Math.min(x, 0.97))),
      width,
      height,
    });
    const estimate = means(picture.colour);
    const before = estimate.slice();
    atOnce(undoClipping(estimate, picture, whiteNoise(1, sigma)));
    stripes.forEach((x, i) => {
      if (x > 0.9) expect(estimate[i]).toBe(before[i]);
    });
    expect(estimate[0]).toBeLessThan(0.01);
    expect(before[0]).toBeGreaterThan(0.03);
  });

  it('is left where alpha blends', () => {
    const alpha = new Float32Array(n).fill(0.5);
    const { planes } = noisy({ planes: [stripes, stripes, stripes], width, height }, 25);
    const picture = toPicture({ planes: [...planes, alpha], width, height });
    const estimate = picture.colour.map((x) => Math.min(0.96, x));
    const before = estimate.slice();
    atOnce(undoClipping(estimate, picture, whiteNoise(3, 25)));
    expect(estimate).toEqual(before);
  });
});
