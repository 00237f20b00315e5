import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { boxMeans } from '../../src/engine/image/box-means.ts';
import { interpretMask } from '../../src/engine/image/read-mask.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { decodeImage } from '../../src/node/decode.ts';

/** A crop of a photograph, some of it bright and some dark. */
const crop = sharp('samples/nagasaki-boats.png').extract({ left: 90, top: 110, width: 96, height: 72 });
const picture = await decodeImage(await crop.png().toBuffer());
const { width, height, planes } = picture;
const n = width * height;
const [r, g, b] = planes;
const tone = r.map((red, i) => 0.299 * red + 0.587 * g[i] + 0.114 * b[i]);
const median = tone.slice().sort()[n >> 1];
const drawn = (...colours: Float32Array[]) => ({ planes: colours, width, height });
const set = (is: (x: number, y: number, i: number) => boolean) =>
  tone.map((_, i) => (is(i % width, Math.floor(i / width), i) ? 1 : 0));

describe('the picture in two tones', () => {
  const meaning = [0, 1, 2].map((c) => planes[c].slice().sort()[n >> 1]);
  it.each([
    ['lighter than some tone', set((_x, _y, i) => tone[i] > median)],
    ['darker', set((_x, _y, i) => tone[i] < median)],
    ['by one colour', set((_x, _y, i) => r[i] > meaning[0])],
  ])('%s, is no mask unless it is said which is known', (_, mask) => {
    expect(() => interpretMask(drawn(mask), { picture })).toThrow(/two tones.*say which colour is known/s);
    const { data } = interpretMask(drawn(mask), { picture, known: 'black' }).mask;
    expect(data.filter((known) => known === 0).length).toBeGreaterThan(0.4 * n);
  });

  it('as a JPEG', async () => {
    const samples = Uint8Array.from(tone, (t) => (t > median ? 255 : 0));
    const jpeg = sharp(samples, { raw: { width, height, channels: 1 } }).jpeg({ quality: 75 });
    const mask = await decodeImage(await jpeg.toBuffer());
    expect(() => interpretMask(mask, { picture })).toThrow(/two tones/);
  });

  it.each([1, 2, 4])('blurred by %i px before it was cut, or brighter than around', async (sigma) => {
    const grey = { raw: { width, height, channels: 1 } } as const;
    const levels = sharp(
      Uint8Array.from(tone, (t) => Math.round(255 * t)),
      grey,
    )
      .blur(sigma)
      .extractChannel(0);
    const blurred = Float32Array.from(await levels.raw().toBuffer());
    const middle = blurred.slice().sort()[n >> 1];
    for (const mask of [
      set((_x, _y, i) => blurred[i] > middle),
      set((_x, _y, i) => 255 * tone[i] > blurred[i]),
    ])
      expect(() => interpretMask(drawn(mask), { picture })).toThrow(/two tones/);
  });

  /** A wall that grows dark towards a corner, with grain. */
  const corner = tone.map((_, i) => {
    const far = Math.hypot((width - (i % width)) / width, (height - Math.floor(i / width)) / height);
    return 0.55 - 0.45 * Math.exp(-5 * far ** 2);
  });
  const grain = streamKey(5, 0);
  const wall = drawn(corner.map((value, i) => value + 0.06 * normal(grain, i)));

  it('in smooth places, where the cut leaves one area, is asked for; as is who selected a sky', () => {
    const shade = set((_x, _y, i) => corner[i] < 0.45);
    const horizon = set((x, y) => y < 30 + 3 * Math.sin(x / 5));
    const sky = planes.map((plane) => plane.map((value, i) => (horizon[i] ? 0.9 : 0.6 * value)));
    for (const [mask, of] of [
      [shade, wall],
      [horizon, drawn(...sky.map((plane) => plane.map((v, i) => v + 0.02 * normal(grain, i))))],
    ] as const) {
      expect(() => interpretMask(drawn(mask), { picture: of })).toThrow(/say which colour is known/);
      expect(interpretMask(drawn(mask), { picture: of, known: 'black' }).mask.data).toContain(0);
    }
  });

  it('is asked for though it is another picture, and where it marks the darkest places alone', () => {
    const other = drawn(...planes.map((plane) => plane.slice().reverse()));
    const cut = set((_x, _y, i) => tone[i] > median);
    expect(() => interpretMask(drawn(cut), { picture: other })).toThrow(/two tones/);
    const soft = boxMeans(tone, width, height, 3).map((value, i) => value + 0.01 * normal(grain, i));
    const dark = soft.slice().sort()[Math.round(0.07 * n)];
    const places = set((_x, _y, i) => soft[i] < dark);
    expect(() => interpretMask(drawn(places), { picture: drawn(soft) })).toThrow(/two tones/);
  });

  it('is asked for by one ragged area, by dots or as transparency, whatever the picture', () => {
    const flat = drawn(...[0.3, 0.4, 0.5].map((v) => tone.map((_, i) => v + 0.02 * normal(grain, i))));
    const nothing = new Float32Array(n);
    const key = streamKey(9, 0);
    const waves = (reach: number) =>
      boxMeans(
        tone.map((_, i) => reach * normal(key, i + reach * n)),
        width,
        height,
        reach,
      );
    const fine = waves(1);
    const clouds = waves(8).map((value, i) => value + fine[i] / 2);
    const bright = clouds.slice().sort()[Math.round(0.88 * n)];
    const ragged = set((_x, _y, i) => clouds[i] > bright);
    for (const planes of [[ragged], [nothing, nothing, nothing, ragged]])
      expect(() => interpretMask(drawn(...planes), { picture: flat })).toThrow(/a photograph in two tones/);
    const dots = set((_x, _y, i) => tone[i] + 0.12 * normal(key, i) > median);
    expect(() => interpretMask(drawn(dots), { picture: flat })).toThrow(/a photograph in two tones/);
    const alpha = drawn(nothing, nothing, nothing, tone);
    expect(() => interpretMask(alpha, { picture })).toThrow(/transparent in many degrees/);
  });

  it('is told from pixels that are strewn, and from strokes that a threshold finds', () => {
    const strewn = streamKey(6, 0);
    const lost = set((_x, _y, i) => normal(strewn, i) > 0.5);
    const scratch = set((x, y) => [20, 40, 70].some((at) => x === at + Math.round(3 * Math.sin(y / 9))));
    const scratched = drawn(...planes.map((plane) => plane.map((v, i) => (scratch[i] ? 1 : 0.9 * v))));
    expect(interpretMask(drawn(lost), { picture }).mask.data).toContain(0);
    expect(interpretMask(drawn(scratch), { picture: scratched }).mask.data).toContain(0);
  });

  it('by its outlines is asked for, but not a scratch or writing that is seen in it', () => {
    const rise = (i: number, by: number) => Math.abs((tone[i + by] ?? tone[i]) - (tone[i - by] ?? tone[i]));
    const isCrest = (i: number) =>
      [1, width].some(
        (by) => rise(i, by) > 0.15 && rise(i, by) >= rise(i + by, by) && rise(i, by) > rise(i - by, by),
      );
    const outlines = set((x, y, i) => x > 1 && x < width - 2 && y > 1 && y < height - 2 && isCrest(i));
    for (const mask of [outlines, outlines.map((t) => 1 - t)])
      expect(() => interpretMask(drawn(mask), { picture })).toThrow(/own outlines.*known/s);
    const scratch = set((x, y) => Math.abs(x - 40 - 0.3 * y) < 1.5 || (y > 50 && y < 60 && x % 6 < 2));
    const seen = drawn(...planes.map((p) => p.map((value, i) => (scratch[i] ? 0.95 : value))));
    expect(
      interpretMask(drawn(scratch), { picture: seen }).mask.data.filter((known) => known === 0).length,
    ).toBe(scratch.filter((s) => s === 1).length);
  });

  it('or in few colours, is no copy that was painted over', () => {
    const few = planes.map((plane) => plane.map((v) => Math.round(v ** 0.8 * 16) / 16));
    expect(() => interpretMask(drawn(...few), { picture })).toThrow(/many tones/);
  });

  it('or blurred, with all its tones, is no soft brush', () => {
    expect(() => interpretMask(drawn(corner), { picture: wall })).toThrow(/the picture itself, blurred/);
    expect(interpretMask(drawn(corner), { picture }).mask.data).toContain(0);
  });

  it('but a small dark thing on a bright ground that someone marked is a mask, at its outline or around it', () => {
    const key = streamKey(8, 0);
    for (const radius of [18, 20]) {
      const inside = (x: number, y: number, r: number) => Math.hypot(x - 60, y - 30) < r;
      const planes = [0.5, 0.6, 0.7].map((bright) =>
        set((x, y) => inside(x, y, 18)).map((s, i) => (s ? 0.1 : bright) + 0.03 * normal(key, i)),
      );
      const mask = set((x, y) => inside(x, y, radius));
      expect(interpretMask(drawn(mask), { picture: drawn(...planes) }).mask.data[30 * width + 60]).toBe(0);
    }
  });

  it('but an opaque stain is, whose edge is a step all along, unless it covers a side as skies do', () => {
    const lobe = (x: number, y: number) =>
      Math.hypot(x - 40, 1.3 * (y - 34)) < 28 + 6 * Math.sin(x / 5) * Math.cos(y / 7);
    const stain = set(lobe);
    const at = (x: number, y: number, c: number) => [0.95, 0.1, 0.9][c] - 0.002 * (x + y);
    const seen = (mask: Float32Array) =>
      drawn(
        ...planes.map((p, c) => p.map((v, i) => (mask[i] ? at(i % width, Math.floor(i / width), c) : v))),
      );
    const { data } = interpretMask(drawn(stain), { picture: seen(stain) }).mask;
    expect([...data]).toEqual([...stain].map((s) => 255 * (1 - s)));
    const soft = boxMeans(stain, width, height, 1);
    const tinted = planes.map((p, c) => p.map((v, i) => v + soft[i] * ([0.9, 0.85, 0.7][c] - v)));
    expect(interpretMask(drawn(stain), { picture: drawn(...tinted) }).mask.data).toContain(0);
    const sky = set((x, y) => y < 24 + 3 * Math.sin(x / 6));
    expect(() => interpretMask(drawn(sky), { picture: seen(sky) })).toThrow(/two tones/);
  });

  it('but an area that someone drew is, and one that is white where it was lost', () => {
    const half = set((x, y) => x + 0.4 * y < 60);
    expect(interpretMask(drawn(half), { picture }).mask.data[0]).toBe(0);
    const gap = set((x, y) => Math.hypot(x - 50, y - 36) < 24);
    const night = planes.map((plane) => plane.map((value, i) => (gap[i] ? 1 : 0.15 * value)));
    for (const lost of [planes.map((plane) => plane.map((value, i) => (gap[i] ? 1 : value))), night]) {
      const { mask } = interpretMask(drawn(gap), { picture: drawn(...lost) });
      expect([mask.data[36 * width + 50], mask.data[0]]).toEqual([0, 255]);
    }
  });
});

