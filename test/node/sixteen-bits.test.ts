import { expect, it } from 'vitest';
import { psnr, restore } from '../../src/engine/index.ts';
import { normal, streamKey } from '../../src/engine/random.ts';
import { decodeImage } from '../../src/node/decode.ts';
import { encodeImage } from '../../src/node/encode.ts';

it('denoises a file of 16 bits into more levels than 8 have', async () => {
  const [width, height] = [128, 128];
  const size = { width, height };
  // Dark, and so little of the range that 8 bits would have 26 levels for it.
  const ramp = Float32Array.from(
    { length: width * height },
    (_, i) => 0.2 + (0.1 * (i % width)) / width + 0.002 * Math.sin(Math.floor(i / width) / 5),
  );
  const key = streamKey(3, 1);
  const noisy = ramp.map((value, i) => value + (8 / 255) * normal(key, i));
  const format = { bits: 16, grey: true, alpha: false } as const;
  const file = await encodeImage('ramp.png', { planes: [noisy], ...size }, format);
  const given = await decodeImage(file);
  expect(given.format).toEqual(format);
  const { image } = await restore(given, { task: 'denoise', quality: 'fast', executor: 'wasm' });
  const out = await decodeImage(await encodeImage('out.png', image, given.format));
  expect(new Set(out.planes[0]).size).toBeGreaterThan(1000);
  const truth = { planes: [ramp], ...size };
  expect(psnr(out, truth)).toBeGreaterThan(psnr(given, truth) + 12);
  // What 8 bits could tell of the ramp at best.
  expect(psnr(out, truth)).toBeGreaterThan(48);
});
