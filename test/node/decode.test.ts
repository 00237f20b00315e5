import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/node/decode.ts';
import { encodeAs, encodeImage } from '../../src/node/encode.ts';
import { noisy, scene } from '../support/pictures.ts';
import { bmp, chunk, pngOf, tiff } from './files.ts';

const [width, height] = [40, 30];
const picture = scene(width, height);
const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
  Math.round(255 * picture.planes[i % 3][Math.floor(i / 3)]),
);
const grey = rgb.filter((_, i) => i % 3 === 0);
const raw = sharp(rgb, { raw: { width, height, channels: 3 } });

const bytesOf = (planes: readonly Float32Array[], from = 0, to = planes[0].length) =>
  Array.from({ length: to - from }, (_, i) =>
    planes.slice(0, 3).map((plane) => Math.round(255 * plane[from + i])),
  ).flat();

describe('TIFFs of floats and of integers other than 8 and 16 bits', () => {
  const floats = { 16: 3, 32: 3, 64: 3 } as const;
  it.each([16, 32, 64] as const)(
    '%i-bit float from 0 to 1 is black to white, whatever the channels',
    async (bits) => {
      for (const channels of [1, 2, 3, 4]) {
        const values = Float64Array.from({ length: width * height * channels }, (_, i) => {
          const [pixel, c] = [Math.floor(i / channels), i % channels];
          return channels % 2 === 0 && c === channels - 1 ? 0.5 : picture.planes[Math.min(c, 2)][pixel];
        });
        const image = await decodeImage(
          tiff(values, { width, height, channels, bits, sample: floats[bits] }),
        );
        expect(image.format).toEqual({ bits: 16, grey: channels < 3, alpha: channels % 2 === 0 });
        expect(image.notes).toEqual([]);
        const within = bits === 16 ? 5e-4 : 1e-6;
        const wrong = picture.planes[0].filter((value, i) => Math.abs(image.planes[0][i] - value) > within);
        expect(wrong.length).toBe(0);
        if (channels > 2) expect(image.planes[2][5]).toBeCloseTo(picture.planes[2][5], 3);
        if (channels % 2 === 0) expect(image.planes[3][7]).toBe(0.5);
      }
    },
  );

  it.each([
    ['float levels of 8 bits', 255, 32, 3, /255 is taken for white/],
    ['float levels of 16 bits', 65535, 32, 3, /65535 is taken for white/],
    ['unsigned 32 bits', 2 ** 32 - 1, 32, 1, undefined],
    ['levels of 8 bits in 32', 255, 32, 1, /255 is taken for white/],
    ['levels of 16 bits in 32', 65535, 32, 2, /65535 is taken for white/],
    ['signed 32 bits', 2 ** 31 - 1, 32, 2, undefined],
    ['signed 16 bits', 32767, 16, 2, undefined],
    ['signed 8 bits', 127, 8, 2, undefined],
  ] as const)('%s', async (_, white, bits, sample, note) => {
    const values = Float64Array.from(grey, (value, i) =>
      i === 0 ? white : Math.round((value / 255) * white),
    );
    const { planes, notes } = await decodeImage(tiff(values, { width, height, channels: 1, bits, sample }));
    expect(Math.max(...planes[0].map((value, i) => (i ? Math.abs(value - grey[i] / 255) : 0)))).toBeLessThan(
      0.01,
    );
    if (note) expect(notes).toEqual([expect.stringMatching(note)]);
    else expect(notes).toEqual([]);
  });

  it.each([
    ['NaN', 1, Number.NaN, 3, /no numbers/],
    ['infinity', 1, Number.POSITIVE_INFINITY, 3, /no numbers/],
    ['a high dynamic range', 1, 7.25, 3, /cannot be told what is white/],
    ['floats below black', 1, -3, 3, /below black/],
    ['integers below black', 1000, -3, 2, /below black/],
    ['12 bits in 32, more or less', 1000, 3_000_000, 1, /cannot be told what is white/],
  ] as const)('%s is refused with the reason', async (_, scale, odd, sample, message) => {
    const values = Float64Array.from(grey, (value, i) => (i === 77 ? odd : (value / 255) * scale));
    const file = tiff(values, { width, height, channels: 1, bits: 32, sample });
    await expect(decodeImage(file)).rejects.toThrow(message);
  });
});

