import { describe, expect, it } from 'vitest';
import { addShotNoise } from '../../src/damage/samples.ts';
import { measureNoise } from '../../src/engine/diagnosis/noise.ts';
import { findNoise, lookAt } from '../../src/engine/diagnosis/noise-finder.ts';
import { applyTables, bicubicTable } from '../../src/engine/image/axis-table.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { denoiseNonlocal } from '../../src/engine/nonlocal/denoise.ts';
import { type NoiseModel, whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { stableScale } from '../../src/engine/nonlocal/stabilised.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { noisy } from '../support/pictures.ts';

const PHOTONS = 60;
const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: Float32Array) => {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
};

describe('the scale on which noise of light is even', () => {
  const scale = stableScale(whiteNoise(3, 25), { black: 0, slope: 1 / PHOTONS });
  const countedAt = (level: number) =>
    atOnce(scale.to(addShotNoise([new Float32Array(20_000).fill(level)], PHOTONS, 7)[0]));

  it.each([0.1, 0.3, 0.7])('has as much as it says at level %f', (level) => {
    const ratio = deviation(countedAt(level)) ** 2 / scale.noise.planes[0].black;
    expect(Math.abs(ratio - 1)).toBeLessThan(0.06);
  });

  it.each([0, 0.02, 0.1, 0.3, 0.7])('leads means of noisy samples back to level %f', (level) => {
    const back = atOnce(scale.from(Float32Array.of(mean(countedAt(level)))));
    expect(Math.abs(back[0] - level)).toBeLessThan(0.003);
  });
});

describe('noise that was enlarged with its picture', () => {
  const [width, height] = [64, 48];
  /** A blue sky above a grey wall. */
  const scene = [0.04, 0.42, 0.8].map((level, c) =>
    Float32Array.from({ length: width * height }, (_, i) =>
      i < 32 * width ? level : (0.3 + 0.1 * c) * (i % width < 32 ? 1 : 1.5),
    ),
  );
  const enlarged = (planes: readonly Float32Array[]) => {
    const [rows, columns] = [bicubicTable(height, 2 * height), bicubicTable(width, 2 * width)];
    const colour = planes.map((plane) => applyTables(plane, 1, rows, columns));
    const clamped = colour.map((plane) => plane.map((value) => Math.min(1, Math.max(0, value))));
    return toPicture({ planes: clamped, width: 2 * width, height: 2 * height });
  };
  const measured = (planes: readonly Float32Array[]) => {
    const picture = enlarged(planes);
    const found = atOnce(findNoise(picture, atOnce(lookAt(picture))));
    return { picture, model: atOnce(measureNoise(found!)).model! };
  };

  it('is told to be of light by what each colour has of it, and goes from the one with most', async () => {
    const { picture, model } = measured(addShotNoise(scene, PHOTONS, 3));
    expect(model.light).toBeDefined();
    const blueLeft = async (known: NoiseModel) => {
      const answer = await denoiseNonlocal(picture, known, { quality: 'fast', executor: 'wasm' });
      const [from, rows] = [2 * 4 * width * height, 56];
      return 255 * deviation(answer.subarray(from, from + rows * 2 * width));
    };
    const byColours = await blueLeft(model);
    expect(byColours).toBeLessThan(5);
    expect(await blueLeft({ planes: model.planes })).toBeGreaterThan(1.2 * byColours);
  });

  it('is of no light where it is as strong in all of them', () => {
    const { model } = measured(noisy({ planes: scene, width, height }, 25).planes);
    expect(model.light).toBeUndefined();
  });
});
