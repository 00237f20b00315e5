import { expect, it } from 'vitest';
import { findNoise, lookAt } from '../../src/engine/diagnosis/noise-finder.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const SIDE = 80;
const key = streamKey(5, 0);

/** What is found in a shaded picture with the same noise in some of its colours. */
function foundIn(sigma: number, colours: readonly number[]) {
  const planes = [0, 1, 2].map((c) =>
    Float32Array.from({ length: SIDE ** 2 }, (_, i) => {
      const shade = 0.3 + (0.3 * (i % SIDE)) / SIDE + 0.05 * c;
      const level = colours.includes(c) ? shade + (sigma / 255) * normal(key, i) : shade;
      return Math.round(255 * level) / 255;
    }),
  );
  const picture = toPicture({ planes, width: SIDE, height: SIDE });
  return atOnce(findNoise(picture, atOnce(lookAt(picture))))?.kind;
}

it.each([0, 1, 2])('noise of colour %i alone is found', (colour) => {
  expect(foundIn(15, [colour])).toBe('white');
});

it('what is alike in all colours and as weak in brightness is not such', () => {
  expect(foundIn(7, [0, 1, 2])).not.toBe('white');
});
