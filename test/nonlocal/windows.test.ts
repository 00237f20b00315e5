import { describe, expect, it } from 'vitest';
import { toPicture } from '../../src/engine/image/picture.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { createPool } from '../../src/engine/nonlocal/pool.ts';
import type { StripPlanes } from '../../src/engine/nonlocal/strip.ts';
import { denoiseInWindows } from '../../src/engine/nonlocal/windows.ts';
import { windowsReference } from '../../src/engine/nonlocal/windows-reference.ts';
import { windowsTask } from '../../src/engine/nonlocal/windows-task.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { Pace, unhurried } from '../../src/engine/stopping/pace.ts';
import { nodeThreads } from '../../src/node/threads.ts';
import { noisy, scene } from '../support/pictures.ts';

const progress = async () => undefined;
const distance = (a: Float32Array, b: Float32Array) =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length);

/** Stripes, edges and a ramp, and noise upon them. */
function stripOf(planes: 1 | 3, width: number, height: number, rows: [number, number]): StripPlanes {
  const key = streamKey(3, planes);
  const guide = Float32Array.from({ length: planes * width * height }, (_, i) => {
    const [x, y, p] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    return 0.4 + 0.1 * Math.sin(x / 2 + p) + (x > y ? 0.3 : 0) + y / (4 * height);
  });
  const noisy = guide.map((value, i) => value + 0.1 * normal(key, i));
  return { width, height, planes, noisy, guide, firstRow: rows[0], endRow: rows[1] };
}

describe('the kernel of windows', () => {
  it.each([
    ['colour', stripOf(3, 41, 38, [0, 38]), 0, whiteNoise(3, 25)],
    ['grey, noise that grows, some of the rows', stripOf(1, 50, 44, [15, 29]), 49, whiteNoise(1, 25, 0.8)],
    ['smaller than a window', stripOf(3, 8, 9, [0, 9]), 0, whiteNoise(3, 15)],
    ['no window begins in it', stripOf(1, 33, 20, [4, 6]), 0, whiteNoise(1, 25)],
  ] as const)('computes what the plain loops do: %s', async (_, strip, top, noise) => {
    nodeThreads(1); // relaxed SIMD where it needs a flag
    const pool = await createPool(undefined);
    const sums = await pool.run(() => windowsTask(strip, top, noise));
    const expected = windowsReference(strip, top, noise);
    const n = strip.width * strip.height;
    let [worst, moved] = [0, 0];
    expected.forEach((value, i) => {
      const weight = Math.max(1, expected[strip.planes * n + (i % n)]);
      worst = Math.max(worst, Math.abs(sums[i] - value) / weight);
      if (i < strip.planes * n) moved = Math.max(moved, Math.abs(value / weight - strip.noisy[i]));
    });
    expect(worst).toBeLessThan(1e-5);
    expect(moved).toBeGreaterThan(0.02);
  });
});

describe('windows of adapted shape', () => {
  it('bring a guide nearer to the picture that the noise hides', async () => {
    const clean = scene(48, 40);
    const picture = toPicture(noisy(clean, 25));
    const truth = toPicture(clean).colour;
    const key = streamKey(5, 5);
    const guide = truth.map((value, i) => value + (8 / 255) * normal(key, i));
    const answer = await denoiseInWindows(picture, guide, whiteNoise(3, 25), { pace: unhurried(), progress });
    expect(distance(answer, truth)).toBeLessThan(0.8 * distance(guide, truth));
  });

  it('show no seams between strips, and keep slopes', async () => {
    const [width, height] = [20, 150];
    const truth = Float32Array.from({ length: width * height }, (_, i) => 0.2 + (0.6 * (i / width)) / height);
    const key = streamKey(2, 2);
    const colour = truth.map((value, i) => value + (20 / 255) * normal(key, i));
    const picture = { width, height, channels: 1, colour, alpha: null } as const;
    const context = { pace: unhurried(), progress };
    const answer = await denoiseInWindows(picture, truth, whiteNoise(1, 20), context);
    const worst = answer.reduce((most, value, i) => Math.max(most, Math.abs(value - truth[i])), 0);
    expect(worst).toBeLessThan(8 / 255);
  });

  it('are the guide where there is no time, and end when they are aborted', async () => {
    const picture = toPicture(noisy(scene(24, 20), 25));
    const guide = picture.colour.map(() => 0.5);
    const noise = whiteNoise(3, 25);
    const late = new Pace(() => Number.NEGATIVE_INFINITY);
    expect(await denoiseInWindows(picture, guide, noise, { pace: late, progress })).toEqual(guide);
    const aborted = { pace: unhurried(), signal: AbortSignal.abort(), progress };
    await expect(denoiseInWindows(picture, guide, noise, aborted)).rejects.toThrow(/abort/i);
  });
});
