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

type Texture = (x: number, y: number) => number;

/** The scene with something over it, 1/255. */
const over = (texture: Texture): PlanarImage => ({
  ...clean,
  planes: clean.planes.map((plane) =>
    plane.map((value, i) =>
      Math.min(1, Math.max(0, value + texture(i % width, Math.floor(i / width)) / 255)),
    ),
  ),
});

const key = streamKey(3, 0);
const at: Texture = (x, y) => normal(key, y * width + x);

/** Frequencies of a block, but for the lowest and the highest. */
const FINE = Array.from({ length: 64 }, (_, i) => [i & 7, i >> 3]).filter(([u, v]) => u + v > 3 && u + v < 9);

/** In each block three waves: large coefficients among none, each frequency as often as any other. */
const waves: Texture = (x, y) => {
  const block = (y >> 3) * (width >> 3) + (x >> 3);
  const along = (n: number, u: number) =>
    Math.cos(((n % 8) + 0.5) * u * (Math.PI / 8)) / (u ? 1 : Math.SQRT2);
  const of = (_: unknown, k: number) => {
    const [u, v] = FINE[(3 * block + k) % FINE.length];
    return 10 * Math.sign(at(k, block)) * along(x, u) * along(y, v);
  };
  return Array.from({ length: 3 }, of).reduce((sum, wave) => sum + wave);
};

/** Each is told by one thing alone. */
const TEXTURES: readonly (readonly [string, PlanarImage, boolean])[] = [
  ['that grows the coarser', over((x, y) => 11 * (at(x, y) + 0.3 * (at(x + 1, y) + at(x, y + 1)))), false],
  ['that has a direction', over((x, y) => 9 * (at(x, y) + 0.6 * (at(x + 1, y) - at(x, y + 1)))), false],
  ['of waves', over(waves), false],
];

it.each<readonly [string, PlanarImage, boolean]>([
  ['noise beneath compression', noisy(clean, 12), true],
  ['compression alone', clean, false],
  ...TEXTURES,
])('tells %s', async (_, before, isNoisy) => {
  const { image } = await jpegOf(before, { quality: 76 });
  expect(atOnce(hasNoiseBeneath(toPicture(image), tableOfQuality(76)))).toBe(isNoisy);
});
