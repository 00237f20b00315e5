import { describe, expect, it } from 'vitest';
import { cutPicture } from '../../src/engine/image/box.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { inpaint } from '../../src/engine/tasks/inpaint.ts';

const [width, height] = [64, 52];
const n = width * height;
const clean: Picture = {
  width,
  height,
  channels: 3,
  colour: Float32Array.from(
    { length: 3 * n },
    (_, i) => 0.5 + 0.3 * Math.sin((i % width) / 4) * Math.cos(i / 900),
  ),
  alpha: null,
};
const hole = (radius: number) =>
  Uint8Array.from({ length: n }, (_, i) =>
    Math.hypot((i % width) - 30, Math.floor(i / width) - 24) < radius ? 0 : 255,
  );

describe('inpaint', () => {
  it.each([
    [4, 0],
    [4, 3],
    [18, 0],
  ])(
    'carries the error of the fit around a hole of radius %i px into it, feather %i',
    (radius, maskFeather) => {
      const mask = { data: hole(radius), width, height };
      const job = inpaint(clean, { task: 'inpaint', mask, maskFeather });
      const problem = job.problem(job.area);
      const { x: left, y: top } = problem.box;
      const around = cutPicture(clean, problem.box).colour;
      const plane = problem.width * problem.height;
      // An estimate that is right but for a slanted colour cast, as a fit stopped early has.
      const estimate = Float32Array.from({ length: 3 * plane }, (_, i) => {
        const [x, y] = [left + (i % problem.width), top + (Math.floor(i / problem.width) % problem.height)];
        const c = Math.floor(i / plane);
        return clean.colour[c * n + y * width + x] + 0.02 * (c - 1) + 0.0004 * x;
      });
      const off = (colour: Float32Array) => Math.max(...colour.map((v, i) => Math.abs(v - around[i])));
      expect(off(problem.compose(problem.settle!(estimate).colour))).toBeLessThan(1e-3);
      expect(off(problem.compose(estimate))).toBeGreaterThan(0.02);
    },
  );
});
