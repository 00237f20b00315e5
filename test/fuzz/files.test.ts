import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { ImageSizeError, RestoreError } from '../../src/engine/errors.ts';
import { FileError } from '../../src/node/file-error.ts';
import { readImage } from '../../src/node/image-file.ts';
import { bmp } from '../node/files.ts';
import { holds, LIMIT, spoils, spoilt, stopwatch } from './fuzz.ts';

const [width, height] = [19, 13];
const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i * 2654435761) >>> 24);
const image = sharp(data, { raw: { width, height, channels: 4 } });
const opaque = image.clone().removeAlpha();

const pnm = Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), data.subarray(0, width * height * 3)]);

/** One file of each format that can be read. */
const FILES: readonly Uint8Array[] = [
  bmp(data.subarray(0, 3 * width * height), { width, height }),
  pnm,
  ...(await Promise.all([
    opaque.clone().jpeg().toBuffer(),
    opaque.clone().jpeg({ progressive: true }).toBuffer(),
    image.clone().png().toBuffer(),
    image.clone().webp().toBuffer(),
    image.clone().gif().toBuffer(),
    image.clone().avif({ effort: 0 }).toBuffer(),
    image.clone().tiff({ compression: 'deflate' }).toBuffer(),
    opaque.clone().toColourspace('b-w').tiff({ compression: 'none' }).toBuffer(),
  ])),
];

it('files of eight formats, spoilt anyhow, are read or refused with typed errors, at once', async () => {
  for (const file of FILES) expect(await readImage(file)).toMatchObject({ width, height });
  await holds(fc.tuple(fc.constantFrom(...FILES), spoils), async ([file, how]) => {
    const elapsed = stopwatch();
    const read = await readImage(spoilt(file, how), { maxPixels: 1e6 }).catch((error: unknown) => error);
    if (read instanceof Error) expect(read instanceof FileError || read instanceof RestoreError).toBe(true);
    else expect(read).toMatchObject({ planes: expect.any(Array) });
    if (read instanceof ImageSizeError) expect(read.message).toMatch(/--max-pixels/);
    expect(elapsed()).toBeLessThan(LIMIT);
  });
});
