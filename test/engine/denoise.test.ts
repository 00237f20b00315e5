import { describe, expect, it } from 'vitest';
import { analysePicture } from '../../src/engine/damage/analyse.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import type { PlanarImage } from '../../src/engine/index.ts';
import { denoiseProblem } from '../../src/engine/tasks/denoise.ts';
import { atOnce } from '../../src/engine/turns.ts';
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

describe('the loss that is noise alone', () => {
  it.each([
    ['σ = 10', (image: PlanarImage) => noisy(image, 10)],
    ['σ = 25', (image: PlanarImage) => noisy(image, 25)],
    ['photons', (image: PlanarImage) => counted(image, 40)],
  ])('is what the noise moved the samples by, where it was cut off too: %s', (_, damage) => {
    const clean = withBlackAndWhite();
    const picture = toPicture(damage(clean));
    const { colour } = picture;
    const truth =
      toPicture(clean).colour.reduce((sum, x, i) => sum + (x - colour[i]) ** 2, 0) / colour.length;
    const box = { x: 0, y: 0, width, height };
    const { noiseLoss = 0 } = denoiseProblem(picture, box, atOnce(analysePicture(picture, {})));
    expect(Math.abs(noiseLoss / truth - 1)).toBeLessThan(0.15);
  });
});
