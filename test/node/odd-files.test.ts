import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/node/decode.ts';
import { withMetadata } from '../../src/node/jpeg-metadata.ts';
import { scene } from '../support/pictures.ts';
import { bmp, chunk, pagesOf, pngOf, tiff } from './files.ts';

const [width, height] = [40, 30];
const { planes: truth } = scene(width, height);
const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
  Math.round(255 * truth[i % 3][Math.floor(i / 3)]),
);
const raw = sharp(rgb, { raw: { width, height, channels: 3 } });
const samples = (channels: number, of: (pixel: number, c: number) => number) =>
  Float64Array.from({ length: width * height * channels }, (_, i) =>
    of(Math.floor(i / channels), i % channels),
  );
/** The largest difference to the true picture among the pixels of those rows. */
const furthest = (planes: readonly Float32Array[], from = 0, to = height) =>
  Math.max(
    ...truth.map((plane, c) =>
      Math.max(
        ...plane
          .subarray(from * width, to * width)
          .map((value, i) => Math.abs(value - planes[c][from * width + i])),
      ),
    ),
  );
const LEVEL = 1.01 / 255;

describe('TIFFs of rare layouts', () => {
  it('floats in tiles: every channel of every tile', async () => {
    const layout = { width, height, channels: 3, bits: 32, sample: 3, tile: 16 } as const;
    const { planes } = await decodeImage(
      tiff(
        samples(3, (pixel, c) => truth[c][pixel]),
        layout,
      ),
    );
    expect(furthest(planes)).toBeLessThan(1e-6);
  });

  it('floats multiplied by their alpha', async () => {
    const layout = { width, height, channels: 4, bits: 32, sample: 3, premultiplied: true } as const;
    const { planes } = await decodeImage(
      tiff(
        samples(4, (pixel, c) => (c === 3 ? 0.5 : truth[c][pixel] / 2)),
        layout,
      ),
    );
    expect(furthest(planes)).toBeLessThan(1e-6);
    expect(planes[3][7]).toBe(0.5);
  });

  it('behind a thumbnail', async () => {
    const layout = { channels: 3, bits: 8, sample: 1 } as const;
    const small = tiff(new Float64Array(192), { ...layout, width: 8, height: 8, reduced: true });
    const values = samples(3, (pixel, c) => 255 * truth[c][pixel]);
    const picture = tiff(values, { ...layout, width, height, at: small.length });
    const image = await decodeImage(pagesOf(small, picture));
    expect(image).toMatchObject({ width, height, notes: [] });
    expect(furthest(image.planes)).toBeLessThan(LEVEL);
  });

  it('whose last page leads back to its first', async () => {
    const values = samples(3, (pixel, c) => 255 * truth[c][pixel]);
    const picture = tiff(values, { width, height, channels: 3, bits: 8, sample: 1 });
    const directory = picture.readUInt32LE(4);
    picture.writeUInt32LE(directory, directory + 2 + 12 * picture.readUInt16LE(directory));
    expect(furthest((await decodeImage(picture)).planes)).toBeLessThan(LEVEL);
  });

  it('with selections that were saved: alpha is what says so, and they are left out', async () => {
    const of = (extra: readonly number[]) =>
      decodeImage(
        tiff(
          samples(5, (pixel, c) => (c < 3 ? 255 * truth[c][pixel] : c === 3 ? 7 : 200)),
          { width, height, channels: 5, bits: 8, sample: 1, extra },
        ),
      );
    const [none, second] = [await of([0, 0]), await of([0, 2])];
    expect(none.planes.length).toBe(3);
    expect(none.notes).toEqual([expect.stringMatching(/2 more channels.*left out/)]);
    expect(second.planes[3][5]).toBeCloseTo(200 / 255, 5);
    expect(Math.max(furthest(none.planes), furthest(second.planes))).toBeLessThan(LEVEL);
  });

  it('numbers that use next to nothing of their range, as labels do, are refused', async () => {
    const labels = samples(1, (pixel) => pixel % 9);
    const file = tiff(labels, { width, height, channels: 1, bits: 32, sample: 2 });
    await expect(decodeImage(file)).rejects.toThrow(/from 0 to 8, and it cannot be told what is white/);
  });

  it('YCbCr that is not compressed as JPEG is becomes RGB', async () => {
    const ycbcr = samples(3, (pixel, c) => {
      const [r, g, b] = truth.map((plane) => 255 * plane[pixel]);
      const y = 0.299 * r + 0.587 * g + 0.114 * b;
      return c === 0 ? y : 128 + (c === 1 ? (b - y) / 1.772 : (r - y) / 1.402);
    });
    const layout = { width, height, channels: 3, bits: 8, sample: 1, ycbcr: true } as const;
    expect(furthest((await decodeImage(tiff(ycbcr, layout))).planes)).toBeLessThan(3 * LEVEL);
  });
});

