import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/engine/index.ts';
import { readHeader } from '../../src/engine/jpeg/file.ts';
import { tableOfQuality } from '../../src/engine/jpeg/tables.ts';
import { decodeImage } from '../../src/node/decode.ts';
import { scene } from '../support/pictures.ts';
import { jpegOf } from './support.ts';

const picture = scene(43, 37);

describe('the header of a JPEG file', () => {
  it.each([
    ['4:2:0', false, 2],
    ['4:2:0', true, 2],
    ['4:4:4', false, 1],
    ['4:4:4', true, 1],
  ])('tells all tables and the sampling: %s, progressive %s', async (chromaSubsampling, progressive, by) => {
    const { file } = await jpegOf(picture, { quality: 35, chromaSubsampling, progressive });
    const chroma = { table: tableOfQuality(35, 'chroma'), across: by, down: by };
    expect(readHeader(file)).toEqual({
      width: 43,
      height: 37,
      components: [{ table: tableOfQuality(35), across: 1, down: 1 }, chroma, chroma],
      orientation: 1,
    });
  });

  it('tells 4:2:2, and tables of 16 bits', async () => {
    const { file } = await jpegOf(picture, { quality: 60, chromaSubsampling: '4:4:4' });
    const frame = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0);
    file[frame + 11] = 0x21;
    const [luma, cb] = readHeader(file)!.components;
    expect([luma.across, luma.down, cb.across, cb.down]).toEqual([1, 1, 2, 1]);
    const wide = new Uint8Array([
      0xff,
      0xdb,
      0,
      131,
      0x10,
      ...Array.from({ length: 64 }, () => [1, 4]).flat(),
    ]);
    const both = new Uint8Array([...file.subarray(0, frame), ...wide, ...file.subarray(frame)]);
    expect(readHeader(both)!.components[0].table.every((step) => step === 260)).toBe(true);
  });

  it('tells the one table of a grey file', async () => {
    const { file } = await jpegOf({ ...picture, planes: [picture.planes[0]] }, { quality: 20 });
    expect(readHeader(file)!.components).toEqual([{ table: tableOfQuality(20), across: 1, down: 1 }]);
  });

  it('is not read where the planes are no luma and chroma, or the bytes end before', async () => {
    const { file } = await jpegOf(picture, { quality: 20 });
    const create = { width: 16, height: 16, channels: 3 as const, background: '#c63' };
    const cmyk = await sharp({ create }).toColourspace('cmyk').jpeg().toBuffer();
    expect(readHeader(new Uint8Array(cmyk))).toBeUndefined();
    expect(readHeader(new Uint8Array(await sharp({ create }).png().toBuffer()))).toBeUndefined();
    for (const length of [0, 2, 5, 25, 100, 160, 200])
      expect(readHeader(file.subarray(0, length))).toBeUndefined();
  });

  it.each([
    [3, 150, 107, false],
    [6, 150, 112, true],
    [8, 160, 107, true],
  ])(
    'tells how a picture was compressed that was turned upright: %i, %i × %i',
    async (orientation, width, height, onGrid) => {
      const { file } = await jpegOf(scene(width, height), { quality: 30 });
      const turned = await decodeImage(
        await sharp(file).withMetadata({ orientation }).jpeg({ quality: 30 }).toBuffer(),
      );
      const { findings, jpeg, task } = analyse(turned, { file: turned.file });
      expect(findings[0]).toMatch(/^JPEG compression of quality about 30, by the file's tables/);
      expect([task, jpeg!.onGrid]).toEqual(['dejpeg', onGrid]);
    },
  );
});