describe('files that end too soon', () => {
  const cut = (bytes: Uint8Array, share: number) => bytes.subarray(0, Math.floor(bytes.length * share));

  it('JPEG without the mark of its end: every pixel, and a note', async () => {
    const whole = await raw.clone().jpeg({ quality: 90 }).toBuffer();
    const image = await decodeImage(whole.subarray(0, -2));
    const { planes, file } = await decodeImage(whole);
    expect(file).toBeDefined();
    expect(image.planes).toEqual(planes);
    expect(image.file).toBeDefined();
    expect(image.notes).toEqual([expect.stringMatching(/the picture is whole/)]);
  });

  it.each([
    ['JPEG', raw.clone().jpeg({ quality: 90 })],
    ['grey JPEG', raw.clone().greyscale().jpeg({ quality: 90 })],
    ['PNG', raw.clone().png()],
    ['GIF', raw.clone().gif()],
  ])('%s: what is there, the rest hidden and grey', async (_, encoder) => {
    const bytes = await encoder.toBuffer();
    const [image, whole] = [await decodeImage(cut(bytes, 0.7)), await decodeImage(bytes)];
    const [, , , present] = image.planes;
    const missing = present.filter((is) => is === 0).length / present.length;
    expect(missing).toBeGreaterThan(0.1);
    expect(missing).toBeLessThan(0.6);
    expect(image.notes.join()).toContain(`${Math.round(100 * missing)} % of the picture is missing`);
    const top = width * 10;
    expect(bytesOf(image.planes, 0, top)).toEqual(
      bytesOf(
        [0, 1, 2].map((c) => whole.planes[whole.planes.length < 3 ? 0 : c]),
        0,
        top,
      ),
    );
    expect(present.subarray(0, top).every((is) => is === 1)).toBe(true);
    expect(image.format.alpha).toBe(false);
    expect(image.file !== undefined).toBe(whole.file !== undefined);
    const written = await sharp(await encodeImage('x.png', image, image.format))
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    expect([...written.subarray(-3)].slice(-1)).toEqual([128]);
  });

  it('turned JPEG: the missing part lies where the stored one ends', async () => {
    const stored = await raw.clone().rotate(270).jpeg().toBuffer();
    const lying = Buffer.concat([stored.subarray(0, 2), EXIF_6, stored.subarray(2)]);
    const { planes } = await decodeImage(cut(lying, 0.8));
    const column = (x: number) => planes[3].filter((_, i) => i % width === x);
    expect(column(0).every((is) => is === 0)).toBe(true);
    expect(column(width - 1).every((is) => is === 1)).toBe(true);
  });

  it('progressive JPEG: all of it, coarser', async () => {
    const bytes = await raw.clone().jpeg({ progressive: true }).toBuffer();
    const image = await decodeImage(cut(bytes, 0.7));
    expect(image.planes.length).toBe(3);
    expect(image.notes).toEqual([expect.stringMatching(/coarsely/)]);
  });

  it('BMP, whose last rows come first, and PGM', async () => {
    const image = await decodeImage(cut(bmp(rgb, { width, height }), 0.8));
    expect(image.notes).toEqual([expect.stringMatching(/2\d % of the picture is missing/)]);
    expect([image.planes[3][0], image.planes[3].at(-1)]).toEqual([0, 1]);
    const pgm = Buffer.concat([
      Buffer.from(`P5 ${width} ${height} 255\n`),
      grey.subarray(0, grey.length / 2),
    ]);
    expect((await decodeImage(pgm)).notes).toEqual([expect.stringMatching(/50 % of the picture is missing/)]);
  });

  it('is refused where nothing is left', async () => {
    const bytes = await raw.clone().jpeg().toBuffer();
    await expect(decodeImage(bytes.subarray(0, 200))).rejects.toThrow();
  });
});

