import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ImageSizeError } from '../../src/engine/errors.ts';
import { decodeImage } from '../../src/node/decode.ts';
import { readImage } from '../../src/node/image-file.ts';

/** The bytes of a small file with other numbers where its size stands. */
async function swollen(
  format: 'png' | 'gif' | 'tiff',
  fields: (view: DataView) => void,
): Promise<Uint8Array> {
  const small = sharp({ create: { width: 9, height: 9, channels: 3, background: '#888' } });
  const bytes = new Uint8Array(await small.toFormat(format).toBuffer());
  fields(new DataView(bytes.buffer));
  return bytes;
}

const ascii = (text: string) => new TextEncoder().encode(text);

/** Lossless WebP: 14 bits each for width − 1 and height − 1. */
function webp(): Uint8Array {
  const bytes = new Uint8Array(38);
  bytes.set(ascii('RIFF'));
  bytes[4] = 30;
  bytes.set(ascii('WEBPVP8L'), 8);
  bytes.set([17, 0, 0, 0, 0x2f, 0xfe, 0xbf, 0xff, 0x0f], 16);
  return bytes;
}

function bmp(): Uint8Array {
  const bytes = new Uint8Array(70);
  bytes.set(ascii('BM'));
  const view = new DataView(bytes.buffer);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, 30000, true);
  view.setInt32(22, -30000, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  return bytes;
}

/** A TIFF's width and height are values of its directory's first entries: those of 9 become 30,000. */
function tiffSides(view: DataView): void {
  for (let at = view.getUint32(4, true) + 2; at + 12 <= view.byteLength; at += 12)
    if ([256, 257].includes(view.getUint16(at, true))) view.setUint32(at + 8, 30000, true);
}

/** A GIF's canvas, and its first picture, which comes after the table of colours and the extensions. */
function gifSides(view: DataView): void {
  let at = 13 + 3 * 2 ** ((view.getUint8(10) & 7) + 1);
  while (view.getUint8(at) === 0x21)
    for (at += 2; ; at++) {
      const length = view.getUint8(at);
      at += length;
      if (length === 0) {
        at++;
        break;
      }
    }
  for (const side of [6, 8, at + 5, at + 7]) view.setUint16(side, 30000, true);
}

describe('a file that says it has too many pixels', () => {
  it.each<[string, () => Promise<Uint8Array> | Uint8Array]>([
    ['WebP of 38 bytes', webp],
    ['BMP of 70 bytes', bmp],
    ['PNM of 20 bytes', () => ascii('P6 30000 30000 255\n.')],
    ['text PNM', () => ascii('P1 30000 30000\n0 1 0 1')],
    ['PNG', () => swollen('png', (view) => view.setBigUint64(16, 30000n * (2n ** 32n + 1n)))],
    ['GIF', () => swollen('gif', gifSides)],
    ['TIFF', () => swollen('tiff', tiffSides)],
  ])('is refused before it is decoded: %s', async (_, make) => {
    const bytes = await make();
    const { rss } = process.memoryUsage();
    await expect(decodeImage(bytes)).rejects.toBeInstanceOf(ImageSizeError);
    expect(process.memoryUsage().rss - rss).toBeLessThan(1e8);
  });

  it('is read where the limit is raised, and refused by name where it is lowered', async () => {
    const png = await swollen('png', () => {});
    expect(await readImage(png, { maxPixels: 81 })).toMatchObject({ width: 9, height: 9 });
    await expect(readImage(png, { maxPixels: 80 })).rejects.toThrow(
      /the bytes given: The image has 9 × 9 pixels, more than the 80 .*--max-pixels/,
    );
  });
});
