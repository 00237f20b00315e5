import { describe, expect, it } from 'vitest';
import { dominantWaves, type Wave } from '../../src/engine/image/spectrum.ts';
import { wavePlanes } from '../../src/engine/network/initialise.ts';
import { normal, streamKey, uniform } from '../../src/engine/random.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height] = [150, 101];
const n = width * height;
const noise = (key: number, std: number) => Float32Array.from({ length: n }, (_, i) => std * normal(key, i));

/** A ramp, noise and some waves. */
function texture(waves: readonly Wave[], std: number): Float32Array {
  return noise(streamKey(5, 0), std).map((value, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const wave = ({ down, across }: Wave) => 0.1 * Math.cos(2 * Math.PI * (down * y + across * x) + 1);
    return value + 0.4 + 0.001 * x + waves.reduce((sum, w) => sum + wave(w), 0);
  });
}

describe('dominantWaves', () => {
  const two: Wave[] = [
    { down: -0.2113, across: 0.2447 },
    { down: 0.1219, across: 0.3851 },
  ];
  const half = Float32Array.from({ length: n }, (_, i) => (uniform(streamKey(9, 0), i) < 0.5 ? 1 : 0));

  it.each([
    ['of a whole picture', null],
    ['where half of the pixels are missing', half],
  ])('finds the waves of a texture to a tenth of a bin, %s', (_, known) => {
    const colour = new Float32Array(2 * n);
    colour.set(texture(two, 0.05));
    colour.set(texture(two, 0.05), n);
    const found = dominantWaves(
      known ? colour.map((v, i) => v * known[i % n]) : colour,
      known,
      width,
      height,
      2,
    );
    expect(found).toHaveLength(2);
    for (const wave of two) {
      const near = found.find((w) => Math.hypot(w.down - wave.down, w.across - wave.across) < 0.1 / 101);
      expect(near, `${wave.down}, ${wave.across} among ${JSON.stringify(found)}`).toBeDefined();
    }
  });

  it('finds none in noise, in a ramp, in nothing', () => {
    expect(dominantWaves(noise(streamKey(1, 0), 0.1), null, width, height, 8)).toEqual([]);
    expect(dominantWaves(noise(streamKey(2, 0), 0.1), half, width, height, 8)).toEqual([]);
    expect(dominantWaves(new Float32Array(n).fill(0.3), null, width, height, 8)).toEqual([]);
    expect(dominantWaves(new Float32Array(64), new Float32Array(64), 8, 8, 8)).toEqual([]);
  });
});

describe('wavePlanes', () => {
  it('makes of each wave two planes whose sums are that wave at any phase', () => {
    const wave = { down: 0.13, across: -0.07 };
    const planes = atOnce(wavePlanes([wave], 9, 11, 0.1));
    expect(planes).toHaveLength(2 * 99);
    for (let i = 0; i < 99; i++) {
      const angle = 2 * Math.PI * (wave.down * Math.floor(i / 11) + wave.across * (i % 11));
      const [a, b] = [planes[i], planes[99 + i]].map((value) => value / 0.05 - 1);
      expect(Math.cos(0.7) * a + Math.sin(0.7) * b).toBeCloseTo(Math.cos(angle + 0.7), 5);
    }
  });
});
