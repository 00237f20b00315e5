import { expect, it } from 'vitest';
import { distanceTo } from '../../src/engine/image/distance.ts';
import { streamKey, uniform } from '../../src/engine/random.ts';

it('is the Euclidean distance to the nearest set pixel, on odd sizes', () => {
  const [width, height] = [23, 17];
  const key = streamKey(3, 0);
  const set = Uint8Array.from({ length: width * height }, (_, i) => (uniform(key, i) < 0.02 ? 1 : 0));
  const nearest = (i: number) =>
    Math.min(
      ...[...set.keys()]
        .filter((j) => set[j])
        .map((j) => Math.hypot((i % width) - (j % width), Math.floor(i / width) - Math.floor(j / width))),
    );
  const found = distanceTo(set, width, height);
  for (let i = 0; i < set.length; i++) expect(found[i]).toBeCloseTo(nearest(i), 4);
});

it('is infinite without any', () => {
  expect(distanceTo(new Uint8Array(12), 4, 3).every((d) => d === Number.POSITIVE_INFINITY)).toBe(true);
});
