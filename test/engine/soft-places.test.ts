import { expect, it } from 'vitest';
import type { Picture } from '../../src/engine/image/picture.ts';
import { never } from '../../src/engine/stopping/pace.ts';
import { coloursGathered } from '../../src/engine/tasks/colours-gathered.ts';
import { softAsEstimated } from '../../src/engine/tasks/soft-places.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height, sigma] = [96, 64, 10 / 255];
const colours = [[0.2], [0.8]];

/** A drawing whose left is dark and whose right is bright, with an edge as wide as that, as an estimate that is right. */
function gathered(edge: number) {
  const colour = Float32Array.from({ length: width * height }, (_, i) => {
    const x = (i % width) - width / 2 + 0.5;
    return 0.2 + 0.6 / (1 + Math.exp(-x / edge));
  });
  const picture: Picture = { width, height, channels: 1, colour, alpha: null };
  const made = atOnce(coloursGathered(picture, colour, sigma, never));
  const result = atOnce(softAsEstimated(picture, colour, made, colours, sigma));
  const off = (x: Float32Array) => Math.max(...x.map((value, i) => Math.abs(value - colour[i])));
  return { made, result, off };
}

it('a soft edge and what it ends in are not drawn to flat colours', () => {
  const { made, result, off } = gathered(3);
  expect(off(made)).toBeGreaterThan(0.003);
  expect(off(result)).toBeLessThan(0.3 * off(made));
});

it('what is drawn beside a sharp edge stays', () => {
  const { made, result } = gathered(0.4);
  expect(result).toEqual(made);
});