describe('PNGs that say how their samples are meant', () => {
  const gamma = (value: number) => {
    const data = Buffer.alloc(4);
    data.writeUInt32BE(Math.round(value * 1e5));
    return chunk('gAMA', data);
  };
  const chromaticities = (...values: number[]) => {
    const data = Buffer.alloc(32);
    values.forEach((value, i) => {
      data.writeUInt32BE(Math.round(value * 1e5), 4 * i);
    });
    return chunk('cHRM', data);
  };
  const SRGB = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06];
  const linear = rgb.map((value) => Math.round(255 * (value / 255) ** 2.2));
  const plain = bytesOf(picture.planes);

  it('linear samples become sRGB', async () => {
    const { planes } = await decodeImage(pngOf(linear, { width, height }, [gamma(1)]));
    const errors = bytesOf(planes).map((value, i) => Math.abs(value - plain[i]));
    expect(errors.reduce((sum, value) => sum + value, 0) / errors.length).toBeLessThan(0.8);
  });

  it.each([
    ['gAMA of 1/2.2', [gamma(1 / 2.2)]],
    ['the same with cHRM of sRGB', [gamma(0.45455), chromaticities(...SRGB)]],
    ['gAMA against an sRGB chunk', [gamma(1), chunk('sRGB', Buffer.of(0))]],
    ['nothing', []],
  ])('%s: bit for bit', async (_, chunks) => {
    const { planes } = await decodeImage(pngOf(rgb, { width, height }, chunks));
    expect(planes).toEqual((await decodeImage(pngOf(rgb, { width, height }, []))).planes);
  });

  it('other primaries: white stays white, a red beyond sRGB is more so', async () => {
    const wide = chromaticities(0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001); // ProPhoto's
    const colours = Uint8Array.of(
      ...Array(64).fill([255, 255, 255]).flat(),
      ...Array(64).fill([150, 100, 100]).flat(),
    );
    const { planes } = await decodeImage(pngOf(colours, { width: 16, height: 8 }, [gamma(1 / 2.2), wide]));
    expect(planes.map((plane) => plane[0].toFixed(2))).toEqual(['1.00', '1.00', '1.00']);
    expect(planes[0][127]).toBeGreaterThan(150 / 255 + 0.02);
    expect(planes[1][127]).toBeLessThan(100 / 255);
  });
});

