import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/engine/diagnosis/at-once.ts';
import { applyTables, cutTable } from '../../src/engine/image/axis-table.ts';
import { stretch } from '../../src/engine/image/parts.ts';
import { type Picture, toPlanes } from '../../src/engine/image/picture.ts';
import { lanczosTable, resize } from '../../src/engine/image/resize.ts';
import { psnr } from '../../src/engine/metrics.ts';
import { restore } from '../../src/engine/restore.ts';
import { upscale } from '../../src/engine/tasks/upscale.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

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
  it.each([1.5, 2, 4])('makes the estimate shrink to the picture again, ×%s', async (scale) => {
    const problem = (await upscale(picture, { task: 'upscale', scale })).problem({
      x: 0,
      y: 0,
      width,
      height,
    });
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
    expect(error(atOnce(problem.settle!(blurred)).colour)).toBeLessThan(error(blurred) / 10);
  });

  it('learns nothing of what is too small to tell its noise from texture, unless that is alike in all colours, and sharpens nothing in it', async () => {
    const noisy = { ...picture, colour: picture.colour.map((value, i) => value + 0.05 * Math.sin(i * i)) };
    const found = analyse(toPlanes(noisy));
    const diagnosis = { ...found, task: 'none', clean: true, noise: { ...found.noise, sigma: 12 } } as const;
    const options = { task: 'upscale', scale: 2, quality: 'fast', diagnosis } as const;
    const { image, notes, stages } = await restore(toPlanes(noisy), options);
    expect([stages, notes.join()]).toEqual([['nonlocal'], expect.stringContaining('nothing was learnt')]);
    const plain = toPlanes(resize(noisy, 2 * width, 2 * height, 'bicubic'));
    expect(psnr(image, plain)).toBeGreaterThan(80);
    const alike = { ...picture, colour: noisy.colour.map((_, i) => noisy.colour[i % (width * height)]) };
    // A plain answer at once, or none before a network's.
    const jobs = await Promise.all([noisy, alike].map((one) => upscale(one, options, diagnosis)));
    expect(jobs.map(({ estimate }) => estimate !== undefined)).toEqual([true, false]);
  });

  it.each([1.37, 1.5, 2.5])('shrinks a part as it does the whole, away from its edges, ×%s', (scale) => {
    const [n, from, length] = [120, 40, 48];
    const whole = lanczosTable(Math.round(n * scale), n, 2);
    const place = stretch({ start: from, length }, n, whole.inputs);
    const part = cutTable(whole, { start: from, length }, place);
    const line = Float32Array.from({ length: whole.inputs }, (_, i) => Math.sin(i * i));
    const shrink = (x: Float32Array, table: typeof part) => applyTables(x, 1, one, table);
    const one = lanczosTable(1, 1, 2);
    const expected = shrink(line, whole).slice(from, from + length);
    const found = shrink(line.slice(place.start, place.start + place.length), part);
    expect(found.slice(3, -3)).toEqual(expected.slice(3, -3));
    expect(found.every((value) => Number.isFinite(value))).toBe(true);
    // What every pixel shrinks from lies in the part: rows still sum to 1.
    for (const sum of shrink(new Float32Array(place.length).fill(1), part)) expect(sum).toBeCloseTo(1, 5);
  });
});
