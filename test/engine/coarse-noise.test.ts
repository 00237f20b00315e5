import { describe, expect, it } from 'vitest';
import { analyse, psnr } from '../../src/engine/index.ts';
import { streamKey } from '../../src/engine/random.ts';
import { paint } from '../../src/eval/corpus/draw.ts';
import { damaged, smearedNoise } from '../../src/eval/harm/damages.ts';
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

  it('is found and taken out where it is wider than what half the size shows', async () => {
    const ground = paint(240, 240, (x, y) =>
      [0.32, 0.3, 0.34].map((value, c) => value + 0.1 * Math.sin(x / 40 + c) * Math.cos(y / 35)),
    );
    const noisy = await damaged(ground, 'chroma-14-wide', 3);
    const { image, task } = await restore(noisy, { task: 'auto', quality: 'fast', executor: 'wasm' });
    expect(task).toBe('denoise');
    expect(psnr(image, ground)).toBeGreaterThan(psnr(noisy, ground) + 2);
  });

  it('is not what brightness has as much of: soft colours of a picture', () => {
    for (const spread of [5, 8]) {
      const colours = [1, 2, 3].map((stream) => smearedNoise(320, 320, spread, streamKey(5, stream)));
      const soft = paint(320, 320, (x, y) => colours.map((plane) => 0.5 + 0.1 * plane[y * 320 + x]));
      expect(analyse(soft).clean).toBe(true);
    }
  });
});
