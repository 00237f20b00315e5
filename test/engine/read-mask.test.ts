import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { MaskError } from '../../src/engine/errors.ts';
import { erasedArea } from '../../src/engine/image/erased.ts';
import { fitMask, turned, turnedSize } from '../../src/engine/image/fit-mask.ts';
import { interpretMask } from '../../src/engine/image/read-mask.ts';
import { normal, streamKey, uniform } from '../../src/engine/random.ts';
import { decodeImage } from '../../src/node/decode.ts';
import { noisy, scene } from '../support/pictures.ts';

const [width, height] = [96, 72];
const n = width * height;
const plane = (value: (x: number, y: number) => number) =>
  Float32Array.from({ length: n }, (_, i) => value(i % width, Math.floor(i / width)));

/** Cover of slanted strokes, antialiased over a pixel (or `soft` px). */
const strokes = (thickness: number, soft = 1) =>
  plane((x, y) => {
    const distance = Math.min(...[20, 45, 70].map((from) => Math.abs(x - from - 0.3 * (y - 36))), 99);
    const ends = Math.max(0, Math.abs(y - 36) - 20);
    return Math.min(1, Math.max(0, 0.5 + (thickness / 2 - Math.hypot(distance, ends)) / soft));
  });

const drawn = (planes: Float32Array[]) => ({ planes, width, height });
const grey = (cover: Float32Array, from: number, to: number) =>
  drawn([cover.map((c) => from + c * (to - from))]);
const painted = (cover: Float32Array, rgb: readonly number[]) =>
  drawn([...rgb.map((value) => cover.map(() => value)), cover]);
/** As JPEG leaves it: no sample is exact, those near edges least of all. */
const compressed = (planes: readonly Float32Array[], cover: Float32Array) =>
  planes.map((values, c) => {
    const key = streamKey(3, c);
    return values.map((value, i) => {
      const near = cover
        .subarray(Math.max(0, i - 3), i + 4)
        .some((other) => Math.abs(other - cover[i]) > 0.3);
      return Math.min(1, Math.max(0, value + normal(key, i) * (near ? 0.03 : 0.006)));
    });
  });

/** Every pixel marked by more than a tenth is filled, and none farther than one pixel from those. */
function expectFilled(data: ArrayLike<number>, cover: Float32Array, reach = 1) {
  const missed = cover.filter((c, i) => c > 0.1 && data[i] !== 0).length;
  const strayed = cover.filter((_, i) => {
    if (data[i] !== 0) return false;
    for (let v = -reach; v <= reach; v++)
      for (let u = -reach; u <= reach; u++) if (cover[i + v * width + u] > 0.1) return false;
    return true;
  }).length;
  expect([missed, strayed]).toEqual([0, 0]);
}

