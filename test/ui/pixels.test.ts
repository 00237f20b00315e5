import type { Browser, Page } from 'playwright-core';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSoft } from '../../src/ui/pixels/mask.ts';
import { foundWords } from '../../src/ui/words.ts';
import type { MaskShape } from '../../src/wire/pictures.ts';
import { openModule } from './support/browser-page.ts';
import { scene } from './support/pictures.ts';

let page: Page;
let browser: Browser;
beforeAll(async () => {
  ({ page, browser } = await openModule('test/ui/support/pixels-page.ts'));
});
afterAll(() => browser?.close());

const decode = (bytes: Uint8Array, expected?: { width: number; height: number }) =>
  page.evaluate(
    async ([file, size]) => {
      const { data, colour, stencil: _, ...rest } = await pixels.decodeImage(file, size);
      return { ...rest, colour: colour.map(({ type }) => type), data: new Uint8Array(data) };
    },
    [bytes, expected] as const,
  );
const refusal = (bytes: Uint8Array) =>
  page.evaluate((file) => pixels.decodeImage(file).then(() => 'decoded', String), bytes);

function randomBytes(count: number, seed: number): Uint8ClampedArray {
  let state = seed;
  return Uint8ClampedArray.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 16;
  });
}
const raw = (width: number, height: number, channels: 3 | 4 = 4) => ({ raw: { width, height, channels } });
const sharpBytes = async (image: Sharp) => new Uint8Array(await image.toBuffer());

