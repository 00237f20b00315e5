import { describe, expect, it } from 'vitest';
import { interpolate, type Smoothness } from '../../src/engine/image/interpolate.ts';

const plane = (width: number, height: number, f: (x: number, y: number) => number) =>
  Float32Array.from({ length: width * height }, (_, i) => f(i % width, Math.floor(i / width)));

const [width, height] = [37, 29];
const disc = (radius: number) =>
  Uint8Array.from(plane(width, height, (x, y) => (Math.hypot(x - 17, y - 13) < radius ? 0 : 1)));

function worst(f: (x: number, y: number) => number, known: Uint8Array, smoothness: Smoothness): number {
  const wanted = plane(width, height, f);
  const damaged = wanted.map((value, i) => (known[i] ? value : 9));
  const filled = interpolate(damaged, known, width, height, smoothness);
  return Math.max(...filled.map((value, i) => Math.abs(value - wanted[i])));
}

describe('interpolate', () => {
  it.each([2, 5, 9])('a membrane continues harmonic functions, hole radius %i', (radius) => {
    expect(worst((x, y) => 0.3 + 0.02 * x - 0.01 * y, disc(radius), 'membrane')).toBeLessThan(2e-3);
    expect(worst((x, y) => (x * x - y * y) / 1000, disc(radius), 'membrane')).toBeLessThan(2e-3);
  });

  it.each([2, 5])('a thin plate continues slopes and bends, hole radius %i', (radius) => {
    const cubic = (x: number, y: number) => (x ** 3 - 3 * x * y * y) / 2e4 + (x * y) / 900;
    expect(worst(cubic, disc(radius), 'thinPlate')).toBeLessThan(2e-3);
    expect(worst((x, y) => (x * x + y * y) / 1000, disc(radius), 'thinPlate')).toBeLessThan(0.02);
  });

  it('reaches the border of the image, and leaves known values as they are', () => {
    const known = Uint8Array.from(plane(width, height, (x, y) => (x < 6 || y > 20 ? 0 : 1)));
    const values = plane(width, height, (x, y) => Math.sin(x / 5) * Math.cos(y / 7));
    const filled = interpolate(values, known, width, height, 'membrane');
    filled.forEach((value, i) => {
      if (known[i]) expect(value).toBe(values[i]);
      else expect(Math.abs(value)).toBeLessThanOrEqual(1);
    });
  });

  it('has nothing to go by where nothing is known, and nothing to do where all is', () => {
    const values = plane(8, 8, (x) => x);
    expect(interpolate(values, new Uint8Array(64), 8, 8, 'membrane')).toEqual(new Float32Array(64));
    expect(interpolate(values, new Uint8Array(64).fill(1), 8, 8, 'thinPlate')).toEqual(values);
  });
});