it.each([
  ['a resolution beyond what EXIF holds', 2 ** 31, 'A. Nother'],
  ['text beyond a segment', 300, 'A'.repeat(70_000)],
])('%s does not keep a JPEG from being copied', async (_, density, Artist) => {
  const jpeg = await raw.clone().jpeg().toBuffer();
  const copy = withMetadata(jpeg, { density, exif: { IFD0: { Artist }, IFD2: {} } });
  expect(copy && (await decodeImage(copy)).planes).toEqual((await decodeImage(jpeg)).planes);
});

describe('PNGs', () => {
  it.each([
    ['gAMA of two bytes', chunk('gAMA', Buffer.from([0, 1]))],
    ['gAMA of 20000', chunk('gAMA', Buffer.from([0x77, 0x35, 0x94, 0]))],
    ['cHRM of zeros', chunk('cHRM', Buffer.alloc(32))],
    ['cHRM of nine bytes', chunk('cHRM', Buffer.alloc(9))],
  ])('%s says nothing', async (_, odd) => {
    const gamma = chunk('gAMA', Buffer.from([0, 0, 0xb1, 0x8f]));
    const chunks = odd.includes('cHRM') ? [gamma, odd] : [odd];
    expect(furthest((await decodeImage(pngOf(rgb, { width, height }, chunks))).planes)).toBeLessThan(LEVEL);
  });

  it('without its end: whole, and said', async () => {
    const { notes, rescued } = await decodeImage(pngOf(rgb, { width, height }, []).subarray(0, -12));
    expect({ notes, rescued }).toEqual({ notes: [expect.stringMatching(/whole/)], rescued: true });
  });

  it('colours by their code: Display P3 becomes sRGB, what is for HDR screens is said', async () => {
    const rose = Uint8Array.from(rgb, (_, i) => [200, 80, 60][i % 3]);
    const of = (primaries: number, transfer: number) =>
      decodeImage(pngOf(rose, { width, height }, [chunk('cICP', Buffer.of(primaries, transfer, 0, 1))]));
    const [srgb, p3, pq] = [await of(1, 13), await of(12, 13), await of(9, 16)];
    const levels = ({ planes }: { planes: readonly Float32Array[] }) =>
      planes.map(([x]) => Math.round(255 * x));
    expect(levels(srgb)).toEqual([200, 80, 60]);
    expect(levels(p3)).toEqual([217, 69, 50]);
    expect(pq.notes).toEqual([expect.stringMatching(/HDR screens \(PQ\)/)]);
  });

  it('interlaced and cut short: what came is exact, the rest as its coarser neighbour', async () => {
    const file = await raw.clone().png({ progressive: true }).toBuffer();
    const { planes, notes } = await decodeImage(file.subarray(0, Math.round(0.6 * file.length)));
    expect(notes).toEqual([expect.stringMatching(/perhaps only coarsely/)]);
    for (const [x, y] of [
      [0, 0],
      [8, 8],
      [32, 24],
    ])
      expect(planes[1][y * width + x]).toBeCloseTo(truth[1][y * width + x], 2);
    expect(planes).toHaveLength(3);
    expect(furthest(planes)).toBeLessThan(1);
  });

  it('damaged within: what comes before is kept, and the rest not called cut', async () => {
    const file = pngOf(rgb, { width, height }, []);
    const at = file.indexOf('IDAT') + 4 + Math.round((file.length - 90) / 2);
    file.fill(0xff, at, at + 40);
    const { planes, notes } = await decodeImage(file);
    expect(notes[0]).toMatch(/damaged/);
    expect(notes.join()).not.toMatch(/cut short/);
    expect(furthest(planes, 0, 8)).toBeLessThan(LEVEL);
  });
});