describe('formats', () => {
  it.each([
    ['24 bits', {}],
    ['24 bits, top-down', { topDown: true }],
    ['32 bits', { bits: 32 }],
    ['16 bits', { bits: 16 }],
    ['grey by palette', { bits: 8 }],
    ['grey by palette, in runs', { bits: 8, runs: true }],
  ] as const)('BMP of %s', async (_, layout) => {
    const image = await decodeImage(bmp(rgb, { width, height, ...layout }));
    const isGrey = 'bits' in layout && layout.bits === 8;
    expect(image.format).toEqual({ bits: 8, grey: isGrey, alpha: false });
    const expected = isGrey ? [...grey] : bytesOf(picture.planes);
    const found = isGrey
      ? [...image.planes[0]].map((value) => Math.round(255 * value))
      : bytesOf(image.planes);
    const off = 'bits' in layout && layout.bits === 16 ? 4.2 : 0;
    expect(Math.max(...found.map((value, i) => Math.abs(value - expected[i])))).toBeLessThanOrEqual(off);
  });

  it('white of a 16-bit BMP is white', async () => {
    const white = await decodeImage(bmp(new Uint8Array(64 * 3).fill(255), { width: 8, height: 8, bits: 16 }));
    expect(white.planes[0][0]).toBe(1);
  });

  it('PBM, PGM and PPM, as text and as bytes', async () => {
    const file = (head: string, body: Uint8Array | string) =>
      Buffer.concat([Buffer.from(head), Buffer.from(body)]);
    const size = `# made by hand\n${width} ${height}\n`;
    const ppm = await decodeImage(file(`P6\n${size}255\n`, rgb));
    expect(bytesOf(ppm.planes)).toEqual([...rgb]);
    const text = await decodeImage(file(`P3\n${size}255\n`, [...rgb].join(' ')));
    expect(text.planes).toEqual(ppm.planes);
    const deep = Buffer.alloc(2 * grey.length);
    grey.forEach((value, i) => {
      deep.writeUInt16BE(value * 257, 2 * i);
    });
    const pgm = await decodeImage(file(`P5 ${width} ${height} 65535\n`, deep));
    expect(pgm.format).toEqual({ bits: 16, grey: true, alpha: false });
    expect(pgm.planes[0][9]).toBeCloseTo(grey[9] / 255, 6);
    const bits = await decodeImage(
      file(
        'P4\n10 8\n',
        Uint8Array.from({ length: 16 }, (_, i) => (i % 2 ? 0x40 : 0x80)),
      ),
    );
    expect([...bits.planes[0].subarray(0, 10)]).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
  });

  it('an interlaced GIF that is cut: the lines that are missing are counted', async () => {
    const gif = await raw.clone().gif({ progressive: true }).toBuffer();
    const { notes } = await decodeImage(gif.subarray(0, Math.round(0.7 * gif.length)));
    const missing = Number(/(\d+) % of the picture is missing/.exec(notes.join())?.[1]);
    expect(missing).toBeGreaterThan(20);
  });

  const LOSSY = expect.stringMatching(/lossy WebP: .* stays, only that of JPEG is undone/);
  it('a WebP says what its compression took, and so does a frame of an animation; one without loss nothing', async () => {
    const alpha = raw.clone().ensureAlpha(0.5);
    for (const image of [raw, alpha])
      expect((await decodeImage(await image.clone().webp({ quality: 30 }).toBuffer())).notes).toEqual([
        LOSSY,
      ]);
    expect((await decodeImage(await raw.clone().webp({ lossless: true }).toBuffer())).notes).toEqual([]);
    const frames = [raw, raw.clone().negate()].map((frame) => frame.clone().png().toBuffer());
    const animated = await sharp(await Promise.all(frames), { join: { animated: true } })
      .webp()
      .toBuffer();
    expect((await decodeImage(animated)).notes).toEqual([expect.stringMatching(/2 frames/), LOSSY]);
  });

  it('a JPEG that is damaged within says so', async () => {
    const planes = noisy(scene(96, 72), 20).planes;
    const rgb = Uint8Array.from({ length: 3 * 96 * 72 }, (_, i) => 255 * planes[i % 3][Math.floor(i / 3)]);
    const raw = { width: 96, height: 72, channels: 3 } as const;
    const jpeg = await sharp(rgb, { raw }).jpeg({ quality: 85 }).toBuffer();
    expect((await decodeImage(jpeg)).notes).toEqual([]);
    for (let i = jpeg.length >> 1; i < (jpeg.length >> 1) + 400; i++) jpeg[i] = (i * 97) % 255;
    expect((await decodeImage(jpeg)).notes).toEqual([expect.stringMatching(/damaged.*may be wrong/)]);
  });

  it('a JPEG that is closed before its picture is whole gives what is there', async () => {
    const jpeg = await raw.clone().resize(64, 64).jpeg().toBuffer();
    const size = jpeg.indexOf(Buffer.of(0xff, 0xc0)) + 5;
    expect((await decodeImage(jpeg)).notes).toEqual([]);
    jpeg.writeUInt16BE(128, size);
    const { notes, planes, rescued } = await decodeImage(jpeg);
    expect([notes, rescued]).toEqual([
      [expect.stringMatching(/cut short: (4\d|50) % of the picture is missing/)],
      true,
    ]);
    expect(planes[3].filter((a) => a === 0).length).toBeGreaterThan(0.45 * 64 * 128);
  });

  it.each([true, false])('a WebP that is cut gives what is there, lossless: %s', async (lossless) => {
    const webp = await raw.clone().resize(160, 128).webp({ lossless, quality: 90 }).toBuffer();
    const whole = await decodeImage(webp);
    const { notes, planes } = await decodeImage(webp.subarray(0, Math.round(0.7 * webp.length)));
    const cut = expect.stringMatching(/cut short: \d+ % of the picture is missing/);
    expect(notes).toEqual([...(lossless ? [] : [LOSSY]), cut]);
    const present = planes[3].filter((a) => a === 1).length;
    expect(present).toBeGreaterThan(0.3 * planes[3].length);
    for (const c of [0, 1, 2])
      expect(planes[c].subarray(0, present)).toEqual(whole.planes[c].subarray(0, present));
    await expect(decodeImage(webp.subarray(0, 60))).rejects.toThrow(
      'it is WebP, but cut short: nothing of it can be read',
    );
  });

  it('a TIFF of CIE L*a*b*, and one without its directory, are refused in a sentence', async () => {
    const lab = tiff(Float64Array.from(grey), { width, height, channels: 1, bits: 32, sample: 1 });
    const photometric = Buffer.from(lab).indexOf(Buffer.of(6, 1, 3, 0));
    lab[photometric + 8] = 8;
    await expect(decodeImage(lab)).rejects.toThrow('its colours are CIE L*a*b*');
    const cut = await raw.clone().tiff({ compression: 'lzw' }).toBuffer();
    await expect(decodeImage(cut.subarray(0, cut.length >> 1))).rejects.toThrow(
      /^it is TIFF, but damaged, cut short/,
    );
  });

  it('a JPEG with another picture behind the first, as cameras write', async () => {
    const jpeg = await raw.clone().jpeg().toBuffer();
    const entry = Buffer.of(0xb0, 0x01, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2);
    const index = Buffer.concat([
      Buffer.from('MPF\0MM\0*\0\0\0\x08\0\x01', 'latin1'),
      entry,
      Buffer.alloc(4),
    ]);
    const segment = Buffer.concat([Buffer.of(0xff, 0xe2, 0, index.length + 2), index]);
    const pair = Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2), jpeg]);
    expect((await decodeImage(pair)).notes).toEqual([expect.stringMatching(/2 pictures: the first/)]);
    expect((await decodeImage(jpeg)).notes).toEqual([]);
  });

  it('frames: the first, with how many there are; what a smaller one leaves free is transparent', async () => {
    const frames = Array.from({ length: 3 }, (_, i) =>
      sharp({ create: { width, height, channels: 3, background: { r: 80 * i, g: 90, b: 60 } } })
        .png()
        .toBuffer(),
    );
    const gif = await sharp(await Promise.all(frames), { join: { animated: true } })
      .gif()
      .toBuffer();
    const { notes, planes } = await decodeImage(gif);
    expect(notes).toEqual([expect.stringMatching(/3 frames: the first/)]);
    const control = Buffer.of(0, 0, 0, 3, 0, 0, 0, 0);
    const animated = await decodeImage(pngOf(rgb, { width, height }, [chunk('acTL', control)]));
    expect(animated.notes).toEqual(notes);
    expect(planes[0][0]).toBeLessThan(0.05);
    const small = await decodeImage(
      onLargerCanvas(await raw.clone().gif().toBuffer(), 2 * width, 2 * height),
    );
    expect([small.width, small.height, small.format.alpha]).toEqual([2 * width, 2 * height, true]);
    expect([small.planes[3][0], small.planes[3].at(-1)]).toEqual([1, 0]);
  });

  it.each([
    [
      'SVG',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      /it is SVG, .* JPEG, PNG/,
    ],
    ['TGA', Buffer.from([0, 0, 2, ...Array(9).fill(0), 9, 0, 9, 0, 24, 0]), /it is TGA, .* JPEG, PNG/],
    ['PFM', Buffer.from('PF\n9 9\n-1\n'), /it is PFM, /],
    ['TIFF by Zstandard', tiffThatSays(259, 50000), /compressed with Zstandard, .* Deflate/],
    ['TIFF of 12 bits', tiffThatSays(258, 12), /integer samples of 12 bits, .* 8 or 16/],
    ['text', Buffer.from('no picture at all, but long enough to be one'), /its format is unknown; JPEG, PNG/],
  ])('%s is refused by name', async (_, bytes, message) => {
    await expect(decodeImage(bytes)).rejects.toThrow(message);
  });
});