describe('masks with soft rims', () => {
  /** Letters of a font of dots, 2 px thick, blurred as by a feathered brush. */
  it.each([0.8, 1.5, 2.5, 4])('of thin strokes blurred by σ %f', async (sigma) => {
    const strokes = set(
      (x, y) => y > 20 && y < 44 && x > 8 && x < 80 && (x % 12 < 2 || (y % 11 < 2 && x % 24 < 12)),
    );
    const raw = { width, height, channels: 1 } as const;
    const blurred = sharp(
      Uint8Array.from(strokes, (s) => 255 * s),
      { raw },
    )
      .blur(sigma)
      .png();
    const mask = await decodeImage(await blurred.toBuffer());
    const { data } = interpretMask(mask, { picture }).mask;
    expect(strokes.filter((s, i) => s === 1 && data[i] !== 0)).toEqual(new Float32Array());
  });

  it('of an area with thin ends, blurred', async () => {
    const area = set(
      (x, y) => (x > 20 && x < 80 && y > 6 && y < 40) || (y >= 40 && y < 70 && x > 8 && x % 16 < 2),
    );
    const raw = { width, height, channels: 1 } as const;
    const blurred = sharp(
      Uint8Array.from(area, (s) => 255 * s),
      { raw },
    )
      .blur(1.6)
      .png();
    const { data } = interpretMask(await decodeImage(await blurred.toBuffer()), { picture }).mask;
    expect(area.filter((s, i) => s === 1 && data[i] !== 0)).toEqual(new Float32Array());
  });

  /** A copy of the picture with paint on what is marked, that lets `through` of it show, as a JPEG. */
  async function paintedCopy(
    marked: Float32Array,
    paint: readonly number[],
    through: number,
    quality: number,
  ) {
    const rgb = Uint8Array.from({ length: 3 * n }, (_, i) => {
      const [at, c] = [Math.floor(i / 3), i % 3];
      const under = planes[c][at];
      return Math.round(255 * (marked[at] ? through * under + (1 - through) * paint[c] : under));
    });
    const jpeg = sharp(rgb, { raw: { width, height, channels: 3 } }).jpeg({ quality });
    return await decodeImage(await jpeg.toBuffer());
  }

  it.each([
    ['in red, quality 75', [1, 0, 0], 0, 75],
    ['in red, quality 50', [1, 0, 0], 0, 50],
    ['by a yellow marker, quality 60', [1, 1, 0], 0.5, 60],
    ['by a green marker, quality 60', [0, 1, 0], 0.4, 60],
  ])('painted over a small copy of much detail, as a JPEG, %s', async (_, paint, through, quality) => {
    const marked = set((x, y) => Math.abs(x - y) < 4);
    const copy = await paintedCopy(marked, paint, through, quality);
    const { mask, note } = interpretMask(copy, { picture });
    expect(note).toMatch(/painted over/);
    expect(marked.filter((m, i) => m === 1 && mask.data[i] !== 0).length).toBe(0);
    expect(mask.data.filter((known) => known === 0).length).toBeLessThan(0.2 * n);
  });

  it('but a copy whose white scratches JPEG blurs is none', async () => {
    const bright = planes.map((plane) => plane.map((value, i) => ((i % width) % 24 < 2 ? 0.98 : value)));
    for (const quality of [50, 70, 85]) {
      const rgb = Uint8Array.from({ length: 3 * n }, (_, i) =>
        Math.round(255 * bright[i % 3][Math.floor(i / 3)]),
      );
      const jpeg = sharp(rgb, { raw: { width, height, channels: 3 } }).jpeg({ quality });
      const copy = await decodeImage(await jpeg.toBuffer());
      expect(() => interpretMask(copy, { picture: drawn(...bright) })).toThrow(
        /nothing is marked|not by paint/,
      );
    }
  });

  it('but a copy that is blurred or otherwise bright is none', async () => {
    const nothing = new Float32Array(n);
    const copy = await paintedCopy(nothing, [0, 0, 0], 0, 60);
    const far = { raw: { width, height, channels: 1 } } as const;
    const soft = await Promise.all(
      copy.planes.map(async (plane) => {
        const blurred = sharp(
          Uint8Array.from(plane, (v) => 255 * v),
          far,
        )
          .blur(3)
          .extractChannel(0);
        return Float32Array.from(await blurred.raw().toBuffer(), (v) => v / 255);
      }),
    );
    for (const other of [copy.planes, soft, planes.map((plane) => plane.map((v) => 0.8 * v))])
      expect(() => interpretMask(drawn(...other), { picture })).toThrow(
        /many tones|nothing is marked|not by paint/,
      );
  });
});
