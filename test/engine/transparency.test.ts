import { describe, expect, it } from 'vitest';
import { applyTables } from '../../src/engine/image/axis-table.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { premultiply, unpremultiply } from '../../src/engine/image/premultiply.ts';
import { areaTable, resize } from '../../src/engine/image/resize.ts';
import { edgesOf, keepMeans } from '../../src/engine/image/transparency.ts';

const [width, height] = [36, 28];
const n = width * height;
const box = { x: 0, y: 0, width, height };
/** A quarter of the size. */
const small = (alpha: (x: number, y: number) => number): Picture => ({
  width: width / 4,
  height: height / 4,
  channels: 1,
  colour: new Float32Array(n / 16).fill(0.5),
  alpha: Float32Array.from({ length: n / 16 }, (_, i) => alpha(i % (width / 4), Math.floor((4 * i) / width))),
});
const large = (colour: (i: number) => number, alpha: (i: number) => number): Picture => ({
  width,
  height,
  channels: 1,
  colour: Float32Array.from({ length: n }, (_, i) => colour(i)),
  alpha: Float32Array.from({ length: n }, (_, i) => alpha(i)),
});
const finished = (picture: Picture, before: Picture) =>
  unpremultiply({
    ...premultiply(picture),
    colour: edgesOf(before, picture)(premultiply(picture).colour, box),
  });

describe('edgesOf', () => {
  it('gives rims the colour of what they are the rims of', () => {
    const opacity = (i: number) => Math.min(1, Math.max(0, (20.4 - (i % width)) / 2));
    const wrong = (i: number) => (opacity(i) < 0.6 ? 0.2 : 0.7);
    const { colour, alpha } = finished(
      large(wrong, opacity),
      small((x) => (x < 5 ? 1 : 0)),
    );
    colour.forEach((value, i) => {
      if (alpha![i] > 0.01) expect(Math.abs(value - 0.7)).toBeLessThan(0.15);
    });
  });

  it('leaves even transparency its colours', () => {
    const picture = large(
      (i) => (i % 7) / 7,
      () => 0.4,
    );
    const { colour, alpha } = finished(
      picture,
      small(() => 0.4),
    );
    alpha!.forEach((value) => {
      expect(value).toBeCloseTo(0.4, 6);
    });
    colour.forEach((value, i) => {
      expect(value).toBeCloseTo(picture.colour[i], 4);
    });
  });

  it('makes plain what is plain in the picture, and keeps its colour', () => {
    const half = large(
      () => 0.6,
      (i) => (i % width < 18 ? 0.97 : 0.02),
    );
    const { colour, alpha } = finished(
      half,
      small((x) => (x < 5 ? 1 : 0)),
    );
    for (let i = 0; i < n; i++) {
      if (i % width < 4) expect([alpha![i], colour[i]]).toEqual([1, expect.closeTo(0.6, 5)]);
      if (i % width > 33) expect([alpha![i], colour[i]]).toEqual([0, 0]);
    }
  });

  it('leaves opaque pictures alone', () => {
    const planes = Float32Array.of(0.3, 0.5);
    expect(edgesOf({ ...small(() => 1), alpha: null }, box)(planes, box)).toBe(planes);
  });
});

it('keepMeans brings colours back that rims took from around them', () => {
  const [w, h] = [12, 10];
  const alpha = (i: number) => Math.min(1, Math.max(0, (7.3 - (i % w)) / 3));
  const given: Picture = premultiply({
    ...{ width: w, height: h, channels: 1 },
    colour: Float32Array.from({ length: w * h }, (_, i) => ((i * 7) % 11) / 11),
    alpha: Float32Array.from({ length: w * h }, (_, i) => alpha(i)),
  });
  const size = { width: 2 * w, height: 2 * h };
  const plain = resize(given, size.width, size.height, 'bicubic');
  // Alpha's means are right already; colours are one throughout.
  const opacity = applyTables(
    given.colour.slice(-w * h),
    1,
    areaTable(h, size.height),
    areaTable(w, size.width),
  );
  const planes = plain.colour.map((_, i) => opacity[i % opacity.length] * (i < opacity.length ? 0.5 : 1));
  const found = keepMeans(planes, given, size);
  const back = applyTables(found, 2, areaTable(size.height, h), areaTable(size.width, w));
  const off = (x: Float32Array) =>
    Math.max(...x.subarray(0, w * h).map((v, i) => Math.abs(v - given.colour[i])));
  expect(off(back)).toBeLessThan(1e-5);
  expect(found.subarray(-opacity.length)).toEqual(planes.subarray(-opacity.length));
  expect(found.every((value, i) => value >= 0 && value <= opacity[i % opacity.length] + 1e-6)).toBe(true);
});
