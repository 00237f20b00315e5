import { expect, it } from 'vitest';
import { type Picture, toPicture, toPlanes } from '../../src/engine/image/picture.ts';
import { psnr } from '../../src/engine/index.ts';
import { findCoefficients } from '../../src/engine/jpeg/decoded.ts';
import { readHeader } from '../../src/engine/jpeg/file.ts';
import { FileTiles } from '../../src/engine/jpeg/file-tiles.ts';
import { withinIntervals } from '../../src/engine/jpeg/intervals.ts';
import { readLevels } from '../../src/engine/jpeg/levels.ts';
import { tilesOf } from '../../src/engine/jpeg/tiles.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { scene } from '../support/pictures.ts';
import { decoded, drawn, jpegOf, text } from './support.ts';

/** 48 × 16 px, 4:2:2, a marker after each unit; by libjpeg's cjpeg. */
const RESTARTED =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAQADADASEAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAAAwIEBf/EABsQAAMBAAMBAAAAAAAAAAAAAAABAgMEEyEU/8QAFwEAAwEAAAAAAAAAAAAAAAAAAgMEAf/EABsRAAMBAAMBAAAAAAAAAAAAAAABAhEDEiEi/90ABAAB/9oADAMBAAIRAxEAPwC/oSQG27YHHHpREfJ//9Dn26pl44tssTxAtpUf/9FcOP4O81KHdtYV3sn/0s2aqhehs3cLHSUH/9M+hIfKJkZ21EdVtn//1Nk6KUBvyPB3HOsKY2T/2Q==';

/** What the file of a small picture holds, by itself and by its pixels. */
function both(picture: Picture, file: Uint8Array, bytes = file) {
  const { components } = readHeader(file)!;
  const [tile] = tilesOf(picture);
  const stored = atOnce(new FileTiles(picture, components, bytes).coefficients(picture, tile));
  return { stored, found: atOnce(findCoefficients(picture, components)).coefficients, components };
}

const plain = (all: ReturnType<typeof both>['found']) => all.map(({ data }) => [...data].map((v) => v + 0));

it.each([
  ['baseline', { chromaSubsampling: '4:2:0' }],
  ['baseline', { chromaSubsampling: '4:4:4' }],
  ['progressive', { chromaSubsampling: '4:2:0', progressive: true }],
  ['with tables of its own', { chromaSubsampling: '4:4:4', mozjpeg: true }],
])('the levels of a file, %s, %o, are those that its pixels show', async (_, options) => {
  const { file, image } = await jpegOf(scene(96, 80), { quality: 50, ...options });
  const { stored, found } = both(toPicture(image), file);
  expect(stored.every(({ isStored }) => isStored)).toBe(true);
  expect(plain([...stored])).toEqual(plain([...found]));
});

it('are read of a file that is divided by markers', async () => {
  const file = new Uint8Array(Buffer.from(RESTARTED, 'base64'));
  const { stored, found } = both(toPicture(await decoded(file)), file);
  expect(stored.every(({ isStored }) => isStored)).toBe(true);
  expect(plain([...stored])).toEqual(plain([...found]));
});

it('are not taken where they are not what is seen, nor of an arithmetic code', async () => {
  const { file, image } = await jpegOf(scene(96, 80), { quality: 50 });
  for (const bytes of [file.slice(0, file.length / 2), file.map((byte, i) => (i > 700 ? i : byte))]) {
    const { stored, found } = both(toPicture(image), file, bytes);
    expect(stored.some(({ isStored }) => isStored)).toBe(false);
    expect(plain([...stored])).toEqual(plain([...found]));
  }
  const at = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0);
  expect(atOnce(readLevels(file.map((byte, i) => (i === at + 1 ? 0xc9 : byte))))).toBeUndefined();
  const scan = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xda);
  expect(atOnce(readLevels(file.map((byte, i) => (i === scan + 4 ? 0 : byte))))).toBeUndefined();
});

it('bring saturated letters back that were cut off at black', async () => {
  const truth = await drawn(96, 64, text(96, 64, 12, '#f00'), '#000');
  const { file, image } = await jpegOf(truth, { quality: 80, chromaSubsampling: '4:2:0' });
  const picture = toPicture(image);
  const { stored, found, components } = both(picture, file);
  const after = (coefficients: typeof found) => {
    const colour = atOnce(withinIntervals(picture, picture.colour, coefficients, components, 0.5));
    return psnr(toPlanes({ ...picture, colour }), truth) - psnr(image, truth);
  };
  expect(after([...stored])).toBeGreaterThan(2);
  expect(after([...stored])).toBeGreaterThan(after(found) + 1);
});

it('are not taken where a part was painted over since', async () => {
  const { file, image } = await jpegOf(scene(256, 128), { quality: 50, chromaSubsampling: '4:2:0' });
  for (let y = 48; y < 64; y++) image.data.fill(255, 4 * (256 * y + 96), 4 * (256 * y + 112));
  const { stored } = both(toPicture(image), file);
  expect(stored.some(({ isStored }) => isStored)).toBe(false);
});
