import { describe, expect, it } from 'vitest';
import { lanczosTable } from '../../src/engine/image/axis-table.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { applyTables } from '../../src/engine/image/resize.ts';
import { upscale } from '../../src/engine/tasks/upscale.ts';

const [width, height] = [23, 17];
const picture: Picture = {
  width,
  height,
  channels: 3,
  colour: Float32Array.from(
    { length: 3 * width * height },
    (_, i) => 0.5 + 0.3 * Math.sin(i / 3) * Math.cos(i / 90),
  ),
  alpha: null,
};

describe('upscale', () => {
  it.each([1.5, 2, 4])('makes the estimate shrink to the picture again, ×%s', (scale) => {
    const problem = upscale(picture, { task: 'upscale', scale });
    const error = (x: Float32Array) => {
      const shrunk = applyTables(
        x,
        3,
        lanczosTable(problem.height, height, 2),
        lanczosTable(problem.width, width, 2),
      );
      return Math.sqrt(shrunk.reduce((sum, v, i) => sum + (v - picture.colour[i]) ** 2, 0) / shrunk.length);
    };
    const blurred = problem.guess.map((value) => 0.5 + 0.7 * (value - 0.5));
    expect(error(problem.settle!(blurred).colour)).toBeLessThan(error(blurred) / 10);
  });
});
