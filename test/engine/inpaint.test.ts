import { describe, expect, it } from 'vitest';
import { cutPicture } from '../../src/engine/image/box.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { restore } from '../../src/engine/index.ts';
import { uniform } from '../../src/engine/random.ts';
import { inpaint } from '../../src/engine/tasks/inpaint.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

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
    async (radius, maskFeather) => {
      const mask = { data: hole(radius), width, height };
      const job = await inpaint(clean, { task: 'inpaint', mask, maskFeather });
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
      expect(off(problem.compose(atOnce(problem.settle!(estimate)).colour))).toBeLessThan(1e-3);
      expect(off(problem.compose(estimate))).toBeGreaterThan(0.02);
    },
  );
});

/** Sky, brighter towards a horizon of y = 32, over dark grass. */
const landscape: Picture = {
  ...clean,
  colour: Float32Array.from({ length: 3 * n }, (_, i) => {
    const [c, y] = [Math.floor(i / n), Math.floor((i % n) / width)];
    const grass = 0.15 + 0.2 * c * (2 - c) + 0.15 * uniform(3, i);
    return y < 32 ? 0.4 + 0.2 * c + y / 300 : grass;
  }),
};
const BORDERS = ['top', 'left', 'bottom', 'right'] as const;

/** Which of these strips of 7 px along the image's borders are to be filled. */
const strips = (sides: readonly string[]) => ({
  data: Uint8Array.from({ length: n }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const to = { top: y, left: x, bottom: height - 1 - y, right: width - 1 - x };
    return BORDERS.some((side) => sides.includes(side) && to[side] < 7) ? 0 : 255;
  }),
  width,
  height,
});

/** Sky that is not the colour of sky, a pixel and more from the horizon and what is blended there. */
function strangers(colour: Float32Array, last: number): number {
  let count = 0;
  for (let i = 0; i < last * width; i++)
    for (let c = 0; c < 3; c++) {
      const value = colour[c * n + i];
      if (value < 0.4 + 0.2 * c - 1e-6 || value > 0.4 + 0.2 * c + 32 / 300) count++;
    }
  return count;
}

describe('a hole at the border of the image', () => {
  const corners = BORDERS.map((side, i) => [side, BORDERS[(i + 1) % 4]]);
  it.each([...BORDERS.map((side) => [side]), ...corners, [...BORDERS]])(
    'gets no colours from elsewhere, whatever the network draws there: %s %s',
    async (...sides) => {
      const mask = strips(sides);
      const job = await inpaint(landscape, { task: 'inpaint', mask });
      const problem = job.problem({ x: 0, y: 0, width, height });
      // The picture upside down where nothing is known: grass in the sky and sky in the grass.
      const drawn = landscape.colour.map((value, i) => {
        const [c, at] = [Math.floor(i / n), i % n];
        return mask.data[at] ? value : landscape.colour[c * n + (n - 1 - at)];
      });
      const filled = problem.compose(atOnce(problem.settle!(drawn)).colour);
      expect(strangers(filled, 12)).toBe(0);
      expect(filled.every((value, i) => !mask.data[i % n] || value === landscape.colour[i])).toBe(true);
      if (sides.includes('top')) expect(strangers(drawn, 12)).toBeGreaterThan(400);
    },
  );

  it('is filled with what is next to it, fast', async () => {
    const planes = [0, 1, 2].map((c) => landscape.colour.subarray(c * n, (c + 1) * n));
    const mask = strips(['top', 'right']);
    const options = {
      task: 'inpaint',
      mask,
      quality: 'fast',
      expert: { steps: 30 },
      executor: 'wasm',
    } as const;
    const { image } = await restore({ planes, width, height }, options);
    const filled = Float32Array.from({ length: 3 * n }, (_, i) => image.planes[Math.floor(i / n)][i % n]);
    expect(strangers(filled, 12)).toBe(0);
  });
});

describe('known pixels', () => {
  const planes = (count: number) =>
    Array.from({ length: count }, (_, c) => Float32Array.from({ length: n }, (_, i) => uniform(5 + c, i)));
  it.each([
    ['grey', 1, 0],
    ['RGB', 3, 0],
    ['RGBA', 4, 0],
    ['RGBA, feathered', 4, 3],
  ])('come back bit-identical: %s', async (_, count, maskFeather) => {
    // Samples of no 8-bit value: as 16-bit files and floats have.
    const image = { planes: planes(count), width, height };
    const mask = { data: hole(6), width, height };
    const options = {
      task: 'inpaint',
      mask,
      maskFeather,
      expert: { net: '8x2', steps: 2 },
      executor: 'reference',
    } as const;
    const { image: filled } = await restore(image, options);
    const far = (i: number) => Math.hypot((i % width) - 30, Math.floor(i / width) - 24) > 6 + maskFeather + 1;
    image.planes.forEach((plane, c) => {
      const changed = plane.filter(
        (value, i) =>
          (maskFeather || c === 3 ? far(i) || c === 3 : mask.data[i]) && value !== filled.planes[c][i],
      );
      expect(changed.length).toBe(0);
    });
  });
});
