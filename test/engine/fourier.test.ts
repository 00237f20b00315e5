import { expect, it } from 'vitest';
import { Fourier } from '../../src/engine/image/fourier.ts';
import { normal, streamKey } from '../../src/engine/random.ts';

it.each([2, 8, 64])('is the sum of a series of %i times the roots of one', (length) => {
  const series = Float64Array.from({ length: 2 * length }, (_, i) => normal(streamKey(3, length), i));
  const wanted = Array.from({ length }, (_, k) => {
    let [real, imaginary] = [0, 0];
    for (let i = 0; i < length; i++) {
      const angle = (-2 * Math.PI * i * k) / length;
      real += series[2 * i] * Math.cos(angle) - series[2 * i + 1] * Math.sin(angle);
      imaginary += series[2 * i] * Math.sin(angle) + series[2 * i + 1] * Math.cos(angle);
    }
    return [real, imaginary];
  }).flat();
  new Fourier(length).transform(series);
  for (const [i, value] of wanted.entries()) expect(series[i]).toBeCloseTo(value, 10);
});