describe('decoding', () => {
  it('keeps every RGBA sample of a PNG, colours under zero alpha too', async () => {
    const samples = randomBytes(37 * 23 * 4, 7);
    for (let i = 3; i < samples.length; i += 16) samples[i] = 0;
    const png = await sharpBytes(sharp(samples, raw(37, 23)).png());
    const image = await decode(png);
    expect(image).toMatchObject({ width: 37, height: 23, format: 'PNG', notes: [] });
    expect(Buffer.compare(Buffer.from(image.data), Buffer.from(samples))).toBe(0);
  });

  it('rounds 16 bits to 8 and says so', async () => {
    const wide = Uint16Array.from({ length: 33 * 9 * 3 }, (_, i) => (i * 7919) % 65536);
    const png = await sharpBytes(
      sharp(wide, raw(33, 9, 3))
        .toColourspace('rgb16')
        .png({ palette: false }),
    );
    const image = await decode(png);
    const expected = Uint8Array.from({ length: 33 * 9 * 4 }, (_, i) =>
      i % 4 === 3 ? 255 : Math.round(wide[Math.floor(i / 4) * 3 + (i % 4)]! / 257),
    );
    expect(image.notes).toEqual(['16 bits a channel become 8, as they are shown.']);
    expect([...image.data]).toEqual([...expected]);
  });

  it('works on alpha where a picture is nothing else, and gives its colours back', async () => {
    const samples = randomBytes(31 * 17 * 4, 5);
    for (let i = 0; i < samples.length; i += 4) {
      if (i % 12 === 0)
        samples[i + 3] = 0; // with whatever colour
      else samples.set([200, 30, 90, Math.max(1, samples[i + 3]!)], i);
    }
    const png = await sharpBytes(sharp(samples, raw(31, 17)).png());
    const image = await decode(png);
    expect(image.notes).toEqual(['Only its transparency holds a picture: that is what is worked on.']);
    const alpha = samples.filter((_, i) => i % 4 === 3);
    expect([...image.data]).toEqual([...alpha].flatMap((value) => [value, value, value, 255]));
    const [same, twice] = await page.evaluate(async (bytes) => {
      const { stencil, ...grey } = await pixels.decodeImage(bytes);
      const large = { data: new Uint8ClampedArray(62 * 34 * 4).fill(128), width: 62, height: 34 };
      return [grey, large].map((picture) => [...pixels.fromStencil(picture, stencil!).data]);
    }, png);
    expect(same).toEqual([...samples]);
    expect(new Set(twice!.map((value, i) => `${i % 4} ${value}`))).toEqual(
      new Set(['0 200', '1 30', '2 90', '3 128']),
    );
  });

  it.each<[string, (image: Sharp) => Sharp, string[]]>([
    ['a palette with transparent entries', (s) => s.png({ palette: true, colours: 12 }), []],
    ['interlaced', (s) => s.png({ progressive: true }), []],
    [
      '16 bits, interlaced, with alpha',
      (s) => s.toColourspace('rgb16').png({ progressive: true }),
      ['16 bits'],
    ],
    [
      'few colours, interlaced, transparent',
      (s) => s.png({ palette: true, colours: 7, progressive: true }),
      [],
    ],
    ['grey with alpha', (s) => s.toColourspace('b-w').png(), []],
    ['grey of 16 bits', (s) => s.removeAlpha().toColourspace('grey16').png(), ['16 bits']],
    ['two colours, one bit', (s) => s.removeAlpha().threshold(128).png({ palette: true, colours: 2 }), []],
  ])('reads an odd PNG as others do: %s', async (_, make, words) => {
    const samples = scene(53, 31, 12);
    for (let i = 3; i < samples.length; i += 4) samples[i] = i % 5 === 0 ? 0 : 255 - (i % 90);
    const png = await sharpBytes(make(sharp(samples, raw(53, 31))));
    const image = await decode(png);
    const theirs = await sharp(png).toColourspace('srgb').ensureAlpha().raw().toBuffer();
    expect([image.width, image.height]).toEqual([53, 31]);
    const worst = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - image.data[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(1);
    expect(image.notes.map((note) => words.find((word) => note.startsWith(word)))).toEqual(words);
  });

  it('reads the quality of a JPEG from its tables', async () => {
    for (const quality of [20, 62, 90]) {
      const jpeg = await sharpBytes(
        sharp(scene(64, 48, 0), raw(64, 48))
          .removeAlpha()
          .jpeg({ quality }),
      );
      expect((await decode(jpeg)).jpegQuality).toBeCloseTo(quality, -0.5);
    }
  });

  it('turns a JPEG upright, unless Figma shows it as stored', async () => {
    const stored = sharp(scene(64, 32, 0), raw(64, 32)).removeAlpha();
    const jpeg = await sharpBytes(stored.jpeg({ quality: 95 }).withMetadata({ orientation: 6 }));
    const upright = await decode(jpeg, { width: 32, height: 64 });
    expect([upright.width, upright.height, upright.notes.length]).toEqual([32, 64, 1]);
    const asStored = await decode(jpeg, { width: 64, height: 32 });
    expect([asStored.width, asStored.height, asStored.notes.length]).toEqual([64, 32, 0]);
    // Orientation 6: the stored top left corner is shown at the top right.
    const at = (image: typeof upright, x: number, y: number) => [
      ...image.data.slice(4 * (y * image.width + x), 4 * (y * image.width + x) + 3),
    ];
    expect(at(upright, 31, 0)).toEqual(at(asStored, 0, 0));
    expect(at(upright, 0, 0)).toEqual(at(asStored, 0, 31));
  });

  it('refuses what it cannot read, with a word', async () => {
    const cmyk = await sharpBytes(
      sharp(scene(32, 32, 0), raw(32, 32))
        .removeAlpha()
        .toColourspace('cmyk')
        .jpeg(),
    );
    expect(await refusal(cmyk)).toMatch(/CMYK, for print/);
    expect(await refusal(await sharpBytes(sharp(scene(32, 32, 0), raw(32, 32)).gif()))).toMatch(/GIF/);
    expect(await refusal(new Uint8Array([1, 2, 3]))).toMatch(/not a PNG, JPEG or WebP/);
    const png = await sharpBytes(sharp(scene(64, 64, 9), raw(64, 64)).png());
    expect(await refusal(png.slice(0, 20))).toMatch(/damaged/);
    expect(await refusal(png.slice(0, 3000))).toMatch(/damaged|decoded/);
  });
});

describe('encoding', () => {
  it('gives back the same samples in a file that others read', async () => {
    for (const opaque of [false, true]) {
      const samples = randomBytes(61 * 35 * 4, 3);
      if (opaque) for (let i = 3; i < samples.length; i += 4) samples[i] = 255;
      const png = await page.evaluate(
        (data) => pixels.encodePng(new Uint8Array(data), 61, 35),
        new Uint8Array(samples),
      );
      const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
      expect([info.width, info.height]).toEqual([61, 35]);
      expect(Buffer.compare(data, Buffer.from(samples))).toBe(0);
      expect((await sharp(png).metadata()).hasAlpha).toBe(!opaque);
    }
  });

  it('is no larger than another encoder makes a photograph', async () => {
    const samples = scene(256, 192, 4);
    const ours = await page.evaluate(
      (data) => pixels.encodePng(new Uint8Array(data), 256, 192),
      new Uint8Array(samples),
    );
    const theirs = await sharp(samples, raw(256, 192)).removeAlpha().png({ compressionLevel: 6 }).toBuffer();
    expect(ours.length).toBeLessThan(1.1 * theirs.length);
  });

  it('carries the colour profile of the source over', async () => {
    const source = sharp(scene(40, 30, 0), raw(40, 30))
      .removeAlpha()
      .withIccProfile('p3');
    for (const file of [await sharpBytes(source.clone().png()), await sharpBytes(source.clone().jpeg())]) {
      const png = await page.evaluate(async (bytes) => {
        const { data, width, height, colour } = await pixels.decodeImage(bytes);
        return pixels.encodePng(data, width, height, colour);
      }, file);
      const [before, after] = [await sharp(file).metadata(), await sharp(png).metadata()];
      expect(after.icc?.equals(before.icc!)).toBe(true);
    }
  });
});

describe('the area to fill', () => {
  const shapes: MaskShape[] = [
    {
      kind: 'paths',
      nodeId: 'a',
      paths: [{ data: 'M 0 0 L 40 0 L 40 24 L 0 24 Z M 8 6 L 30 6 L 30 18 L 8 18 Z', rule: 'evenodd' }],
      matrices: [[0.8, 0.6, -0.6, 0.8, 30, 10]],
    },
    {
      kind: 'paths',
      nodeId: 'b',
      paths: [{ data: 'M 70 40 C 90 30 95 60 80 70 Q 60 72 70 40 Z', rule: 'nonzero' }],
      matrices: [[1, 0, 0, 1, 0, 0]],
    },
  ];

  it('is what another rasteriser draws, within half a pixel of its edge', async () => {
    const ours = await page.evaluate(async (list) => pixels.rasterise({ shapes: list }, 110, 90), shapes);
    const svg = shapes.flatMap((shape) =>
      shape.kind === 'paths'
        ? shape.paths.map(
            ({ data, rule }) =>
              `<path d="${data}" fill-rule="${rule}" transform="matrix(${shape.matrices[0]!.join(' ')})"/>`,
          )
        : [],
    );
    const drawn = `<svg xmlns="http://www.w3.org/2000/svg" width="110" height="90">${svg.join('')}</svg>`;
    const theirs = await sharp(Buffer.from(drawn)).ensureAlpha().extractChannel('alpha').raw().toBuffer();
    let worst = 0;
    for (let i = 0; i < theirs.length; i++) worst = Math.max(worst, Math.abs(theirs[i]! - ours[i]!));
    expect(ours.some((value) => value === 255)).toBe(true);
    expect(worst).toBeLessThan(64);
  });

  it('grows and fades by exact distances', async () => {
    const [width, height, grow, feather] = [41, 29, 3, 5];
    const coverage = new Uint8Array(width * height);
    for (const [x, y] of [
      [3, 4],
      [30, 20],
      [31, 20],
      [40, 0],
    ] as const)
      coverage[y * width + x] = 255;
    const area = await page.evaluate(([data, w, h, g, f]) => pixels.growArea(data, w, h, g, f), [
      coverage,
      width,
      height,
      grow,
      feather,
    ] as const);
    let count = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let distance = Number.POSITIVE_INFINITY;
        for (let j = 0; j < coverage.length; j++)
          if (coverage[j])
            distance = Math.min(distance, Math.hypot(x - (j % width), y - Math.floor(j / width)));
        const beyond = distance - grow;
        const expected = beyond <= 0 ? 255 : Math.max(0, Math.round(255 * (1 - beyond / (feather + 1))));
        expect(area.weight[y * width + x], `${x}, ${y}`).toBe(expected);
        if (expected > 0) count++;
      }
    expect(area.count).toBe(count);
    expect(area.box).toEqual({ x: 0, y: 0, width: 41, height: 29 });
  });

  it('is outlined along its pixels, holes included', async () => {
    const [width, height] = [12, 9];
    const coverage = new Uint8Array(width * height);
    for (let y = 2; y < 7; y++)
      for (let x = 3; x < 10; x++) coverage[y * width + x] = y === 4 && x === 5 ? 0 : 255;
    const outlines = await page.evaluate(
      ([data, w, h]) => pixels.traceOutlines(pixels.growArea(data, w, h, 0, 0)).map((line) => [...line]),
      [coverage, width, height] as const,
    );
    const area = (line: number[]) => {
      let sum = 0;
      for (let i = 0; i < line.length; i += 2) {
        const j = (i + 2) % line.length;
        sum += line[i]! * line[j + 1]! - line[j]! * line[i + 1]!;
      }
      return sum / 2;
    };
    expect(outlines.map(area).sort((a, b) => a - b)).toEqual([-1, 35]);
  });

  it('is cut out with its surroundings from a large image and laid back without touching the rest', async () => {
    const found = await page.evaluate(() => {
      const [width, height] = [1200, 900];
      const coverage = new Uint8Array(width * height);
      for (let y = 800; y < 840; y++) for (let x = 1100; x < 1180; x++) coverage[y * width + x] = 255;
      const area = pixels.growArea(coverage, width, height, 2, 4);
      const box = pixels.fillCrop(area);
      const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => (i * 31) % 256);
      const patch = pixels.cutRaster({ data, width, height }, box);
      patch.data.fill(7);
      const blended = pixels.layPatch({ data, width, height }, patch, box, area.weight);
      const known = pixels.knownMask(area, box);
      let [changedOutside, keptInside, unknown] = [0, 0, 0];
      for (let i = 0; i < area.weight.length; i++) {
        const same = [0, 1, 2, 3].every((c) => blended.data[4 * i + c] === data[4 * i + c]);
        if (area.weight[i] === 0 && !same) changedOutside++;
        if (area.weight[i] === 255 && blended.data[4 * i] !== 7) keptInside++;
      }
      for (const value of known) if (value === 0) unknown++;
      return { box, count: area.count, changedOutside, keptInside, unknown };
    });
    expect(found).toMatchObject({ changedOutside: 0, keptInside: 0, unknown: found.count });
    expect(found.box.x + found.box.width).toBe(1200);
    // As far out as the engine looks for what it copies.
    expect(found.box.x).toBeLessThanOrEqual(1100 - 1.25 * 80);
    expect(found.box.y + found.box.height).toBeLessThanOrEqual(900);
    expect(found.box.width * found.box.height).toBeLessThan(0.2 * 1200 * 900);
  });
});

