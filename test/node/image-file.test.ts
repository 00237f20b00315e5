import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readImage, writeImage } from '../../src/node/image-file.ts';
import { readMask } from '../../src/node/mask-file.ts';
import { temporaryFolder } from '../support/folder.ts';

const folder = temporaryFolder();
const WIDTH = 13;
const HEIGHT = 7;

/** Samples that differ everywhere, channel by channel. */
function samples(channels: number, bits: 8 | 16) {
  const size = WIDTH * HEIGHT * channels;
  const values = bits === 16 ? new Uint16Array(size) : new Uint8Array(size);
  return values.map((_, i) => (i * (bits === 16 ? 9973 : 41)) % 2 ** bits);
}

function pixels(channels: 1 | 2 | 3 | 4, bits: 8 | 16) {
  const space = { 8: ['b-w', 'srgb'], 16: ['grey16', 'rgb16'] }[bits][channels > 2 ? 1 : 0];
  const raw = { width: WIDTH, height: HEIGHT, channels };
  return sharp(samples(channels, bits), { raw }).toColourspace(space);
}

async function rawSamples(path: string, bits: 8 | 16, space: string) {
  const depth = bits === 16 ? 'ushort' : 'uchar';
  const data = await sharp(path).toColourspace(space).raw({ depth }).toBuffer();
  return bits === 16 ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
}

describe('reading and writing back', () => {
  const cases = [
    ['grey', 1, 8, 1, '.png'],
    ['grey', 1, 16, 1, '.png'],
    ['grey', 1, 16, 1, '.tiff'],
    ['grey with alpha', 2, 16, 4, '.png'],
    ['RGB', 3, 8, 3, '.png'],
    ['RGB', 3, 8, 3, '.webp'],
    ['RGB', 3, 16, 3, '.tif'],
    ['RGBA', 4, 8, 4, '.png'],
    ['RGBA', 4, 8, 4, '.webp'],
    ['RGBA', 4, 16, 4, '.png'],
  ] as const;
  it.each(cases)('keeps %s, %i channels of %i bits, as %i planes in %s exactly', async (...args) => {
    const [, channels, bits, planes, ending] = args;
    const source = folder.at(`source-${channels}-${bits}.png`);
    await pixels(channels, bits).toFile(source);
    const image = await readImage(source);
    expect([image.width, image.height, image.planes.length]).toEqual([WIDTH, HEIGHT, planes]);
    expect(image.format).toEqual({ bits, grey: channels <= 2, alpha: channels % 2 === 0 });
    const copy = folder.at(`copy-${channels}-${bits}${ending}`);
    await writeImage(copy, image, image.format);
    const space = channels <= 2 ? { 8: 'b-w', 16: 'grey16' }[bits] : { 8: 'srgb', 16: 'rgb16' }[bits];
    expect([...(await rawSamples(copy, bits, space))]).toEqual([...samples(channels, bits)]);
  });

  it('keeps 8-bit grey with alpha', async () => {
    await pixels(2, 8).png().toFile(folder.at('grey-alpha.png'));
    const image = await readImage(folder.at('grey-alpha.png'));
    const expected = samples(2, 8);
    const eight = (plane: Float32Array) => [...plane].map((v) => Math.round(v * 255));
    expect(eight(image.planes[0])).toEqual([...expected.filter((_, i) => i % 2 === 0)]);
    expect(eight(image.planes[3])).toEqual([...expected.filter((_, i) => i % 2 === 1)]);
    await writeImage(folder.at('grey-alpha-2.png'), image, image.format);
    const metadata = await sharp(folder.at('grey-alpha-2.png')).metadata();
    expect([metadata.channels, metadata.hasAlpha, metadata.depth]).toEqual([2, true, 'uchar']);
  });

  it('writes AVIF and JPEG close to the source', async () => {
    const flat = { width: 32, height: 32, channels: 3 as const, background: { r: 180, g: 90, b: 30 } };
    await sharp({ create: flat }).png().toFile(folder.at('flat.png'));
    const image = await readImage(folder.at('flat.png'));
    for (const ending of ['.avif', '.jpg']) {
      await writeImage(folder.at(`flat${ending}`), image, image.format);
      const [r, g, b] = await rawSamples(folder.at(`flat${ending}`), 8, 'srgb');
      expect(Math.max(Math.abs(r - 180), Math.abs(g - 90), Math.abs(b - 30))).toBeLessThanOrEqual(3);
    }
  });
});

