import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { toPicture } from '../../src/engine/image/picture.ts';
import { readHeader } from '../../src/engine/jpeg/file.ts';
import { FileTiles } from '../../src/engine/jpeg/file-tiles.ts';
import { tilesOf } from '../../src/engine/jpeg/tiles.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { decoded } from '../jpeg/support.ts';
import { holds, LIMIT, spoils, spoilt, stopwatch } from './fuzz.ts';

const [width, height] = [40, 24];
const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 2654435761) >>> 24);
const image = sharp(data, { raw: { width, height, channels: 3 } }).blur(1);
const files = await Promise.all(
  [{}, { chromaSubsampling: '4:4:4' }, { progressive: true }, { mozjpeg: true }].map((options) =>
    image.clone().jpeg(options).toBuffer(),
  ),
);
const grey = await image.clone().toColourspace('b-w').jpeg().toBuffer();
const FILES = [...files, grey].map((file) => new Uint8Array(file));
const picture = toPicture(await decoded(FILES[0]));
const [tile] = tilesOf(picture);

/** A file whose size says that it is the picture's, so that its levels are read. */
const levelsRead = (file: Uint8Array): boolean => {
  const components = readHeader(file)?.components;
  if (!components) return false;
  const trace = { components, quality: 80, source: 'file', onGrid: true } as const;
  const coefficients = atOnce(FileTiles.of(picture, trace, file).coefficients(picture, tile));
  expect(coefficients.length).toBe(components.length);
  return true;
};

it('the levels of JPEGs, spoilt anyhow, are read or found in the pixels, at once', async () => {
  for (const file of FILES) expect(levelsRead(file)).toBe(true);
  await holds(fc.tuple(fc.constantFrom(...FILES), spoils), ([file, how]) => {
    const elapsed = stopwatch();
    levelsRead(spoilt(file, how));
    expect(elapsed()).toBeLessThan(LIMIT);
  });
});

it('a scan of no component, and scans without end, are borne', () => {
  const [file] = FILES;
  const at = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xda);
  const scan = [...file.subarray(at, at + 14)];
  const ofNone = Uint8Array.from([...file.subarray(0, at), 0xff, 0xda, 0, 3, 0, ...file.subarray(at)]);
  expect(levelsRead(ofNone)).toBe(true);
  expect(levelsRead(file.slice(0, at + 4))).toBe(true);
  const elapsed = stopwatch();
  const endless = new Uint8Array(at + 14 * 20000);
  endless.set(file.subarray(0, at));
  for (let k = 0; k < 20000; k++) endless.set(scan, at + 14 * k);
  expect(levelsRead(endless)).toBe(true);
  expect(elapsed()).toBeLessThan(LIMIT);
});
