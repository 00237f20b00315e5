import { describe, expect, it } from 'vitest';
import type { Task } from '../../src/engine/choices.ts';
import { estimate } from '../../src/engine/estimate/estimate.ts';
import { bytesHeld } from '../../src/engine/estimate/memory.ts';

// By npm run bench:memory at `fast` with two threads: megapixels of the result, MB beside the image, less those of a network's run.
it.each([
  ['denoise', 0.25, 105],
  ['denoise', 1, 175],
  ['denoise', 4, 328],
  ['denoise', 12, 693],
  ['denoise', 48, 2088],
  ['dejpeg', 0.25, 107],
  ['dejpeg', 1, 152],
  ['dejpeg', 4, 298],
  ['dejpeg', 12, 706],
  ['upscale', 16, 719],
  ['upscale', 48, 2062],
  ['upscale', 192, 7804],
  ['inpaint', 1, 190],
  ['inpaint', 12, 1279],
] satisfies [Task, number, number][])(
  '%s of %f megapixels holds what was measured, within an eighth',
  (task, megapixels, measured) => {
    const held = bytesHeld({ task, pixels: 1e6 * megapixels, planes: 3, threads: 2, copies: false });
    expect(Math.abs(held / (1e6 * measured) - 1)).toBeLessThan(1 / 8);
  },
);

describe('filling', () => {
  const filled = (worked: number, copies: boolean) =>
    bytesHeld({ task: 'inpaint', pixels: 12e6, planes: 3, threads: 2, copies, worked }) / 1e6;

  it.each([
    ['a dot', 0.01e6, false, 464],
    ['a hole of 500 × 500', 3.06e6, true, 811],
    ['scratches with broad specks everywhere', 12e6, true, 2389],
  ])('of 12 megapixels holds what was measured, within a fifth: %s', (_, worked, copies, measured) => {
    expect(Math.abs(filled(worked, copies) / measured - 1)).toBeLessThan(1 / 5);
  });

  it('is told by the hole as it is filled: a corner is not as thick as its farthest pixel lies deep', async () => {
    const side = 96;
    const plane = Float32Array.from({ length: side ** 2 }, (_, i) => (i % 7) / 7);
    const data = Uint8Array.from(plane, (_, i) => (i % side < 20 && i < 20 * side ? 0 : 255));
    const mask = { data, width: side, height: side };
    const image = { width: side, height: side, planes: [plane] };
    const { fast } = await estimate(image, { task: 'inpaint', mask }, ['fast']);
    const worked = (20 + 48) ** 2; // with what is looked at around it
    const held = { pixels: side ** 2, planes: 1, threads: 1, copies: false, worked };
    expect(fast.bytes).toBe(bytesHeld({ task: 'inpaint', ...held }));
  });
});