describe('masks as people make them', () => {
  const text = strokes(1.6);
  const thick = strokes(7);
  it.each([
    ['white on black', grey(text, 0, 1), text],
    ['half-grey on black', grey(text, 0, 0.5), text],
    ['thick strokes', grey(thick, 0, 1), thick],
    ['white on grey', grey(thick, 0.4, 1), thick],
    ['red on black', drawn([text, text.map(() => 0), text.map(() => 0)]), text],
    ['compressed', drawn(compressed(grey(thick, 0, 1).planes, thick)), thick, 3],
    ['white on transparency', painted(text, [1, 1, 1]), text],
    ['black on transparency', painted(text, [0, 0, 0]), text],
    ['red on transparency', painted(thick, [0.9, 0.1, 0.05]), thick],
    [
      'a translucent brush',
      drawn([0.9, 0.1, 0, 0.4].map((value, p) => text.map((c) => (p < 3 ? value : value * c)))),
      text,
    ],
  ])('%s', (_, mask, cover, reach = 1) => {
    expectFilled(interpretMask(mask).mask.data, cover, reach);
  });

  it.each([20, 50, 75])('half-grey, as a JPEG of quality %i: no rim is left of it', async (quality) => {
    const rgb = Uint8Array.from(text, (c) => Math.round(128 * c));
    const jpeg = sharp(rgb, { raw: { width, height, channels: 1 } }).jpeg({ quality });
    const mask = await decodeImage(await jpeg.toBuffer());
    expectFilled(interpretMask(mask).mask.data, text, 8);
  });

  it.each([
    ['red on white', [1, 1, 1], [0.9, 0.1, 0.1], 75],
    ['blue on white', [1, 1, 1], [0.1, 0.1, 0.9], 75],
    ['green on black', [0, 0, 0], [0.1, 0.9, 0.2], 60],
  ])('%s, as a JPEG that keeps colours at half the size', async (_, from, to, quality) => {
    const lines = strokes(3);
    const rgb = Uint8Array.from({ length: 3 * n }, (_, i) =>
      Math.round(255 * (from[i % 3] + lines[Math.floor(i / 3)] * (to[i % 3] - from[i % 3]))),
    );
    const jpeg = sharp(rgb, { raw: { width, height, channels: 3 } }).jpeg({ quality });
    expectFilled(interpretMask(await decodeImage(await jpeg.toBuffer())).mask.data, lines, 8);
  });

  it.each([
    ['white on black', 0, 1],
    ['black on white', 1, 0],
  ])('%s, with transparent corners', (_, from, to) => {
    const alpha = plane((x, y) => (x + y < 12 || width - x + y < 12 ? 0 : 1));
    const [tones] = grey(strokes(3), from, to).planes;
    const { data } = interpretMask(drawn([tones, tones, tones, alpha])).mask;
    expectFilled(data, strokes(3));
  });

  it('dark strokes on white within a frame: which is known is asked', () => {
    for (const frame of [1, 3]) {
      const isFrame = (x: number, y: number) =>
        Math.min(x, y, width - 1 - x, height - 1 - y) < frame ? 0 : 1;
      const mask = drawn([plane((x, y) => isFrame(x, y) * (1 - thick[y * width + x]))]);
      expect(() => interpretMask(mask)).toThrow(/which colour is known|which is to be filled/);
      expectFilled(interpretMask(grey(thick, 0, 1)).mask.data, thick);
    }
  });

  it('fills the faintest rim of a stroke too, but not what is marked by less than a tenth alone', () => {
    const cover = plane((x, y) => (y === 36 ? ([0, 0.04, 1, 0.04, 0, 0, 0.04][x - 40] ?? 0) : 0));
    const { data } = interpretMask(grey(cover, 0, 1)).mask;
    expect([...data].flatMap((known, i) => (known ? [] : [(i % width) - 40]))).toEqual([1, 2, 3]);
  });

  it('dark strokes on white, with a note; told what is known, it does as told', () => {
    const reverse = grey(thick, 1, 0);
    const read = interpretMask(reverse);
    expectFilled(read.mask.data, thick);
    expect(read.note).toMatch(/strokes are filled/);
    expect(interpretMask(reverse, { known: 'white' })).toEqual({ mask: read.mask, note: undefined });
    const literal = interpretMask(reverse, { known: 'black' }).mask.data;
    expect(literal.filter((known) => known).length).toBeLessThan(thick.filter((c) => c > 0.1).length);
  });

  it('known pixels strewn over what is to be filled are known, however few', () => {
    for (const share of [0.5, 0.1, 0.01]) {
      const key = streamKey(5, 0);
      const known = plane((x, y) => (normal(key, y * width + x) ** 2 < share ** 2 ? 1 : 0));
      const { mask, note } = interpretMask(grey(known, 1, 0));
      expect([...mask.data]).toEqual([...known].map((k) => 255 * k));
      expect(note).toBeUndefined();
    }
  });

  it('a soft brush', () => {
    const dab = plane((x, y) => Math.exp(-((x - 50) ** 2 + (y - 30) ** 2) / 200));
    expectFilled(interpretMask(grey(dab, 0, 1)).mask.data, dab, 2);
    const broad = plane((x, y) => {
      const rim = Math.min(1, Math.max(0, (36 - Math.hypot((x - 50) * 0.8, y - 36)) / 24));
      return rim * rim * (3 - 2 * rim);
    });
    expectFilled(interpretMask(grey(broad, 0, 1)).mask.data, broad, 2);
  });

  it('strokes of several colours on transparency', () => {
    const mask = painted(thick, [0, 0, 0]);
    mask.planes[0].forEach((_, i) => {
      mask.planes[i % width < 60 ? 0 : 2][i] = 0.9;
    });
    expectFilled(interpretMask(mask).mask.data, thick);
  });

  it('an area that is larger than half and lies at the border, as long as it is no ground', () => {
    const half = plane((x) => (x < 55 ? 1 : 0));
    expectFilled(interpretMask(grey(half, 0, 1)).mask.data, half, 0);
  });
});

