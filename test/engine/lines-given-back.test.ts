import { expect, it } from 'vitest';
import { toPicture } from '../../src/engine/image/picture.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { linesGivenBack } from '../../src/engine/tasks/lines-given-back.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height] = [96, 72];
const SIGMA = 25 / 255;
const GROUND = 0.55;
const LINE = 40 / 255;

/** What is left of the lines at some pixels of an estimate that has none. */
function given(isLine: (x: number, y: number) => boolean): { lines: number; elsewhere: number } {
  const where = Array.from({ length: width * height }, (_, i) => isLine(i % width, Math.floor(i / width)));
  const key = streamKey(7, 3);
  const planes = [0, 1, 2].map((c) =>
    Float32Array.from(where, (is, i) => GROUND - (is ? LINE : 0) + SIGMA * normal(key, 3 * i + c)),
  );
  const picture = toPicture({ planes, width, height });
  const estimate = new Float32Array(3 * width * height).fill(GROUND);
  const out = atOnce(linesGivenBack(picture, estimate, SIGMA));
  const mean = (want: boolean) => {
    const all = where.flatMap((is, i) => (is === want ? [GROUND - out[i]] : []));
    return all.reduce((sum, value) => sum + value, 0) / all.length;
  };
  return { lines: mean(true) / LINE, elsewhere: mean(false) / LINE };
}

it('a grid that was taken for noise comes back, and nothing beside it', () => {
  const { lines, elsewhere } = given((x, y) => x % 12 === 5 || y % 12 === 7);
  expect(lines).toBeGreaterThan(0.85);
  expect(Math.abs(elsewhere)).toBeLessThan(0.02);
});

it('dashes do not become lines', () => {
  const { elsewhere } = given((x, y) => y % 12 === 7 && x % 8 < 4);
  expect(Math.abs(elsewhere)).toBeLessThan(0.01);
});

it('an estimate of a plain ground stays as it is', () => {
  expect(Math.abs(given(() => false).elsewhere)).toBeLessThan(1e-4);
});
