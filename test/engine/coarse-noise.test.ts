import { describe, expect, it } from 'vitest';
import { psnr } from '../../src/engine/index.ts';
import { paint } from '../../src/eval/corpus/draw.ts';
import { damaged } from '../../src/eval/harm/damages.ts';
import { restore } from '../../src/node/index.ts';

describe('noise that is alike over more pixels than a patch has', () => {
  it('is taken out at half the size first: blotches of colour at night', async () => {
    const dark = paint(160, 144, (x, y) =>
      [0.12, 0.1, 0.14].map((value, c) => value + 0.05 * Math.sin(x / 40 + c) * Math.cos(y / 35)),
    );
    const noisy = await damaged(dark, 'chroma-14', 3);
    const { image, task, stages } = await restore(noisy, { task: 'auto', quality: 'fast', executor: 'wasm' });
    expect({ task, stages }).toEqual({ task: 'denoise', stages: ['nonlocal'] });
    expect(psnr(image, dark)).toBeGreaterThan(psnr(noisy, dark) + 8);
  });
});
