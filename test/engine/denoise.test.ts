import { describe, expect, it } from 'vitest';
import { analysePicture, type Diagnosis } from '../../src/engine/diagnosis/analyse.ts';
import * as closer from '../../src/engine/diagnosis/closer-look.ts';
import { type Picture, toPicture } from '../../src/engine/image/picture.ts';
import type { PlanarImage } from '../../src/engine/index.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { denoise, denoiseProblem } from '../../src/engine/tasks/denoise.ts';
import { atOnce, inTurns } from '../../src/engine/time-slicing.ts';
import { counted, noisy, scene } from '../support/pictures.ts';

const [width, height] = [160, 144];

/** The scene with an eighth of it black and an eighth white, where noise is cut off. */
function withBlackAndWhite(): PlanarImage {
  const { planes } = scene(width, height);
  const at = (value: number, i: number) => {
    const x = (i % width) / width;
    if (x < 0.125) return 0;
    return x < 0.25 ? 1 : value;
  };
  return { planes: planes.map((plane) => plane.map(at)), width, height };
}

const problemOf = (picture: Picture) =>
  denoiseProblem(picture, { x: 0, y: 0, width, height }, atOnce(analysePicture(picture, {}, { closer })));

describe('the loss that is noise alone', () => {
  it.each([
    ['σ = 10', (image: PlanarImage) => noisy(image, 10)],
    ['σ = 25', (image: PlanarImage) => noisy(image, 25)],
    ['photons', (image: PlanarImage) => counted(image, 40)],
  ])('is what the noise moved the samples by, where it was cut off too: %s', (_, damage) => {
    const clean = withBlackAndWhite();
    const picture = toPicture(damage(clean));
    const { colour } = picture;
    const { noiseLoss = 0, weight } = problemOf(picture);
    const weightAt = (i: number) => weight?.[i % (width * height)] ?? 1;
    const truth =
      toPicture(clean).colour.reduce((sum, x, i) => sum + weightAt(i) * (x - colour[i]) ** 2, 0) /
      colour.length;
    expect(Math.abs(noiseLoss / truth - 1)).toBeLessThan(0.15);
  });
});

describe('the weight of a pixel', () => {
  it('is what its brightness makes the noise of photons to be', () => {
    const ramp = Float32Array.from({ length: width * height }, (_, i) => 0.2 + (0.7 * (i % width)) / width);
    const clean: PlanarImage = { planes: [ramp], width, height };
    const { weight } = problemOf(toPicture(counted(clean, 40)));
    // Middle grey counts 1, and of Poisson's noise the variance is in proportion to the brightness.
    for (const column of [20, 60, 100, 140]) {
      const share = Float32Array.from({ length: height }, (_, y) => weight?.[y * width + column] ?? 0);
      const mean = share.reduce((a, b) => a + b) / height;
      expect(Math.abs(mean * 2 * ramp[column] - 1)).toBeLessThan(0.15);
    }
  });

  it('is the same everywhere where the noise is', () => {
    expect(problemOf(toPicture(noisy(scene(width, height), 25))).weight).toBeNull();
  });
});

describe('noise that is asked to be taken out', () => {
  const noise = { sigma: 8, growth: 0, correlation: 0, shot: false, model: whiteNoise(3, 8) };
  const facts = { noise, patchy: false, impulse: false, findings: [] };
  const picture = toPicture(noisy(scene(64, 48), 8));
  const { colour: truth } = toPicture(scene(64, 48));
  const n = 3 * 64 * 48;
  const taken = async (diagnosis: Diagnosis) => {
    const { lastWord } = await denoise(picture, { task: 'denoise' }, diagnosis);
    const { colour, share } = await inTurns(lastWord!(truth.slice()));
    const of = (x: Float32Array) =>
      x.reduce((sum, value, i) => sum + (value - picture.colour[i]) ** 2, 0) / n;
    return { share, energy: of(colour) / of(truth) };
  };

  it('is taken out whole where it was found, in part where it was not and may be the picture’s grain', async () => {
    const found = await taken({ ...facts, task: 'denoise', clean: false });
    expect(found.energy).toBeGreaterThan(0.9);
    const unfound = await taken({ ...facts, task: 'none', clean: true });
    expect(unfound.energy).toBeLessThan(0.6);
    expect(unfound.energy).toBeGreaterThan(0.5);
    expect(unfound.share).toBeCloseTo(0.75 * found.share, 5);
  });

  it('is taken out whole before a noisy picture is enlarged', async () => {
    expect((await taken({ ...facts, task: 'upscale', clean: false })).energy).toBeGreaterThan(0.9);
  });

  it('leaves soft edges of drawings as they were estimated', async () => {
    const ramp = (i: number) => 0.2 + 0.6 / (1 + Math.exp(((i % 160) - 79.5) / 2));
    const soft = {
      planes: [Float32Array.from({ length: 160 * 48 }, (_, i) => ramp(i))],
      width: 160,
      height: 48,
    };
    const given = toPicture(noisy(soft, 10));
    const grey = { ...noise, sigma: 10, model: whiteNoise(1, 10) };
    const { lastWord } = await denoise(
      given,
      { task: 'denoise' },
      { ...facts, noise: grey, task: 'denoise', clean: false },
    );
    const { colour } = toPicture(soft);
    const result = (await inTurns(lastWord!(colour.slice()))).colour;
    const worst = Math.max(...result.map((value, i) => Math.abs(value - colour[i])));
    expect(255 * worst).toBeLessThan(1);
  });

  it('is what the file leaves open where compression was found instead', async () => {
    const table = Uint16Array.from({ length: 64 }, () => 2);
    const components = [0, 1, 2].map(() => ({ table, across: 1, down: 1 }));
    const jpeg = { quality: 80, onGrid: true, components } as unknown as Diagnosis['jpeg'] & object;
    expect((await taken({ ...facts, task: 'dejpeg', clean: false, jpeg })).energy).toBeLessThan(0.02);
  });
});