describe('the picture with an erased area', () => {
  const picture = noisy(scene(width, height), 4);
  const gap = strokes(9);
  const erased = drawn([...picture.planes, gap.map((c) => 1 - c)]);

  it('as the mask', () => {
    const { mask, note } = interpretMask(erased, { picture });
    expectFilled(mask.data, gap);
    expect(note).toMatch(/erased/);
  });

  it('as the image itself: opaque where it is filled', () => {
    const found = erasedArea(erased)!;
    expectFilled(found.mask.data, gap);
    expect(found.image.planes.length).toBe(3);
    const veiled = drawn([...picture.planes, plane((x, y) => (x < 9 ? 0.95 : 1 - gap[y * width + x]))]);
    const { image } = erasedArea(veiled)!;
    expect([image.planes[3][0], image.planes[3][36 * width + 45]].map((a) => a.toFixed(2))).toEqual([
      '0.95',
      '1.00',
    ]);
    expect(erasedArea(picture)).toBeUndefined();
    const third = plane((x) => (x < 32 ? 1 : 0));
    expect(() => erasedArea(drawn([...picture.planes, third]))).toThrow(MaskError);
  });
});

describe('the picture with an area painted over', () => {
  const photo = noisy(scene(width, height), 3);
  const over = (cover: Float32Array, [r, g, b]: readonly number[], strength = 1) =>
    drawn([r, g, b].map((value, c) => photo.planes[c].map((x, i) => x + strength * cover[i] * (value - x))));
  const strokes9 = strokes(9);
  const page = { planes: [strokes(3).map((c) => 1 - c)], width, height };
  const blot = plane((x, y) => (x > 2 && x < 14 && y > 2 && y < 60 ? 1 : 0));

  it.each([
    ['in red', over(strokes(9), [1, 0, 0]), strokes(9), 2],
    ['in thin strokes', over(strokes(2.5), [1, 0, 1]), strokes(2.5), 2],
    ['in white', over(strokes(9), [1, 1, 1]), strokes(9), 3],
    ['by a translucent marker', over(strokes(9), [1, 1, 0], 0.6), strokes(9), 2],
    [
      'by a highlighter',
      drawn(photo.planes.map((p, c) => p.map((x, i) => x * (1 - strokes9[i] * [0, 0.1, 0.8][c])))),
      strokes(9),
      2,
    ],
    ['and compressed', drawn(compressed(over(strokes(9), [1, 0, 0]).planes, strokes(9))), strokes(9), 3],
  ])('%s', (_, mask, cover, reach) => {
    const { mask: read, note } = interpretMask(mask, { picture: photo });
    expect(note).toMatch(/painted over/);
    expectFilled(read.data, cover, reach);
  });

  it('by a marker that nearly has the colour of what it marks', () => {
    const stamp = over(strokes(3), [1, 0.6, 0.15]);
    const marked = drawn(
      stamp.planes.map((p, c) => p.map((x, i) => x + 0.3 * strokes9[i] * ([1, 0, 0][c] - x))),
    );
    expectFilled(interpretMask(marked, { picture: stamp }).mask.data, strokes9, 2);
  });

  it('in red, as a JPEG of quality 85 that blurs colours', async () => {
    const planes = over(strokes(9), [1, 0, 0]).planes;
    const rgb = Uint8Array.from({ length: 3 * n }, (_, i) =>
      Math.round(255 * planes[i % 3][Math.floor(i / 3)]),
    );
    const jpeg = sharp(rgb, { raw: { width, height, channels: 3 } }).jpeg({ quality: 85 });
    const decoded = await decodeImage(await jpeg.toBuffer());
    expectFilled(interpretMask(decoded, { picture: photo }).mask.data, strokes(9), 3);
  });

  it.each([2, 3, 6, 8])('before it was turned upright by orientation %i', (orientation) => {
    // 6 turns a stored picture right, so that as it was stored it is turned left: as by 8.
    const stored = ({ planes, ...size }: ReturnType<typeof drawn>) => {
      const back = { 6: 8, 8: 6 }[orientation] ?? orientation;
      return { planes: planes.map((p) => turned(p, size, back)), ...turnedSize(size, back) };
    };
    const mask = stored(over(strokes(9), [1, 0, 0]));
    const read = interpretMask(mask, { picture: photo, orientation });
    expect(read).toMatchObject({ turned: true, note: expect.stringMatching(/turned alike.*painted over/) });
    expectFilled(read.mask.data, strokes(9), 2);
    const erased = stored(drawn([...photo.planes, strokes(9).map((c) => 1 - c)]));
    expectFilled(interpretMask(erased, { picture: photo, orientation }).mask.data, strokes(9));
  });

  it('a drawing painted over in its own ink: its other strokes are known', () => {
    const mask = drawn([page.planes[0].map((value, i) => Math.min(value, 1 - blot[i]))]);
    const { mask: read, note } = interpretMask(mask, { picture: page });
    expect(note).toMatch(/painted over/);
    expectFilled(read.data, blot, 2);
  });

  it('strokes on black are told from a picture that is nearly black', () => {
    const night = drawn([0.01, 0.02, 0.03].map((value) => plane(() => value)));
    expectFilled(interpretMask(grey(strokes(2), 0, 1), { picture: night }).mask.data, strokes(2));
  });

  it('is refused where something else was changed in it', () => {
    const other = photo.planes.map((p) => p.map((x, i) => (blot[i] ? p[(i + 30 * width + 40) % n] : x)));
    expect(() => interpretMask(drawn(other), { picture: photo })).toThrow(
      /parts that differ, but not by paint/,
    );
    const noisier = noisy(photo, 25);
    expect(() => interpretMask(noisier, { picture: photo })).toThrow(MaskError);
  });
});

