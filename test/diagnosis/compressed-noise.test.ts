import { expect, it } from 'vitest';
import { hasNoiseBeneath } from '../../src/engine/diagnosis/compressed-noise.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import type { PlanarImage } from '../../src/engine/index.ts';
import { tableOfQuality } from '../../src/engine/jpeg/tables.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { jpegOf } from '../jpeg/support.ts';
import { noisy, scene } from '../support/pictures.ts';

const [width, height] = [160, 128];
const clean = scene(width, height);

/** Noise that is alike over some pixels: a texture, which grows the coarser. */
function textured(image: PlanarImage): PlanarImage {
  const key = streamKey(3, 0);
  const reach = 3;
  const texture = Float32Array.from({ length: width * height }, (_, i) => {
    let sum = 0;
    for (let dy = 0; dy < reach; dy++)
      for (let dx = 0; dx < reach; dx++) sum += normal(key, i + dy * width + dx);
    return (24 / 255) * (sum / reach);
  });
  const planes = image.planes.map((plane) =>
    plane.map((value, i) => Math.min(1, Math.max(0, value + texture[i]))),
  );
  return { ...image, planes };
}

it.each([
  ['noise beneath compression', noisy(clean, 12), true],
  ['compression alone', clean, false],
  ['texture beneath compression', textured(clean), false],
])('tells %s', async (_, before, isNoisy) => {
  const { image } = await jpegOf(before, { quality: 76 });
  expect(atOnce(hasNoiseBeneath(toPicture(image), tableOfQuality(76)))).toBe(isNoisy);
});
