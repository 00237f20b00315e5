import { describe, expect, it } from 'vitest';
import { type NoisePatch, noiseOver, noisePatches } from '../../src/engine/diagnosis/patches.ts';
import { cutPicture } from '../../src/engine/image/box.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { analyse, type PlanarImage, restore } from '../../src/engine/index.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { counted, noisy, scene, smeared } from '../support/pictures.ts';

const [width, height] = [384, 144];
const clean = scene(width, height);

/** The damage right of a column. */
function rightOf(column: number, damaged: PlanarImage): PlanarImage {
  const planes = clean.planes.map((plane, c) =>
    plane.map((value, i) => (i % width < column ? value : damaged.planes[c][i])),
  );
  return { ...clean, planes };
}

describe('noise in places', () => {
  it.each([
    ['white', noisy(clean, 20), 20],
    ['smeared', smeared(noisy(clean, 40)), 20],
  ])('is found and measured: %s', (_, damaged, sigma) => {
    const { noise, patchy, clean, findings } = analyse(rightOf(256, damaged));
    expect({ patchy, clean }).toEqual({ patchy: true, clean: false });
    expect(Math.abs(noise.sigma / sigma - 1)).toBeLessThan(0.15);
    expect(findings.join()).toMatch(/only in places, σ about/);
  });

  it('is found where it is everywhere but smeared, and then not said to be in places', () => {
    const { noise, findings } = analyse(smeared(noisy(clean, 40)));
    expect(Math.abs(noise.sigma / 20 - 1)).toBeLessThan(0.15);
    expect(findings.join()).not.toMatch(/only in places/);
  });

  it('is not what texture is, which all colours share', () => {
    const woven = (value: number, i: number) =>
      value + 0.1 * Math.sin(i * i * 0.37) * (i % width < 256 ? 0 : 1);
    const picture = toPicture({ ...clean, planes: clean.planes.map((plane) => plane.map(woven)) });
    const right = cutPicture(picture, { x: 256, y: 0, width: width - 256, height });
    const contrast = right.colour.reduce(
      (sum, value, i) => sum + (i > 0 ? (value - right.colour[i - 1]) ** 2 : 0),
      0,
    );
    expect(contrast / right.colour.length).toBeGreaterThan(0.1 ** 2 / 2);
    expect(atOnce(noisePatches(picture)).filter(({ noise }) => noise)).toEqual([]);
  });

  it('is taken out there, and nothing is changed far from it', async () => {
    const damaged = rightOf(256, noisy(clean, 30));
    const options = {
      task: 'denoise',
      quality: 'fast',
      executor: 'wasm',
      expert: { partSide: 144 },
    } as const;
    const { image, parts } = await restore(damaged, options);
    const squares = (x: PlanarImage, from: number, to: number) =>
      x.planes[0].reduce(
        (sum, value, i) =>
          i % width >= from && i % width < to ? sum + (value - clean.planes[0][i]) ** 2 : sum,
        0,
      );
    expect(squares(image, 256, width)).toBeLessThan(squares(damaged, 256, width) / 4);
    expect(squares(image, 0, 96)).toBe(0);
    expect(parts).toBeLessThan(4);
  });
});

