import { expect, it } from 'vitest';
import type { Task } from '../../src/engine/choices.ts';
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
  ['inpaint', 0.25, 111],
  ['inpaint', 1, 241],
] satisfies [Task, number, number][])(
  '%s of %f megapixels holds what was measured, within an eighth',
  (task, megapixels, measured) => {
    const held = bytesHeld({ task, pixels: 1e6 * megapixels, planes: 3, threads: 2, copies: false });
    expect(Math.abs(held / (1e6 * measured) - 1)).toBeLessThan(1 / 8);
  },
);
