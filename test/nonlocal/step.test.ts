import { expect, it } from 'vitest';
import { FIRST } from '../../src/engine/nonlocal/denoise.ts';
import type { KernelTask } from '../../src/engine/nonlocal/kernels.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { stepNoise } from '../../src/engine/nonlocal/noise-tables.ts';
import { runStep, stripsOf } from '../../src/engine/nonlocal/step.ts';
import { type StripPlanes, stripTask } from '../../src/engine/nonlocal/strip.ts';
import { unhurried } from '../../src/engine/stopping/pace.ts';

it('a strip that takes long keeps no other worker waiting', async () => {
  const [width, height] = [16, 64 * 6];
  const samples = new Float32Array(width * height);
  const size = { width, height, planes: 1 } as const;
  const noisy = { ...size, rows: (from: number, to: number) => samples.slice(from * width, to * width) };
  const begun: (() => void)[] = [];
  const done: number[] = [];
  const pool = {
    count: 2,
    devices: [],
    dispose: () => {},
    run: (make: () => KernelTask) => {
      const { to, from } = make();
      const sums = new Float32Array((to - from) / 4).fill(1);
      return new Promise<Float32Array>((resolve) => begun.push(() => resolve(sums)));
    },
  };
  const noise = stepNoise(whiteNoise(1, 25), FIRST.patch);
  const task = (strip: StripPlanes) => stripTask(strip, noise, FIRST);
  const step = runStep(
    noisy,
    { ...size, samples },
    false,
    { ...FIRST, task },
    {
      ...{ pool, pace: unhurried() },
      progress: async (share) => void done.push(share),
    },
  );
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
  await settle();
  expect(begun).toHaveLength(2);
  for (let i = 1; i < 6; i++) {
    begun[i]!();
    await settle();
    expect([begun.length, done.length]).toEqual([Math.min(6, i + 2), 0]);
  }
  begun[0]!();
  await step;
  expect(done).toHaveLength(6);
});

it('a strip of a wide picture has fewer rows, so that none takes long', () => {
  const pixels = (width: number, height: number) => (width * height) / stripsOf({ width, height }, 8);
  expect(stripsOf({ width: 6000, height: 4000 }, 8)).toBe(Math.round(3993 / 64));
  for (const width of [8000, 20_000, 49_000]) expect(pixels(width, 2000)).toBeLessThan(4.2e5);
  expect(stripsOf({ width: 1e6, height: 12 }, 8)).toBe(1);
});
