import { expect, it } from 'vitest';
import { downsample, sampledSize, sharpen, upsample } from '../../src/engine/jpeg/sampling.ts';

it.each([
  [2, 2, 22, 14],
  [2, 2, 23, 13],
  [2, 1, 9, 8],
  [1, 2, 8, 9],
  [1, 1, 9, 9],
  [2, 2, 1, 3],
])('samples that span %d × %d px are found again in %d × %d px', (across, down, width, height) => {
  const size = { width: sampledSize(width, across), height: sampledSize(height, down) };
  const data = Float32Array.from({ length: size.width * size.height }, (_, i) => 100 * Math.sin(i * i));
  const pixels = upsample({ data, ...size }, { across, down }, width, height);
  expect([pixels.width, pixels.height]).toEqual([width, height]);
  const found = sharpen(downsample(pixels, { across, down }), { across, down }, width, height);
  data.forEach((value, i) => {
    expect(found.data[i]).toBeCloseTo(value, 3);
  });
});
