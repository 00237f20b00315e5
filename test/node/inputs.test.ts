import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { imageBytes, readImage, restore, writeImage } from '../../src/node/index.ts';
import { temporaryFolder } from '../support/folder.ts';

const folder = temporaryFolder();

it('a file is restored from its path, URL, bytes or Blob, and its result is written as the file was', async () => {
  const deep = Uint16Array.from({ length: 24 * 20 }, (_, i) => 20000 + 900 * (i % 24) + ((i * 7919) % 3001));
  const raw = { width: 24, height: 20, channels: 1 } as const;
  const path = folder.at('deep.png');
  await sharp(deep, { raw }).toColourspace('grey16').withDensity(300).png().toFile(path);
  const bytes = await readFile(path);
  const options = { task: 'denoise', prior: 'tv', expert: { steps: 2 }, executor: 'wasm' } as const;
  const results = [];
  for (const source of [path, pathToFileURL(path), bytes, new Blob([bytes])])
    results.push((await restore(source, options)).image);
  for (const { planes } of results) expect(planes).toEqual(results[0].planes);
  await writeImage(folder.at('out.png'), results[2]);
  expect(await sharp(folder.at('out.png')).metadata()).toMatchObject({
    depth: 'ushort',
    channels: 1,
    density: 300,
  });
  const raster = { data: new Uint8ClampedArray(9 * 8 * 4).fill(255), width: 9, height: 8 };
  await writeFile(folder.at('white.webp'), await imageBytes(raster, 'webp'));
  expect(await sharp(folder.at('white.webp')).metadata()).toMatchObject({ format: 'webp', width: 9 });
});

it('what was read from a file is restored as the file itself', async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><rect width="64" height="48"/><text x="2" y="30" font-size="22" fill="red">r 37</text></svg>`;
  const bytes = await sharp(Buffer.from(svg)).jpeg({ quality: 50 }).toBuffer();
  const options = { task: 'dejpeg', quality: 'fast', executor: 'wasm' } as const;
  const [own, read] = [await restore(bytes, options), await restore(await readImage(bytes), options)];
  expect(read.image.planes).toEqual(own.image.planes);
  expect(read.image).not.toHaveProperty('file');
});
