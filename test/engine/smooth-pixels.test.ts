import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/engine/image/picture.ts';
import { smoothPixels } from '../../src/engine/image/smooth-pixels.ts';
import { restore } from '../../src/engine/restore.ts';
import { never } from '../../src/engine/stopping/pace.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const SIDE = 20;
const [INK, PAPER] = [0.2, 0.9];

/** Pixels of ink where it says so, on paper. */
function art(isInk: (x: number, y: number) => boolean): Picture {
  const colour = Float32Array.from({ length: SIDE * SIDE }, (_, i) =>
    isInk(i % SIDE, Math.floor(i / SIDE)) ? INK : PAPER,
  );
  return { width: SIDE, height: SIDE, channels: 1, colour, alpha: null };
}

/** How much ink there is at each sample of the enlargement, 0 … 1. */
function inkOf(picture: Picture, scale: number): Float32Array {
  const size = { width: SIDE * scale, height: SIDE * scale };
  return atOnce(smoothPixels(picture, size, never))!.map((value) => (PAPER - value) / (PAPER - INK));
}

const sum = (values: Float32Array) => values.reduce((all, value) => all + value, 0);

describe('pixel art with smooth outlines', () => {
  it('leaves straight edges where they are', () => {
    const ink = inkOf(
      art((x) => x < 7),
      4,
    );
    ink.forEach((value, i) => {
      expect(value).toBeCloseTo(i % (4 * SIDE) < 28 ? 1 : 0, 5);
    });
  });

  it.each([1, 0.5])('makes slopes of stairs, %s px down a pixel', (slope) => {
    const scale = 6;
    const line = (x: number) => 4.5 + slope * x;
    const ink = inkOf(
      art((x, y) => y + 0.5 > line(x + 0.5)),
      scale,
    );
    let [smooth, stairs, all] = [0, 0, 0];
    for (let y = 5 * scale; y < 15 * scale; y++)
      for (let x = 4 * scale; x < 16 * scale; x++) {
        const cover = Math.min(1, Math.max(0, y + 0.5 - scale * line((x + 0.5) / scale) + 0.5));
        smooth += Math.abs(ink[y * scale * SIDE + x] - cover);
        const isInk = Math.floor(y / scale) + 0.5 > line(Math.floor(x / scale) + 0.5);
        stairs += Math.abs((isInk ? 1 : 0) - cover);
        all++;
      }
    expect(all).toBeGreaterThan(1000);
    expect(smooth).toBeLessThan(0.45 * stairs);
  });

  it('keeps the area of dots and of lines as thin as a pixel, and breaks none', () => {
    const dot = inkOf(
      art((x, y) => x === 9 && y === 9),
      8,
    );
    expect(Math.abs(sum(dot) / 64 - 1)).toBeLessThan(0.25);
    const across = inkOf(
      art((_, y) => y === 9),
      8,
    );
    expect(Math.abs(sum(across) / 64 / SIDE - 1)).toBeLessThan(0.15);
    const diagonal = inkOf(
      art((x, y) => x === y),
      8,
    );
    for (let i = 16; i < 8 * SIDE - 16; i++) expect(diagonal[i * 8 * SIDE + i]).toBeGreaterThan(0.9);
  });

  it('is what restore does where it is asked for by name, and only then', async () => {
    const { colour } = art((x, y) => Math.hypot(x - 9, y - 9) < 6);
    const image = { planes: [colour], width: SIDE, height: SIDE };
    const enlarged = (pixelArt?: 'keep' | 'smooth') =>
      restore(image, { task: 'upscale', scale: 3, executor: 'reference', expert: { pixelArt } });
    const [usual, kept, smooth] = [await enlarged(), await enlarged('keep'), await enlarged('smooth')];
    expect(kept.image.planes).toEqual(usual.image.planes);
    expect(smooth.image.planes).not.toEqual(usual.image.planes);
    expect(smooth.notes.join()).toMatch(/outlines were made smooth/);
    const [found] = smooth.image.planes;
    expect(sum(found.map((value) => (PAPER - value) / (PAPER - INK))) / 9).toBeCloseTo(
      colour.filter((value) => value < 0.5).length,
      -1,
    );
  });
});
