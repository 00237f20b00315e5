import { describe, expect, it } from 'vitest';
import { type Box, cutPicture } from '../../src/engine/image/box.ts';
import { Canvas } from '../../src/engine/image/canvas.ts';
import { cutIntoParts, type Part, sideFor } from '../../src/engine/image/parts.ts';
import { type Picture, toRaster } from '../../src/engine/image/picture.ts';
import { streamKey, uniform } from '../../src/engine/random.ts';

const key = streamKey(7, 7);
let drawn = 0;
const random = (from: number, to: number) => Math.floor(from + uniform(key, drawn++) * (to - from));

function parts(width: number, height: number, side: number, scale = 1, area?: Box): Part[] {
  const picture = { width, height };
  const result = { width: Math.round(width * scale), height: Math.round(height * scale) };
  return cutIntoParts({ area: area ?? { x: 0, y: 0, ...picture }, picture, result }, side);
}

/** Whether every pixel's shares sum to 1. */
function sumsOff(cut: readonly Part[], width: number, height: number): number {
  const sums = new Float64Array(width * height);
  for (const { place, columns, rows } of cut)
    rows.forEach((row, y) => {
      columns.forEach((column, x) => {
        sums[(place.y + y) * width + place.x + x] += row * column;
      });
    });
  return sums.reduce((worst, sum) => Math.max(worst, Math.abs(sum - 1)), 0);
}

const scene: Picture = {
  width: 400,
  height: 300,
  channels: 3,
  colour: Float32Array.from({ length: 3 * 400 * 300 }, (_, i) => ((i * 37) % 256) / 255),
  alpha: null,
};

describe('parts', () => {
  it('cover any size, equally large, on the grid of 8, overlapping, none above the side asked for', () => {
    for (let i = 0; i < 40; i++) {
      const [width, height, side] = [random(8, 1500), random(8, 1500), random(144, 700)];
      const cut = parts(width, height, side);
      expect(sumsOff(cut, width, height)).toBeLessThan(1e-6);
      for (const { box, place } of cut) {
        expect(place).toEqual(box);
        expect([box.width, box.height]).toEqual([cut[0].box.width, cut[0].box.height]);
        expect([box.x % 8, box.y % 8]).toEqual([0, 0]);
        expect(Math.max(box.width, box.height)).toBeLessThanOrEqual(side);
      }
      const xs = [...new Set(cut.map(({ box }) => box.x))];
      for (let n = 1; n < xs.length; n++)
        expect(xs[n - 1] + cut[0].box.width - xs[n]).toBeGreaterThanOrEqual(
          Math.min(48, Math.floor(0.2 * side)),
        );
      expect(cut.length === 1).toBe(width <= side && height <= side);
    }
  });

  it.each([1.37, 1.5, 2.5, 7.9])('cover the result ×%s in whole pixels', (scale) => {
    for (let i = 0; i < 10; i++) {
      const [width, height] = [random(60, 300), random(60, 300)];
      const cut = parts(width, height, random(128, 500), scale);
      expect(sumsOff(cut, Math.round(width * scale), Math.round(height * scale))).toBeLessThan(1e-6);
    }
  });

  it('stay inside the area', () => {
    const area = { x: 13, y: 7, width: 300, height: 200 };
    const cut = parts(500, 400, 150, 1, area);
    expect(cut.length).toBeGreaterThan(4);
    const right = Math.max(...cut.map(({ box }) => box.x + box.width));
    expect([cut[0].box.x, cut[0].box.y, right]).toEqual([13, 7, 313]);
  });

  it('have at most so many pixels with the side for that', () => {
    for (const [width, height] of [
      [4096, 4096],
      [8192, 200],
      [1100, 960],
      [900, 900],
    ]) {
      const cut = parts(width, height, sideFor(width, height, 2 ** 20));
      const { box } = cut[0];
      expect(box.width * box.height).toBeLessThanOrEqual(2 ** 20);
      expect(cut.length === 1).toBe(width * height <= 2 ** 20);
      // And not many more than that takes, overlaps included.
      expect(cut.length).toBeLessThan(1 + (1.6 * width * height) / 2 ** 20);
    }
  });
});

const differing = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).filter((value, i) => value !== b[i]).length;

describe('the canvas', () => {
  const cut = parts(400, 300, 160);
  const patchOf = (part: Part, colour?: number) => {
    const own = cutPicture(scene, part.box).colour;
    return { box: part.box, colour: colour === undefined ? own : own.fill(colour) };
  };

  it('gives a picture back from its parts to the last bit', () => {
    const canvas = new Canvas(scene);
    for (const part of cut) canvas.lay(part, patchOf(part));
    expect(differing(canvas.picture.colour, scene.colour)).toBe(0);
  });

  it('fades parts of different brightness into each other, in any order, and into what is not laid', () => {
    const jumps = (laid: readonly Part[]) => {
      const canvas = new Canvas({ ...scene, colour: scene.colour.map(() => 0.3) });
      laid.forEach((part, i) => {
        canvas.lay(part, patchOf(part, 0.4 + 0.1 * (i % 3)));
      });
      const { colour } = canvas.picture;
      const steps = colour.map((value, i) => (i % 400 === 0 ? 0 : Math.abs(value - colour[i - 1])));
      return { most: steps.reduce((most, step) => Math.max(most, step)), colour };
    };
    const whole = jumps(cut);
    expect(whole.most).toBeLessThan(0.02);
    expect(whole.most).toBeGreaterThan(0);
    expect(jumps(cut.slice(0, 4)).most).toBeLessThan(0.02);
    expect(whole.colour.every((value) => value > 0.39)).toBe(true);
  });

  it('previews what laying would give, and leaves the picture as it is', () => {
    const canvas = new Canvas(scene);
    canvas.lay(cut[0], patchOf(cut[0], 0.2));
    const before = canvas.picture.colour.slice();
    const first = canvas.preview(cut[1], patchOf(cut[1], 0.9));
    expect(differing(canvas.picture.colour, before)).toBe(0);
    canvas.lay(cut[1], patchOf(cut[1], 0.9));
    expect(differing(first.data, toRaster(canvas.picture).data)).toBe(0);
    canvas.lay(cut[2], patchOf(cut[2], 0.5));
    const nothing = { box: cut[0].box, colour: cutPicture(canvas.picture, cut[0].box).colour };
    const again = canvas.preview({ ...cut[0], rows: cut[0].rows.map(() => 0) }, nothing);
    expect(differing(again.data, toRaster(canvas.picture).data)).toBe(0);
  });

  it('takes a patch larger than the part', () => {
    const canvas = new Canvas({ ...scene, colour: scene.colour.map(() => 0) });
    const box = { x: 0, y: 0, width: 400, height: 300 };
    for (const part of cut) canvas.lay(part, { box, colour: scene.colour });
    canvas.picture.colour.forEach((value, i) => {
      if (Math.abs(value - scene.colour[i]) > 1e-6) throw new Error(`Sample ${i} is ${value}.`);
    });
  });
});
