import { expect, it } from 'vitest';
import { mixByErrors } from '../../src/engine/mix.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height] = [96, 8];
const errors = { noise: 0.01, own: 0.4, busy: 1 / 3 };

it('gives the other answer its share where both agree within their errors, and less where it errs by more', () => {
  const first = new Float32Array(width * height).fill(0.5);
  const other = first.map((value, i) => value + (i % width < 48 ? 0.1 : 0.4));
  const mixed = atOnce(mixByErrors(first, other.slice(), { width, height, most: 0.3, errors }));
  expect(mixed[10]).toBeCloseTo(0.53, 5);
  expect(mixed[85]).toBeCloseTo(0.5 + (0.004 / 0.16) * 0.4, 5);
  expect(atOnce(mixByErrors(first, other.slice(), { width, height, most: 0.3 }))[85]).toBeCloseTo(0.62, 5);
});

it('gives it less of a share on stripes, which both know as badly, and the same in strips as at once', () => {
  const [w, h] = [600, 300];
  const stripes = Float32Array.from({ length: w * h }, (_, i) => 0.5 + (i % w >= 300 && i % 4 < 2 ? 0.2 : 0));
  const mixed = atOnce(
    mixByErrors(
      stripes,
      stripes.map((value) => value + 0.05),
      { width: w, height: h, most: 0.5, errors },
    ),
  );
  for (const row of [0, 110, 299]) {
    expect(mixed[row * w + 100]).toBeCloseTo(0.525, 5);
    // Every other pixel rises or falls by twice the noise's deviation, and the share is 1 / (1 + 2 / (1 / 3)) of .5.
    expect(mixed[row * w + 500] - stripes[row * w + 500]).toBeCloseTo(0.025 / 7, 4);
  }
});
