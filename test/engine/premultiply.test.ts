import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/engine/image/picture.ts';
import { premultiply, unpremultiply } from '../../src/engine/image/premultiply.ts';
import { resize } from '../../src/engine/image/resize.ts';

const [width, height] = [9, 7];
const n = width * height;
const alpha = Float32Array.from({ length: n }, (_, i) => [0, 0.25, 1][i % 3]);

describe('premultiply', () => {
  it.each([1, 3] as const)('is undone by unpremultiply wherever something shows, %i channels', (channels) => {
    const colour = Float32Array.from({ length: channels * n }, (_, i) => (i % 11) / 11);
    const picture: Picture = { width, height, channels, colour, alpha };
    const back = unpremultiply(premultiply(picture));
    expect(back.alpha).toEqual(alpha);
    expect(back.channels).toBe(channels);
    back.colour.forEach((value, i) => {
      expect(value).toBeCloseTo(alpha[i % n] > 0 ? colour[i] : 0, 6);
    });
  });

  it('leaves opaque pictures alone', () => {
    const picture: Picture = { width, height, channels: 1, colour: alpha, alpha: null };
    expect(unpremultiply(premultiply(picture))).toBe(picture);
  });
});

describe('resize', () => {
  it.each(['bicubic', 'lanczos3'] as const)(
    'keeps one colour one colour whatever hides beside it: %s',
    (filter) => {
      const shape = Float32Array.from({ length: n }, (_, i) => (i % width < 4 ? 1 : 0));
      const colour = shape.map((a) => (a > 0 ? 0.6 : 0));
      const large = resize({ width, height, channels: 1, colour, alpha: shape }, 31, 20, filter);
      large.colour.forEach((value, i) => {
        if (large.alpha![i] > 0.01) expect(value).toBeCloseTo(0.6, 3);
      });
    },
  );
});
