import { describe, expect, it } from 'vitest';
import { remeasured } from '../../src/engine/diagnosis/remeasure.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { type NoiseModel, varianceAt, whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { inTurns } from '../../src/engine/time-slicing.ts';

const SIDE = 128;
const N = SIDE ** 2;

/** Fine stripes over most of it, with a calm corner. */
function stripes(channels: 1 | 3): Picture {
  const colour = Float32Array.from({ length: channels * N }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor((i % N) / SIDE)];
    return x < 40 && y < 80 ? 0.45 : 0.5 + 0.15 * Math.sin(2.1 * x + 1.3 * y);
  });
  return { width: SIDE, height: SIDE, channels, colour, alpha: null };
}

function noisy(picture: Picture, sigma: number): Picture {
  const key = streamKey(3, 1);
  return { ...picture, colour: picture.colour.map((value, i) => value + (sigma / 255) * normal(key, i)) };
}

const sigmas = ({ planes }: NoiseModel) => planes.map((plane) => 255 * Math.sqrt(varianceAt(plane, 0.5)));

const measure = (picture: Picture, answer: Float32Array, before: NoiseModel) =>
  inTurns(remeasured(picture, answer, before));

describe('noise by a first answer', () => {
  const clean = stripes(1);

  it('takes no texture for noise', async () => {
    const [sigma] = sigmas(await measure(noisy(clean, 25), clean.colour, whiteNoise(1, 32)));
    expect(sigma).toBeGreaterThan(24);
    expect(sigma).toBeLessThan(26);
  });

  it('is never more than before', async () => {
    const before = whiteNoise(1, 18);
    expect(await measure(noisy(clean, 25), clean.colour, before)).toEqual(before);
  });

  it('counts correlation by chance as none, and keeps what is more', async () => {
    const [plane] = whiteNoise(1, 25).planes;
    const alike = (r: number): NoiseModel => ({
      planes: [{ ...plane, correlation: plane.correlation.map((value) => Math.max(value, r)) }],
    });
    const correlation = async (r: number) =>
      (await measure(noisy(clean, 25), clean.colour, alike(r))).planes[0].correlation;
    expect(await correlation(0.05)).toEqual(plane.correlation);
    expect(await correlation(0.1)).toEqual(alike(0.1).planes[0].correlation);
  });

  it('has as much of white noise in brightness as in colours, where that may be', async () => {
    const coloured = stripes(3);
    // An answer without the stripes: what is left of them in the noisy picture looks like noise.
    const answer = new Float32Array(3 * N).fill(0.45);
    const [plane] = whiteNoise(1, 27).planes;
    const with25 = [whiteNoise(1, 25).planes[0], whiteNoise(1, 25).planes[0]];
    const near = await measure(noisy(coloured, 25), answer, { planes: [plane, ...with25] });
    expect(sigmas(near)[0]).toBeCloseTo((sigmas(near)[1] + sigmas(near)[2]) / 2, 0);
    const far = { planes: [whiteNoise(1, 40).planes[0], ...with25] };
    expect(sigmas(await measure(noisy(coloured, 40), answer, far))[0]).toBeGreaterThan(35);
  });

  it('says nothing of a picture without blocks that could tell', async () => {
    const before = whiteNoise(1, 25);
    const white = { ...clean, colour: new Float32Array(N).fill(1) };
    expect(await measure(white, white.colour, before)).toBe(before);
  });
});