describe('what a file says about its pixels', () => {
  it('applies the EXIF orientation', async () => {
    const upright = await pixels(3, 8).png().toBuffer();
    const turned = await sharp(upright).rotate(270).withMetadata({ orientation: 6 }).png().toBuffer();
    await writeFile(folder.at('turned.png'), turned);
    const image = await readImage(folder.at('turned.png'));
    expect([image.width, image.height]).toEqual([WIDTH, HEIGHT]);
    const expected = samples(3, 8).filter((_, i) => i % 3 === 0);
    expect([...image.planes[0]].map((v) => Math.round(v * 255))).toEqual([...expected]);
  });

  it('converts an embedded profile to sRGB', async () => {
    const create = { width: 8, height: 8, channels: 3 as const, background: { r: 200, g: 100, b: 50 } };
    await sharp({ create }).withIccProfile('p3').png().toFile(folder.at('p3.png'));
    const [r, g, b] = (await readImage(folder.at('p3.png'))).planes.map((plane) =>
      Math.round(plane[0] * 255),
    );
    expect(Math.max(Math.abs(r - 200), Math.abs(g - 100), Math.abs(b - 50))).toBeLessThanOrEqual(3);
  });

  it('converts CMYK to RGB', async () => {
    const create = { width: 8, height: 8, channels: 3 as const, background: { r: 200, g: 100, b: 50 } };
    await sharp({ create }).toColourspace('cmyk').jpeg().toFile(folder.at('cmyk.jpg'));
    expect((await sharp(folder.at('cmyk.jpg')).metadata()).space).toBe('cmyk');
    const image = await readImage(folder.at('cmyk.jpg'));
    expect(image.notes).toEqual(['It is a JPEG in CMYK: what its compression took stays.']);
    expect(image.planes.length).toBe(3);
    const [r, g, b] = image.planes.map((plane) => plane[0]);
    expect(r > g && g > b).toBe(true);
  });

  it('hands out the bytes of a JPEG only while its pixels have the colours that are stored', async () => {
    const create = { width: 16, height: 16, channels: 3 as const, background: 'teal' };
    await sharp({ create }).jpeg().toFile(folder.at('plain.jpg'));
    await sharp({ create }).withMetadata({ orientation: 3 }).jpeg().toFile(folder.at('turned.jpg'));
    await sharp({ create }).withIccProfile('p3').jpeg().toFile(folder.at('wide.jpg'));
    await sharp({ create }).withIccProfile('srgb').jpeg().toFile(folder.at('srgb.jpg'));
    const given = async (name: string) => (await readImage(folder.at(name))).file !== undefined;
    expect(await given('plain.jpg')).toBe(true);
    expect(await given('srgb.jpg')).toBe(true);
    expect(await given('turned.jpg')).toBe(true);
    expect(await given('wide.jpg')).toBe(false);
    expect(await given('p3.png')).toBe(false);
  });

  it('carries resolution, authorship and XMP over, not the orientation', async () => {
    const xmp =
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>';
    const exif = {
      IFD0: { Artist: 'Felice Beato', Copyright: 'none', DateTime: '0000:00:00 00:00:00', Orientation: '6' },
      IFD2: { DateTimeOriginal: '1865:01:01 00:00:00' },
    };
    await pixels(3, 8).withExif(exif).withXmp(xmp).withDensity(300).jpeg().toFile(folder.at('meta.jpg'));
    const image = await readImage(folder.at('meta.jpg'));
    expect(image.metadata.exif?.IFD0).toMatchObject({
      Artist: 'Felice Beato',
      DateTime: '0000:00:00 00:00:00',
    });
    for (const ending of ['.jpg', '.png', '.webp']) {
      const texts = { ...image.metadata.exif!, IFD0: { Artist: 'Felice Beato', Copyright: '© 長崎' } };
      const metadata = { ...image.metadata, exif: texts };
      await writeImage(folder.at(`meta-2${ending}`), image, image.format, metadata);
      const copy = await sharp(folder.at(`meta-2${ending}`)).metadata();
      expect(copy.orientation ?? 1).toBe(1);
      expect(copy.xmpAsString).toContain('xmpmeta');
      expect(copy.exif?.toString('latin1')).toContain('Felice Beato');
      expect(copy.exif?.toString('latin1')).toContain('1865:01:01');
      const again = await readImage(folder.at(`meta-2${ending}`));
      expect(again.metadata.density).toBeCloseTo(300, 3);
      expect(again.metadata.exif).toEqual(texts);
    }
  });
});

describe('masks', () => {
  it('reads white as the area to fill, or as known', async () => {
    const mask = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % 3 === 0 ? 255 : 0));
    const raw = { width: WIDTH, height: HEIGHT, channels: 1 as const };
    await sharp(mask, { raw }).toColourspace('b-w').png().toFile(folder.at('mask.png'));
    const fill = await readMask(folder.at('mask.png'), 'fill');
    const known = await readMask(folder.at('mask.png'), 'known');
    expect([...known.data]).toEqual([...mask]);
    expect([...fill.data]).toEqual([...mask.map((v) => 255 - v)]);
  });

  it('takes transparent pixels as black', async () => {
    const create = {
      width: 8,
      height: 8,
      channels: 4 as const,
      background: { r: 255, g: 255, b: 255, alpha: 0 },
    };
    await sharp({ create }).png().toFile(folder.at('clear.png'));
    expect([...(await readMask(folder.at('clear.png'), 'known')).data]).toEqual(Array(64).fill(0));
  });
});

describe('files that cannot be used', () => {
  it('tells a missing file from one that is no image', async () => {
    await expect(readImage(folder.at('absent.png'))).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining('no such file'),
    });
    await writeFile(folder.at('text.png'), 'not an image');
    await expect(readImage(folder.at('text.png'))).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining('as an image'),
    });
  });

  it.skipIf(!existsSync('/dev/zero'))('does not wait for the end of a device', async () => {
    await expect(readImage('/dev/zero')).rejects.toThrow('Cannot read /dev/zero: it is a device.');
  });

  it('says in a sentence what the decoder says', async () => {
    await writeFile(folder.at('empty.png'), '');
    await expect(readImage(folder.at('empty.png'))).rejects.toThrow(/as an image: it is empty\.$/);
    await expect(readImage(new Uint8Array(0))).rejects.toThrow(/as an image: it is empty\.$/);
  });

  it('refuses a file of which no pixel is left', async () => {
    const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    await writeFile(folder.at('half.jpg'), whole.subarray(0, whole.length - 100));
    await expect(readImage(folder.at('half.jpg'))).rejects.toMatchObject({ code: 'unreadable' });
  });

  it('refuses a folder that does not exist and an unknown ending', async () => {
    await pixels(3, 8).png().toFile(folder.at('ok.png'));
    const image = await readImage(folder.at('ok.png'));
    await expect(writeImage(folder.at('none/out.png'), image, image.format)).rejects.toMatchObject({
      code: 'unwritable',
    });
    await expect(writeImage(folder.at('out.bmp'), image, image.format)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('.png'),
    });
  });
});
