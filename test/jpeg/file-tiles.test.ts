import { expect, it } from 'vitest';
import { toPicture } from '../../src/engine/image/picture.ts';
import { dct, inverseDct } from '../../src/engine/jpeg/dct.ts';
import { findCoefficients } from '../../src/engine/jpeg/decoded.ts';
import { readHeader } from '../../src/engine/jpeg/file.ts';
import { FileTiles } from '../../src/engine/jpeg/file-tiles.ts';
import { tilesOf } from '../../src/engine/jpeg/tiles.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { scene } from '../support/pictures.ts';
import { jpegOf } from './support.ts';

it('a file’s coefficients are found once, and are the same again', async () => {
  const { file, image } = await jpegOf(scene(64, 48), { quality: 30 });
  const picture = toPicture(image);
  const { components } = readHeader(file)!;
  const tiles = new FileTiles(picture, components);
  const [tile] = tilesOf(picture);
  const found = () => {
    const work = tiles.coefficients(picture, tile);
    let pieces = 0;
    for (;;) {
      const { done, value } = work.next();
      if (done) return { pieces, value };
      pieces++;
    }
  };
  const [first, again] = [found(), found()];
  expect(first.value).toEqual(atOnce(findCoefficients(picture, components)).coefficients);
  expect(again.value).toEqual(first.value);
  expect(first.pieces).toBeGreaterThan(0);
  expect(again.pieces).toBe(0);
});

it('a block of one value, and one of few frequencies, are transformed as any other', () => {
  const even = new Float64Array(64).fill(0.3);
  const nearly = even.map((value, i) => (i === 63 ? value + 1e-12 : value));
  dct(even);
  dct(nearly);
  for (const [i, value] of even.entries()) expect(value).toBeCloseTo(nearly[i], 11);
  const few = new Float64Array(64);
  few[0] = few[2] = few[17] = 5;
  const all = few.map((value) => value || 1e-12);
  inverseDct(few);
  inverseDct(all);
  for (const [i, value] of few.entries()) expect(value).toBeCloseTo(all[i], 10);
});
