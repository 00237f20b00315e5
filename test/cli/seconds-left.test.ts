import { afterEach, expect, it, vi } from 'vitest';
import { secondsLeft } from '../../src/cli/seconds-left.ts';
import { scene } from '../support/pictures.ts';

afterEach(() => vi.restoreAllMocks());

const image = {
  ...scene(64, 64),
  format: { bits: 8, grey: false, alpha: false },
  metadata: {},
  notes: [],
  container: 'png',
} as unknown as Parameters<typeof secondsLeft>[1];

it('keeps what went by and what writing is going to take', async () => {
  let now = 4000;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 100;
    return now;
  });
  // 4 s went by, and 0.2; a quarter of the result took 0.1 to write.
  const given = { seconds: 10, began: 0 };
  expect(await secondsLeft(given, image, { format: 'png', scale: 2 })).toBeCloseTo(10 - 4.3 - 0.4, 6);
  expect(await secondsLeft({ ...given, seconds: 2 }, image, { format: 'png', scale: 1 })).toBe(0.001);
});