/** A grey TIFF that says something else of one of its tags. */
function tiffThatSays(tag: number, value: number): Buffer {
  const out = tiff(new Float64Array(64), { width: 8, height: 8, channels: 1, bits: 32, sample: 1 });
  const start = out.readUInt32LE(4);
  for (let at = start + 2; at < start + 2 + 12 * out.readUInt16LE(start); at += 12)
    if (out.readUInt16LE(at) === tag) out.writeUInt16LE(value, at + 8);
  return out;
}

/** A JPEG's EXIF segment that says no more than orientation 6. */
const EXIF_6 = Buffer.from(
  '\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0',
  'latin1',
);

/** A GIF's logical screen, larger than its frame. */
function onLargerCanvas(gif: Buffer, wide: number, high: number): Buffer {
  const out = Buffer.from(gif);
  out.writeUInt16LE(wide, 6);
  out.writeUInt16LE(high, 8);
  return out;
}

it.each(['png', 'jpeg', 'tiff', 'webp', 'avif'] as const)(
  'a wide gamut stays wide in %s where its profile is kept',
  async (format) => {
    const red = { r: 255, g: 0, b: 0 };
    const wide = await sharp({ create: { width: 16, height: 16, channels: 3, background: red } })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const { icc } = await sharp(wide).metadata();
    const stored = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
    const image = await decodeImage(wide, { keepProfile: true });
    const bytes = await encodeAs(format, image, image.format, image.metadata);
    expect((await sharp(bytes).metadata()).icc).toEqual(icc);
    const kept = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    for (let c = 0; c < 3; c++) expect(Math.abs(kept[c] - stored[c])).toBeLessThanOrEqual(2);
  },
);
