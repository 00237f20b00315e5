import { expect, it } from 'vitest';
import { addNoise } from '../../src/damage/samples.ts';
import { type Picture, toPicture } from '../../src/engine/image/picture.ts';
import { groundNoise } from '../../src/engine/nonlocal/ground-noise.ts';
import { type NoiseModel, varianceAt, whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const SIGMA = 25;
const [width, height] = [96, 72];
const sigmaOf = ({ planes }: NoiseModel) => 255 * Math.sqrt(varianceAt(planes[0], 0.5));

/** With noise, and what a first answer leaves of it: of lines nothing. */
function noisy(level: (x: number, y: number) => number, isLine: (x: number, y: number) => boolean) {
  const at = (f: (x: number, y: number) => number) =>
    Float32Array.from({ length: width * height }, (_, i) => f(i % width, Math.floor(i / width)));
  const [plane] = addNoise([at((x, y) => level(x, y) - (isLine(x, y) ? 60 / 255 : 0))], SIGMA, 3);
  const cut = plane.map((value) => Math.min(1, Math.max(0, value)));
  const answer = at((x, y) => (isLine(x, y) ? 0.8 : 1) * level(x, y));
  return { picture: toPicture({ planes: [cut], width, height }), answer };
}
const told = (picture: Picture, answer: Float32Array, sigma: number) =>
  sigmaOf(atOnce(groundNoise(picture, answer, whiteNoise(1, sigma))));
const lines = (x: number, y: number) => x % 10 === 4 || y % 9 === 3;

it.each([1, 0.9, 0.5])('noise of a drawing is what its ground shows, of level %f', (ground) => {
  const { picture, answer } = noisy(() => ground, lines);
  expect(Math.abs(told(picture, answer, 31) - SIGMA)).toBeLessThan(1.5);
  expect(told(picture, answer, 20)).toBe(sigmaOf(whiteNoise(1, 20)));
});

it('noise of what has no ground of one colour stays as it was told', () => {
  const { picture, answer } = noisy(
    (x, y) => 0.2 + (x + y) / 300,
    () => false,
  );
  expect(told(picture, answer, 31)).toBe(sigmaOf(whiteNoise(1, 31)));
});