describe('files whose end is lost', () => {
  it('a JPEG filled up with zeros', async () => {
    const file = await raw.clone().jpeg({ quality: 90 }).toBuffer();
    const whole = await decodeImage(file);
    const { planes, notes } = await decodeImage(file.map((byte, i) => (i < 0.7 * file.length ? byte : 0)));
    expect(notes).toEqual([expect.stringMatching(/cut short: \d+ % .* is missing/)]);
    const wrong = planes[1].filter(
      (value, i) => planes[3][i] > 0 && Math.abs(value - whole.planes[1][i]) > 0.2,
    );
    expect(wrong.length).toBeLessThan(0.06 * width * height); // the last block that came
  });

  it('a lossy WebP of which a few bytes are missing', async () => {
    const file = await raw.clone().webp({ quality: 80 }).toBuffer();
    const whole = await decodeImage(file);
    const { planes, notes } = await decodeImage(file.subarray(0, file.length - 12));
    expect(notes.at(-1)).toMatch(/cut short/);
    const present = planes[3].filter((a) => a > 0).length;
    expect(present).toBeGreaterThanOrEqual(width * 8);
    expect(planes[1].subarray(0, present)).toEqual(whole.planes[1].subarray(0, present));
  });

  it('an animated WebP whose first picture is whole', async () => {
    const frames = Buffer.concat([rgb, rgb.map((value) => 255 - value)]);
    const file = await sharp(frames, { raw: { width, height: 2 * height, channels: 3, pageHeight: height } })
      .webp({ lossless: true, loop: 0 })
      .toBuffer();
    const { planes, notes } = await decodeImage(file.subarray(0, file.length - 60));
    expect(notes).toContain('The end of the file is missing; the picture is whole.');
    expect(furthest(planes)).toBeLessThan(LEVEL);
  });

  it('an interlaced GIF that ends on a line that came: all that did not is missing', async () => {
    const file = await raw.clone().gif({ progressive: true }).toBuffer();
    for (const share of [0.6, 0.8, 0.95]) {
      const { format, notes } = await decodeImage(file.subarray(0, Math.round(share * file.length)));
      expect(notes).toEqual([expect.stringMatching(/cut short: \d+ % .* is missing/)]);
      expect(format.alpha).toBe(false);
    }
  });

  it('a BMP in runs, whose rows end before it does, or which ends within one', async () => {
    const file = bmp(rgb, { width, height, bits: 8, runs: true });
    for (const bytes of [file, Buffer.concat([file.subarray(0, -4), Buffer.of(0, 0, 0, 1)])])
      expect((await decodeImage(bytes)).planes[0].map((value, i) => value - truth[0][i])).toSatisfy(
        (errors: Float32Array) => errors.every((error) => Math.abs(error) < LEVEL),
      );
    const { planes, notes } = await decodeImage(file.subarray(0, Math.round(0.6 * file.length)));
    expect(notes).toEqual([expect.stringMatching(/cut short: \d+ % .* is missing/)]);
    expect([planes[3][0], planes[3].at(-1)]).toEqual([0, 1]);
  });
});
