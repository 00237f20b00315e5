import { describe, expect, it } from 'vitest';
import { toPicture, toPlanes } from '../../src/engine/image/picture.ts';

describe('toPlanes', () => {
  it('gives samples that may be given back: sums of parts can be a rounding outside', () => {
    const n = 64;
    const colour = Float32Array.from({ length: n }, (_, i) => [-1e-11, 1 + 1e-7, 0.5][i % 3]);
    const planes = toPlanes({ width: 8, height: 8, channels: 1, colour, alpha: null });
    expect(toPicture(planes).colour.slice(0, 3)).toEqual(Float32Array.of(0, 1, 0.5));
  });
});