describe('noise that ends within a patch', () => {
  const over = (damaged: PlanarImage, from: number, to: number) => {
    const patches = atOnce(noisePatches(toPicture(damaged)));
    const noisy = patches.filter(({ noise }) => noise);
    return noiseShare(noisy, from, to);
  };
  const noiseShare = (noisy: readonly NoisePatch[], from: number, to: number) =>
    noisy.reduce(
      (sum, { x, width, height }) => sum + height * Math.max(0, Math.min(x + width, to) - Math.max(x, from)),
      0,
    ) /
    (height * (to - from));

  it.each([
    ['white', noisy(clean, 20)],
    ['smeared', smeared(noisy(clean, 40))],
  ])('is found to where it ends: %s', (_, damaged) => {
    const half = rightOf(176, damaged);
    expect(over(half, 208, width)).toBeGreaterThan(0.9);
    expect(over(half, 0, 152)).toBe(0);
  });

  it('is found within a cell of which it has a part', () => {
    const half = rightOf(190, noisy(clean, 20));
    expect(over(half, 200, width)).toBeGreaterThan(0.95);
    expect(over(half, 0, 180)).toBe(0);
  });

  it.each([
    ['white', [(x: number) => x + 0.6, (x: number) => x + 0.6, (x: number) => x + 0.6]],
    ['a saturated colour', [(x: number) => x + 0.5, (x: number) => 0.5 * x, () => 0]],
  ])('is found where %s cuts most of it off', (_, [red, green, blue]) => {
    const tones = [red, green, blue].map((f, c) => clean.planes[c].map((x) => Math.min(1, f(x))));
    const bright = { ...clean, planes: tones };
    const damaged = noisy(bright, 25).planes;
    const planes = tones.map((plane, c) => plane.map((x, i) => (i % width < 190 ? x : damaged[c][i])));
    expect(over({ ...clean, planes }, 200, width)).toBeGreaterThan(0.95);
    expect(over({ ...clean, planes }, 0, 176)).toBe(0);
  });

  it('does not go on in what is sharp and a little coloured, as smeared noise is in its finest details', () => {
    const grey = noisy({ ...clean, planes: [new Float32Array(width * height).fill(0.5)] }, 20).planes[0];
    const coloured = noisy({ ...clean, planes: [grey, grey, grey] }, 5);
    const { planes } = rightOf(190, smeared(noisy(clean, 40)));
    const half = planes.map((plane, c) => plane.map((x, i) => (i % width < 190 ? coloured.planes[c][i] : x)));
    expect(over({ ...clean, planes: half }, 208, width)).toBeGreaterThan(0.9);
    expect(over({ ...clean, planes: half }, 0, 160)).toBe(0);
  });

  it('is found where little of it is left, of few photons in the dark and cut off in white', () => {
    const contrasty = {
      ...clean,
      planes: clean.planes.map((plane) => plane.map((x) => Math.min(1, Math.max(0, 3.2 * x - 1.1)))),
    };
    const grainy = smeared(smeared(counted(contrasty, 8)));
    const planes = grainy.planes.map((plane, c) =>
      plane.map((value, i) => (i % width < 176 ? contrasty.planes[c][i] : value)),
    );
    expect(over({ ...clean, planes }, 180, width)).toBeGreaterThan(0.92);
    expect(over({ ...clean, planes }, 0, 160)).toBe(0);
  });

  it('is taken out to there', async () => {
    const half = rightOf(176, noisy(clean, 20));
    const { image } = await restore(half, { task: 'denoise', quality: 'fast', executor: 'wasm' });
    const squares = (of: PlanarImage) =>
      of.planes[0].reduce(
        (sum, value, i) =>
          i % width >= 176 && i % width < 192 ? sum + (value - clean.planes[0][i]) ** 2 : sum,
        0,
      );
    expect(squares(image) / squares(half)).toBeLessThan(0.12);
  });
});

describe('noiseOver', () => {
  const noise = { sigma: 10, growth: 0.5, correlation: 0.1, shot: true };
  const patch = (x: number, found: NoisePatch['noise']): NoisePatch => ({
    x,
    y: 0,
    width: 10,
    height: 10,
    noise: found,
  });

  it('spreads the energy over all that the box covers', () => {
    const box = { x: 5, y: 0, width: 10, height: 10 };
    const found = noiseOver([patch(0, noise), patch(10, null)], box);
    expect(found).toEqual({ ...noise, sigma: Math.sqrt(50) });
  });

  it('is none where no patch has any, or none is near', () => {
    const box = { x: 5, y: 0, width: 10, height: 10 };
    expect(noiseOver([patch(0, null)], box)).toBeUndefined();
    expect(noiseOver([patch(40, noise)], box)).toBeUndefined();
  });
});
