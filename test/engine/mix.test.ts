import { expect, it } from 'vitest';
import { mixByErrors } from '../../src/engine/mix.ts';

it('gives the other answer its share where both agree within their errors, and less where it errs by more', () => {
  const [width, height] = [96, 8];
  const first = new Float32Array(width * height).fill(0.5);
  const other = first.map((value, i) => value + (i % width < 48 ? 0.1 : 0.4));
  const mixed = mixByErrors(first, other, { width, height, most: 0.3, error: 0.004 });
  expect(mixed[10]).toBeCloseTo(0.53, 5);
  expect(mixed[85]).toBeCloseTo(0.5 + (0.004 / 0.16) * 0.4, 5);
  expect(mixByErrors(first, other, { width, height, most: 0.3 })[85]).toBeCloseTo(0.62, 5);
});
