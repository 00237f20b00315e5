import { describe, expect, it } from 'vitest';
import { toPicture } from '../../src/engine/image/picture.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { denoiseInWindows } from '../../src/engine/nonlocal/windows.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { Pace, unhurried } from '../../src/engine/stopping/pace.ts';
import { noisy, scene } from '../support/pictures.ts';

const progress = async () => undefined;
const distance = (a: Float32Array, b: Float32Array) =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length);

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
