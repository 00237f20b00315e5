import { describe, expect, it } from 'vitest';
import { smallNoise } from '../../src/engine/diagnosis/small-noise.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import type { PlanarImage } from '../../src/engine/options.ts';
import { streamKey, uniform } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { noisy, scene } from '../support/pictures.ts';

const [width, height] = [56, 44];

/** A button: shaded, outlined, lettered, on plain ground of this tone. */
function button(ground: number): PlanarImage {
  const planes = [0.2, 0.4, 0.7].map((tone) =>
    Float32Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      const inside = x > 5 && x < 50 && y > 5 && y < 38;
      if (!inside) return ground;
      if (x < 7 || x > 48 || y < 7 || y > 36) return 0.1;
      const isLetter = y > 15 && y < 28 && x > 12 && x < 43 && x % 6 < 2;
      return isLetter ? 0.95 : tone + 0.004 * y;
    }),
  );
  return { planes, width, height };
}

const found = (image: PlanarImage) => atOnce(smallNoise(toPicture(image)));
const rounded = (image: PlanarImage): PlanarImage => ({
  ...image,
  planes: image.planes.map((plane) => plane.map((value) => Math.round(255 * value) / 255)),
});

describe('smallNoise', () => {
  it.each([
    [0.9, 6],
    [0.9, 12],
    [0.9, 25],
    [1, 12],
  ])('finds it over ground of %s, σ %i', (ground, sigma) => {
    const noise = found(rounded(noisy(button(ground), sigma)))!;
    expect(noise.sigma).toBeGreaterThan(0.8 * sigma);
    expect(noise.sigma).toBeLessThan(1.2 * sigma);
  });

  it('finds none where there is none', () => {
    expect(found(button(0.9))).toBeNull();
    expect(found(rounded(scene(width, height)))).toBeNull();
  });

  it('takes no code of small squares for noise, as noisy as it is', () => {
    const side = 25;
    for (const seed of Array(20).keys()) {
      const modules = Float32Array.from({ length: side ** 2 }, (_, i) =>
        Math.round(uniform(streamKey(seed, 1), i)),
      );
      const code = noisy({ planes: [modules], width: side, height: side }, 25);
      expect(found(rounded(code))).toBeNull();
    }
  });

  const clean = button(0.9).planes;
  const noise = noisy(button(0.9), 12).planes;
  it.each([
    [
      'alike in all colours, as sand is',
      clean.map((plane) => plane.map((value, i) => value + noise[0][i] - clean[0][i])),
    ],
    [
      'soft, as plaster',
      noise.map((plane) => plane.map((value, i) => (value + (plane[i + 1] ?? value)) / 2)),
    ],
    [
      'only in places',
      noise.map((plane, c) => plane.map((value, i) => (i % width < 28 ? value : clean[c][i]))),
    ],
  ])('what is %s is drawn', (_, planes) => {
    expect(found(rounded({ width, height, planes }))).toBeNull();
  });
});