describe('what is no mask is refused, with what was seen', () => {
  const picture = noisy(scene(width, height), 3);
  const chequers = (red: number) =>
    plane((x, y) => (x > 20 && x < 44 && y > 30 && y < 35 ? red : ((x >> 3) + (y >> 3)) % 2 ? 0.8 : 1));
  const noise = (seed: number) => plane((x, y) => uniform(streamKey(seed, 0), y * width + x));
  const paper = plane((x, y) => (x > 30 && y > 20 ? picture.planes[0][y * width + x] : 1));
  const lit = scene(width, height).planes[0].map((value) => Math.min(1, value * 2.2));
  it.each([
    ['a photograph', picture, /many tones/],
    ['a smooth photograph', scene(width, height), /many tones/],
    ['a blown-out one', drawn([lit]), /many tones/],
    ['a photograph on white', drawn([paper]), /many tones/],
    ['three levels', drawn([plane((x) => Math.floor(x / 32) / 2)]), /many tones/],
    ['noise', drawn([noise(4)]), /many/],
    ['other noise', drawn([noise(5)]), /many/],
    [
      'strokes in red on the chequers of transparency',
      drawn([chequers(1), chequers(0), chequers(0)]),
      /many/,
    ],
    ['a ramp', drawn([plane((x) => x / 95)]), /many tones/],
    [
      'another picture with a hole',
      drawn([...picture.planes, strokes(9).map((c) => 1 - c)]),
      /another picture/,
    ],
    ['nothing on transparency', painted(new Float32Array(n), [0, 0, 0]), /transparent all over/],
    [
      'a frame or its inside',
      grey(
        plane((x, y) => (x > 20 && x < 76 && y > 12 && y < 60 ? 1 : 0)),
        1,
        0,
      ),
      /which colour is known/,
    ],
  ])('%s', (_, mask, message) => {
    const other = scene(width, height);
    const read = () =>
      interpretMask(mask, { picture: { ...other, planes: other.planes.map((p) => p.map((v) => 1 - v)) } });
    expect(read).toThrow(MaskError);
    expect(read).toThrow(message);
  });

  it('the picture dithered, but not the writing that is seen in it, nor lost pixels', () => {
    const [picture] = scene(width, height).planes;
    const key = streamKey(5, 0);
    const dots = picture.map((value, i) => (value + 0.3 * normal(key, i) > 0.5 ? 1 : 0));
    expect(() => interpretMask(drawn([dots]), { picture: drawn([picture]) })).toThrow(/told by dots/);
    const writing = plane((x, y) => (x % 5 < 2 && y % 9 < 6 && y < 40 ? 1 : 0));
    const lost = picture.map((_, i) => (normal(key, i) > 0.5 ? 1 : 0));
    for (const marks of [writing, lost]) {
      const seen = picture.map((value, i) => (marks[i] ? 1 : value));
      expect(interpretMask(drawn([marks]), { picture: drawn([seen]) }).mask.data[0]).toBe(marks[0] ? 0 : 255);
    }
  });

  it('a picture of nearly one tone dithered', () => {
    const dark = plane((x) => 0.2 + 0.0004 * x);
    let left = 0;
    const dots = dark.map((value) => {
      left += value;
      const dot = left >= 0.5 ? 1 : 0;
      left -= dot;
      return dot;
    });
    expect(() => interpretMask(drawn([dots]), { picture: drawn([dark]) })).toThrow(/told by dots/);
  });

  it('the picture itself, even of two colours', () => {
    const page = grey(strokes(3), 1, 0);
    expect(() => interpretMask(page, { picture: page })).toThrow(/the picture itself/);
  });

  it('black paint on transparency where black is known', () => {
    expect(() => interpretMask(painted(strokes(3), [0, 0, 0]), { known: 'black' })).toThrow(
      /nothing is marked/,
    );
  });
});

