import { describe, expect, it } from 'vitest';
import { analysePicture } from '../../src/engine/diagnosis/analyse.ts';
import { type Picture, toPicture } from '../../src/engine/image/picture.ts';
import type { PlanarImage } from '../../src/engine/index.ts';
import { denoiseProblem } from '../../src/engine/tasks/denoise.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { counted, noisy, scene } from '../support/pictures.ts';

const [width, height] = [160, 144];

/** The scene with an eighth of it black and an eighth white, where noise is cut off. */
function withBlackAndWhite(): PlanarImage {
  const { planes } = scene(width, height);
  const at = (value: number, i: number) => {
    const x = (i % width) / width;
    if (x < 0.125) return 0;
    return x < 0.25 ? 1 : value;
  };
  return { planes: planes.map((plane) => plane.map(at)), width, height };
}

const problemOf = (picture: Picture) =>
  denoiseProblem(picture, { x: 0, y: 0, width, height }, atOnce(analysePicture(picture, {})));

describe('the loss that is noise alone', () => {
  it.each([
    ['σ = 10', (image: PlanarImage) => noisy(image, 10)],
    ['σ = 25', (image: PlanarImage) => noisy(image, 25)],
    ['photons', (image: PlanarImage) => counted(image, 40)],
  ])('is what the noise moved the samples by, where it was cut off too: %s', (_, damage) => {
    const clean = withBlackAndWhite();
    const picture = toPicture(damage(clean));
    const { colour } = picture;
    const { noiseLoss = 0, weight } = problemOf(picture);
    const weightAt = (i: number) => weight?.[i % (width * height)] ?? 1;
    const truth =
      toPicture(clean).colour.reduce((sum, x, i) => sum + weightAt(i) * (x - colour[i]) ** 2, 0) /
      colour.length;
    expect(Math.abs(noiseLoss / truth - 1)).toBeLessThan(0.15);
  });
});

describe('the weight of a pixel', () => {
  it('is what its brightness makes the noise of photons to be', () => {
    const ramp = Float32Array.from({ length: width * height }, (_, i) => 0.2 + (0.7 * (i % width)) / width);
    const clean: PlanarImage = { planes: [ramp], width, height };
    const { weight } = problemOf(toPicture(counted(clean, 40)));
    // Middle grey counts 1, and of Poisson's noise the variance is in proportion to the brightness.
    for (const column of [20, 60, 100, 140]) {
      const share = Float32Array.from({ length: height }, (_, y) => weight?.[y * width + column] ?? 0);
      const mean = share.reduce((a, b) => a + b) / height;
      expect(Math.abs(mean * 2 * ramp[column] - 1)).toBeLessThan(0.15);
    }
  });

  it('is the same everywhere where the noise is', () => {
    expect(problemOf(toPicture(noisy(scene(width, height), 25))).weight).toBeNull();
  });
});
