import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { clippedNoise } from '../../src/engine/diagnosis/clipped-noise.ts';
import { findNoise, lookAt } from '../../src/engine/diagnosis/noise-finder.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import type { PlanarImage } from '../../src/engine/index.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { drawCorpus } from '../../src/eval/corpus/corpus.ts';
import { decodeImage } from '../../src/node/decode.ts';
import { counted, noisy } from '../support/pictures.ts';

/** At half the size, so that it has no grain of its own: a bright sky, and houses in its lower half. */
const half = sharp('samples/nagasaki-boats.png').resize(160, 128);
const photograph = await decodeImage(await half.png().toBuffer());
const grey = { ...photograph, planes: photograph.planes.slice(0, 1) };
/** From a tenth to nine tenths of the range. */
const dark = (image: PlanarImage) => ({
  ...image,
  planes: image.planes.map((plane) =>
    plane.map((value, i) => value * (i % image.width < image.width / 3 ? 0.3 : 1)),
  ),
});
const found = (image: PlanarImage) => {
  const picture = toPicture(image);
  return atOnce(findNoise(picture, atOnce(lookAt(picture))))?.kind;
};

describe('the noise of photons', () => {
  it.each([30, 60])('%i at white, in grey: even, once the dark half is expected to have less', (photons) => {
    expect(found(grey)).toBeUndefined();
    expect(found(dark(grey))).toBeUndefined();
    expect(found(counted(grey, photons))).toBe('white');
    expect(found(counted(dark(grey), photons))).toBe('white');
  });

  it('is that of brightness too, not blotches of colour, in a grey picture with few of them', () => {
    const ramp = (plane: Float32Array) =>
      plane.map((value, i) => (0.2 + 0.8 * ((i % photograph.width) / photograph.width)) * value);
    const image = { ...photograph, planes: photograph.planes.map(ramp) };
    expect(found(image)).toBeUndefined();
    expect(found(counted(image, 30))).toBe('white');
  });
});

it('strong noise over what is bright, most of it cut off in one colour, is seen by what was not', () => {
  const skin = [0.97, 0.8, 0.62].map((tone) => new Float32Array(128 * 96).fill(tone));
  const image = noisy({ planes: skin, width: 128, height: 96 }, 50);
  expect(found(image)).toBeUndefined();
  const sigma = atOnce(clippedNoise(toPicture(image)))?.sigma;
  expect(sigma).toBeGreaterThan(45);
  expect(sigma).toBeLessThan(55);
});

it('lines too fine to be followed are no noise: each block has few frequencies', async () => {
  const finest: string[] = [];
  for await (const { name, image } of drawCorpus({ seed: 305, kinds: ['engraving'], count: 5 }))
    if (found(image)) finest.push(name);
  expect(finest).toEqual([]);
});