describe('masks of another size', () => {
  const small = { data: Uint8Array.of(255, 255, 0, 255, 255, 255), width: 3, height: 2 };

  it.each([
    [5, [255, 255, 255, 255, 0, 255]],
    [6, [255, 255, 255, 255, 255, 0]],
    [7, [255, 0, 255, 255, 255, 255]],
    [8, [0, 255, 255, 255, 255, 255]],
  ])('are turned as a picture of orientation %i was', (orientation, expected) => {
    const { mask, note } = fitMask(small, { width: 2, height: 3 }, { orientation });
    expect([...mask.data]).toEqual(expected);
    expect(note).toMatch(/turned/);
  });

  it('are scaled only when asked for, and lose no pixel to fill', () => {
    const size = { width: 7, height: 5 };
    expect(() => fitMask(small, size)).toThrow(/--mask-fit/);
    const { mask } = fitMask(small, size, { scale: true });
    expect([...mask.data].flatMap((known, i) => (known ? [] : [i]))).toEqual([
      4, 5, 6, 11, 12, 13, 18, 19, 20,
    ]);
    const large = { data: new Uint8Array(960 * 720).fill(255), width: 960, height: 720 };
    large.data[300 * 960 + 401] = 0;
    const fitted = fitMask(large, { width: 96, height: 72 }, { scale: true }).mask;
    expect(fitted.data.indexOf(0)).toBe(30 * 96 + 40);
    expect(() => fitMask(small, { width: 30, height: 9 }, { scale: true })).toThrow(/another shape/);
  });
});
