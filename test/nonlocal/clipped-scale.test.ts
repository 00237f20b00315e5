import { describe, expect, it } from 'vitest';
import { addNoise } from '../../src/damage/samples.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { clippedScale } from '../../src/engine/nonlocal/clipped-scale.ts';
import { denoiseNonlocal } from '../../src/engine/nonlocal/denoise.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const SIGMA = 25;
const [width, height] = [64, 64];
const noise = whiteNoise(1, SIGMA);
/** A drawing at these levels, and the same with noise. */
function drawn(level: (x: number, y: number) => number) {
  const clean = Float32Array.from({ length: width * height }, (_, i) =>
    level(i % width, Math.floor(i / width)),
  );
  const [noisy] = addNoise([clean], SIGMA, 5);
  const planes = [noisy.map((value) => Math.round(255 * Math.min(1, Math.max(0, value))) / 255)];
  return { clean, picture: toPicture({ planes, width, height }) };
}
const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: Float32Array) => mean(values.map((value) => value ** 2)) - mean(values) ** 2;

describe('the scale on which noise that was cut off is even', () => {
  const white = drawn(() => 1).picture;
  const scale = atOnce(clippedScale(white, noise))!;

  it('has on white most of the noise that it says, and on grey all of it', () => {
    for (const [picture, least] of [[white, 0.55] as const, [drawn(() => 0.5).picture, 0.93] as const]) {
      const ratio = variance(atOnce(scale.to(picture.colour))) / scale.noise.planes[0].black;
      expect(ratio).toBeGreaterThan(least);
      expect(ratio).toBeLessThan(1.07);
    }
    expect(variance(white.colour) / noise.planes[0].black).toBeLessThan(0.4);
  });

  it.each([1, 0.95, 0.85, 0.5])('leads back to the mean of the noisy samples of level %f', (level) => {
    const { colour } = drawn(() => level).picture;
    const back = atOnce(scale.from(Float32Array.of(mean(atOnce(scale.to(colour))))))[0];
    expect(Math.abs(back - mean(colour))).toBeLessThan(0.004);
  });

  it('is none where next to nothing was cut off, nor of few pixels, nor of noise made after the cut', () => {
    const ofLight = [{ ...noise.planes[0], black: 0, slope: 2 * noise.planes[0].black }];
    expect(atOnce(clippedScale(white, { planes: ofLight }))).toBeUndefined();
    expect(atOnce(clippedScale(drawn(() => 0.5).picture, noise))).toBeUndefined();
    expect(atOnce(clippedScale(drawn((x) => (x < 6 ? 1 : 0.5)).picture, noise))).toBeUndefined();
    const within = { ...white, colour: white.colour.map((value) => 0.98 * value) };
    expect(atOnce(clippedScale(within, noise))).toBeUndefined();
  });
});

it('faint lines on white are not taken for noise', async () => {
  const [line, ground] = [1 - 50 / 255, 1];
  const { clean, picture } = drawn((x, y) => (x % 9 === 4 || y % 11 === 5 ? line : ground));
  const answer = await denoiseNonlocal(picture, noise, { quality: 'fast', executor: 'wasm' });
  const of = (level: number) => mean(answer.filter((_, i) => clean[i] === Math.fround(level)));
  expect((of(ground) - of(line)) / (ground - line)).toBeGreaterThan(0.62);
});
