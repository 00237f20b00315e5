import { describe, expect, it } from 'vitest';
import { measureNoise } from '../../src/engine/diagnosis/noise.ts';
import { all } from '../../src/engine/diagnosis/noise-finder.ts';
import { spectraOf } from '../../src/engine/diagnosis/spectra.ts';
import { varianceAt } from '../../src/engine/nonlocal/noise-model.ts';
import { normal, streamKey, uniform } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height] = [128, 128];
const n = width * height;
const key = streamKey(7, 1);

const place = (i: number) => [i % width, Math.floor(i / width)];
/** A random number of each block of 8 × 8, 0 … 1. */
const ofBlock = (x: number, y: number) => uniform(key, n + (y >> 3) * (width >> 3) + (x >> 3));

/** Fine texture in three of four blocks of the bright half. */
function fine(i: number): number {
  const [x, y] = place(i);
  return x >= width / 2 && ofBlock(x, y) < 0.75 ? (((x + y) % 2) - 0.5) * 0.15 : 0;
}

/** Coarser texture, nowhere alike. */
function coarse(i: number): number {
  const [x, y] = place(i);
  return (((x >> 1) + (y >> 1)) % 2 ? 0.4 : -0.4) * (0.1 + ofBlock(x, y));
}

const measured = (
  kind: 'white' | 'blotches',
  channels: 1 | 3,
  colour: Float32Array,
  /** Of brightness' noise by the colours'. */
  brightness?: number,
) => {
  const spectra = atOnce(spectraOf({ width, height, channels, colour, alpha: null }, 8));
  return atOnce(measureNoise({ kind, spectra, blocks: all(spectra), brightness }));
};

describe('measured noise', () => {
  it('is no stronger than what the quietest blocks of each brightness have', () => {
    const colour = Float32Array.from({ length: n }, (_, i) => {
      const brightness = i % width < width / 2 ? 0.25 : 0.75;
      return brightness + fine(i) + (5 / 255) * normal(key, i);
    });
    const { sigma, shot } = measured('white', 1, colour);
    expect(shot).toBe(false);
    expect(sigma).toBeGreaterThan(3.5);
    expect(sigma).toBeLessThan(6);
  });

  it('has nothing of a soft texture between two colours, which is stronger where it is brighter', () => {
    const blurred = Float32Array.from({ length: n }, (_, i) => {
      const at = (x: number, y: number) => normal(key, 7 * n + ((y + height) % height) * width + x);
      const [x, y] = place(i);
      const rows = [-1, 0, 1].map((v) => at(x - 1, y + v) + 2 * at(x, y + v) + at(x + 1, y + v));
      return (rows[0] + 2 * rows[1] + rows[2]) / 6;
    });
    const colour = Float32Array.from({ length: 3 * n }, (_, i) => {
      const [c, at] = [Math.floor(i / n), i % n];
      const brightness = 0.25 + (0.4 * (at % width)) / width;
      const texture = (8 / 255) * [1, -0.4, -0.6][c] * (0.5 + brightness) * blurred[at];
      return brightness + texture + (5 / 255) * normal(key, i);
    });
    const { sigma, correlation } = measured('white', 3, colour, 1);
    expect(sigma).toBeGreaterThan(4.5);
    expect(sigma).toBeLessThan(6);
    expect(correlation).toBeLessThan(0.1);
  });

  it('is in colours alone where these have blotches and brightness has texture', () => {
    const blotch = (c: number, i: number) => {
      const [x, y] = [(i % width) >> 2, Math.floor(i / width) >> 2];
      return 0.05 * normal(key, (c + 2) * n + y * width + x);
    };
    const chroma = (c: number, i: number) => blotch(c, i) - (blotch(0, i) + blotch(1, i) + blotch(2, i)) / 3;
    const colour = Float32Array.from({ length: 3 * n }, (_, i) => {
      const [c, at] = [Math.floor(i / n), i % n];
      return 0.5 + coarse(at) + chroma(c, at) + normal(key, 9 * n + i) / 255;
    });
    const { model } = measured('blotches', 3, colour);
    const [brightness, u, v] = model!.planes.map((plane) => 255 * Math.sqrt(varianceAt(plane, 0.5)));
    expect(brightness).toBeLessThan(1.5);
    expect(Math.min(u, v)).toBeGreaterThan(7);
  });

  it('is as strong as light makes it on coloured grounds, where every colour has its own', () => {
    const photons = 30;
    const light = (i: number) => {
      const [x, y] = place(i % n);
      const bright = 0.35 + 0.25 * Math.sin(x / 19) * Math.cos(y / 23);
      return bright * [1.5, 1, 0.5][(Math.floor(i / n) + (x < width / 2 ? 0 : 1)) % 3];
    };
    const colour = Float32Array.from({ length: 3 * n }, (_, i) => {
      const noisy = light(i) + Math.sqrt(light(i) / photons) * normal(key, i);
      return Math.min(1, Math.max(0, noisy));
    });
    const spectra = atOnce(spectraOf({ width, height, channels: 3, colour, alpha: null }, 8));
    const found = { kind: 'white', spectra, blocks: all(spectra), brightness: 1 } as const;
    const { model, shot } = atOnce(measureNoise(found));
    expect(shot).toBe(true);
    const variance = model!.planes.reduce((sum, plane) => sum + varianceAt(plane, 0.35), 0) / 3;
    expect(variance / (0.35 / photons)).toBeCloseTo(1, 1);
  });
});
