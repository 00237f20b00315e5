import fc from 'fast-check';
import sharp from 'sharp';
import UPNG from 'upng-js';
import { describe, expect, it } from 'vitest';
import { jpegFacts } from '../../src/ui/pixels/jpeg-file.ts';
import { pngFacts, writeChunks } from '../../src/ui/pixels/png-file.ts';
import { readPng } from '../../src/ui/pixels/png-pixels.ts';
import { webpSize } from '../../src/ui/pixels/webp-file.ts';
import { holds, LIMIT, spoils, spoilt, stopwatch } from './fuzz.ts';

const [width, height] = [23, 17];
const samples = (channels: number) =>
  Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 2654435761) >>> 24);
const rgba = sharp(samples(4), { raw: { width, height, channels: 4 } });

/** PNGs that the panel decodes itself: of alpha, or of 16 bits. */
const PNGS = await Promise.all(
  [
    rgba.clone().png(),
    rgba.clone().png({ progressive: true }),
    rgba.clone().toColourspace('rgb16').png(),
    rgba.clone().toColourspace('b-w').png(),
    rgba.clone().png({ palette: true, colours: 12 }),
    rgba.clone().removeAlpha().toColourspace('grey16').png(),
  ].map(async (image) => new Uint8Array(await image.toBuffer())),
);

/** What becomes of a file: its pixels, or the name of the error. */
async function outcome(bytes: Uint8Array) {
  const facts = pngFacts(bytes);
  if (!facts || facts.width * facts.height > 8192 ** 2) return 'refused';
  return readPng(bytes, facts).catch(({ name }: Error) => name);
}

describe('PNGs of the panel', () => {
  it('are read as another decoder reads them', async () => {
    for (const bytes of PNGS) {
      const facts = pngFacts(bytes)!;
      const raster = await readPng(bytes, facts);
      const png = UPNG.decode(bytes.slice().buffer);
      const theirs = new Uint8Array(UPNG.toRGBA8(png)[0]!);
      // upng-js takes the upper byte of 16, where we round
      const farthest = Math.max(...raster.data.map((value, i) => Math.abs(value - theirs[i]!)));
      expect(farthest).toBeLessThanOrEqual(facts.depth === 16 ? 1 : 0);
    }
  });

  it('spoilt anyhow, are read or refused at once', async () => {
    await holds(fc.tuple(fc.constantFrom(...PNGS), spoils), async ([file, how]) => {
      const elapsed = stopwatch();
      const result = await outcome(spoilt(file, how));
      expect(elapsed()).toBeLessThan(LIMIT);
      if (typeof result === 'string') expect(result).toMatch(/^(refused|ReadError)$/);
      else expect(result.data.length).toBe(4 * result.width * result.height);
    });
  });

  const header = (w: number, h: number, depth: number, type: number) => {
    const data = new Uint8Array(13);
    new DataView(data.buffer).setUint32(0, w);
    new DataView(data.buffer).setUint32(4, h);
    data.set([depth, type], 8);
    return { type: 'IHDR', data };
  };
  const packed = async (bytes: number) => {
    const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('deflate'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
  const end = { type: 'IEND', data: new Uint8Array(0) };

  it.each<[string, () => Promise<Uint8Array>]>([
    [
      'says 8192² and holds nothing',
      async () => writeChunks([header(8192, 8192, 8, 6), { type: 'IDAT', data: await packed(0) }, end]),
    ],
    [
      'holds 30 MB for one pixel',
      async () => writeChunks([header(1, 1, 8, 6), { type: 'IDAT', data: await packed(3e7) }, end]),
    ],
    [
      'has a chunk of 2³¹ bytes',
      async () => spoilt(PNGS[0]!, [{ kind: 'field', at: -33, value: 0x80000000 }]),
    ],
    [
      'is interlaced with samples of less than a byte',
      async () =>
        spoilt(
          writeChunks([
            header(8, 8, 1, 0),
            { type: 'tRNS', data: new Uint8Array(2) },
            { type: 'IDAT', data: await packed(30) },
            end,
          ]),
          [{ kind: 'set', at: -28, value: 1 }],
        ),
    ],
  ])('one that %s is refused, in little memory', async (_, make) => {
    const bytes = await make();
    const before = process.memoryUsage().arrayBuffers;
    const elapsed = stopwatch();
    expect(await outcome(bytes)).toMatch(/^(refused|ReadError)$/);
    expect(elapsed()).toBeLessThan(LIMIT);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2e7);
  });
});

describe('headers of other files', () => {
  it('are read or not, whatever they say', async () => {
    const jpeg = new Uint8Array(await rgba.clone().jpeg().toBuffer());
    const webp = new Uint8Array(await rgba.clone().webp({ lossless: true }).toBuffer());
    expect(webpSize(webp)).toEqual({ width, height });
    expect(webpSize(new Uint8Array(await rgba.clone().removeAlpha().webp().toBuffer()))).toEqual({
      width,
      height,
    });
    expect(jpegFacts(jpeg)).toMatchObject({ width, height });
    await holds(fc.tuple(fc.constantFrom(jpeg, webp), spoils), ([file, how]) => {
      const bytes = spoilt(file, how);
      jpegFacts(bytes);
      webpSize(bytes);
    });
  });
});