describe('findings', () => {
  it('see the blocks of a JPEG in the middle of a large image, also after it became a PNG', async () => {
    const large = sharp(scene(1000, 900, 2), raw(1000, 900)).removeAlpha();
    const jpeg = await sharpBytes(large.jpeg({ quality: 15 }));
    for (const file of [jpeg, await sharpBytes(sharp(jpeg).png())]) {
      const found = await page.evaluate(
        async (bytes) => pixels.findDamage(await pixels.decodeImage(bytes), bytes),
        file,
      );
      expect(found.task).toBe('dejpeg');
      expect(found.jpeg?.quality).toBeGreaterThan(8);
      expect(found.jpeg?.quality).toBeLessThan(24);
      expect(foundWords(found)).toMatch(/strong JPEG compression$/i);
    }
  });

  it('measures noise within an eighth, and tells coarse grain from fine', async () => {
    const find = (data: Uint8ClampedArray, width: number, height: number) =>
      page.evaluate(
        ([bytes, w, h]) =>
          pixels.findDamage({ data: new Uint8ClampedArray(bytes), width: w, height: h }, new Uint8Array(0)),
        [new Uint8Array(data), width, height] as const,
      );
    for (const noise of [8, 20]) {
      const found = await find(scene(256, 192, noise), 256, 192);
      expect(found.noise.sigma).toBeGreaterThan(0.875 * noise);
      expect(found.noise.sigma).toBeLessThan(1.125 * noise);
      expect(foundWords(found)).toBe(`${noise === 8 ? 'Moderate' : 'Strong'} noise, fine grain`);
    }
    const { data } = await sharp(scene(128, 96, 24), raw(128, 96))
      .resize(384, 288, { kernel: 'cubic' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(foundWords(await find(new Uint8ClampedArray(data), 384, 288))).toMatch(/coarse grain/);
    expect(foundWords(await find(scene(256, 192, 0), 256, 192))).toMatch(/^Nothing to restore/);
  });
});

it('tells a mask that fades from one with a hard edge, a thin line included', () => {
  const [width, height] = [80, 60];
  const drawn = (distance: (x: number, y: number) => number, fade: number) =>
    Uint8Array.from({ length: width * height }, (_, i) => {
      const beyond = distance((i % width) + 0.5, Math.floor(i / width) + 0.5);
      return 255 * Math.min(1, Math.max(0, 0.5 - beyond / fade));
    });
  const disk = (x: number, y: number) => Math.hypot(x - 40, y - 30) - 18;
  const line = (x: number, y: number) => Math.abs(0.6 * x - 0.8 * y) - 0.6;
  expect(isSoft(drawn(disk, 1), width, height)).toBe(false);
  expect(isSoft(drawn(line, 1), width, height)).toBe(false);
  expect(isSoft(drawn(disk, 12), width, height)).toBe(true);
});
