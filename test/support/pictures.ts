import type { PlanarImage } from '../../src/engine/index.ts';
import { normal, streamKey } from '../../src/engine/random.ts';

/** A smooth scene with edges, a disc and some texture, RGB, for tests that need something like a photograph. */
export function scene(width: number, height: number): PlanarImage {
  const planes = [0, 1, 2].map((c) =>
    Float32Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
      const disc = (x - 0.6) ** 2 + (y - 0.4) ** 2 < 0.06 ? 0.25 : 0;
      const hill = y > 0.7 + 0.1 * Math.sin(7 * x) ? -0.2 : 0;
      const texture = 0.03 * Math.sin(60 * x + 31 * y) * (y > 0.7 ? 1 : 0);
      return Math.min(0.95, Math.max(0.05, 0.35 + 0.2 * x + 0.1 * y * (c + 1) * 0.5 + disc + hill + texture));
    }),
  );
  return { planes, width, height };
}

/** With white noise of standard deviation σ/255. */
export function noisy(image: PlanarImage, sigma: number): PlanarImage {
  const planes = image.planes.map((plane, c) => {
    const key = streamKey(7, c);
    return plane.map((value, i) => Math.min(1, Math.max(0, value + (sigma / 255) * normal(key, i))));
  });
  return { ...image, planes };
}

/** With the noise of that many photons counted at white: its variance grows with brightness. */
export function counted(image: PlanarImage, photons: number): PlanarImage {
  const planes = image.planes.map((plane, c) => {
    const key = streamKey(11, c);
    return plane.map((value, i) =>
      Math.min(1, Math.max(0, value + Math.sqrt(value / photons) * normal(key, i))),
    );
  });
  return { ...image, planes };
}

/** Each pixel the mean of itself and three neighbours: noise is not independent from pixel to pixel, and half as strong. */
export function smeared({ planes, width, height }: PlanarImage): PlanarImage {
  const mean = (plane: Float32Array) => {
    const at = (i: number) => plane[Math.min(plane.length - 1, i)];
    return plane.map((value, i) => (value + at(i + 1) + at(i + width) + at(i + width + 1)) / 4);
  };
  return { planes: planes.map(mean), width, height };
}
