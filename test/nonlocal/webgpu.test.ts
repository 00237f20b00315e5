import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutorChoice } from '../../src/engine/choices.ts';
import { requestAdapter } from '../../src/engine/executors/webgpu/device.ts';
import { FIRST, LARGE, SMALL } from '../../src/engine/nonlocal/denoise.ts';
import { createDenoisePool, type Wanted } from '../../src/engine/nonlocal/denoise-pool.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { stepNoise } from '../../src/engine/nonlocal/noise-tables.ts';
import { createPool } from '../../src/engine/nonlocal/pool.ts';
import { denoiseReference } from '../../src/engine/nonlocal/reference.ts';
import { ROUNDS, SPACING } from '../../src/engine/nonlocal/rounds.ts';
import { stripTask } from '../../src/engine/nonlocal/strip.ts';
import { openGpuPool, proveGpuPool } from '../../src/engine/nonlocal/webgpu/open.ts';
import { GpuPool } from '../../src/engine/nonlocal/webgpu/pool.ts';
import { COMPILES, host, missing, open } from '../executors/webgpu/open.ts';
import { expectSums, STRIP_CASES } from './strip-cases.ts';

describe('the rounds of references', () => {
  it('have each of a square once, the first ones far apart', () => {
    expect(new Set(ROUNDS.map(([row, column]) => row * SPACING + column)).size).toBe(SPACING ** 2);
    expect(ROUNDS.slice(0, 4)).toEqual([
      [0, 0],
      [4, 4],
      [0, 4],
      [4, 0],
    ]);
  });
});

describe('a graphics card', () => {
  it('is asked for once, where it pays and nobody asked for something else', async () => {
    let asked = 0;
    const gpu = {
      requestAdapter: async () => {
        asked++;
        return null;
      },
    };
    const wanted = { pixels: 2 ** 18, noise: white, steps: [settings] };
    const ask = async (...[executor, more]: [ExecutorChoice, Partial<Wanted>?]) => {
      (await createDenoisePool({ gpu }, executor, { ...wanted, ...more })).dispose();
      return asked;
    };
    expect(await ask('wasm')).toBe(0);
    expect(await ask('auto', { pixels: 2 ** 18 - 1 })).toBe(0);
    expect(await ask('auto')).toBe(1);
    expect(await ask('webgpu')).toBe(1);
  });
});

const PATIENCE = 300_000;
const noRescue = () => Promise.reject(new Error('no rescue in this test'));
const white = whiteNoise(1, 25);
const [, strip, , settings] = STRIP_CASES[1];
const makeTask = () => stripTask(strip, stepNoise(white, settings.patch), settings);

describe.skipIf(missing !== null)(
  `non-local Bayes on WebGPU${missing ? ` (${missing})` : ''}`,
  COMPILES,
  () => {
    let pool: GpuPool;

    beforeAll(async () => {
      pool = new GpuPool((await open()).device, 'a card', noRescue, PATIENCE);
    });

    afterAll(() => pool.dispose());

    it.each(STRIP_CASES)('computes what the plain loops do: %s', async (_, planes, model, settings) => {
      const noise = stepNoise(model, settings.patch);
      const sums = await pool.compute(stripTask(planes, noise, settings));
      expectSums(planes, sums, denoiseReference(planes, noise, settings));
    });

    it('computes every step of a coloured picture within the limits that all devices have', async () => {
      const device = (await (await requestAdapter(host)).requestDevice()) as GPUDevice;
      expect(device.limits.maxComputeWorkgroupStorageSize).toBe(16384);
      const least = new GpuPool(device, 'a card', noRescue, PATIENCE);
      await proveGpuPool(least, whiteNoise(3, 25), [FIRST, LARGE, SMALL]);
      least.dispose();
    });

    it('is not relied on where it computes something else', async () => {
      const wrong = {
        compute: async (...task: Parameters<GpuPool['compute']>) =>
          (await pool.compute(...task)).map((value, i) => (i === 100 ? value + 0.01 : value)),
      };
      await expect(proveGpuPool(wrong, white, [settings])).rejects.toThrow('other numbers');
    });

    it('never runs on an adapter in software', async () => {
      await expect(openGpuPool(host, white, [settings])).rejects.toThrow('software');
    });

    it('is replaced by the processor when its device is lost, and stays so', async () => {
      const lost = new GpuPool((await open()).device, 'a card', () => createPool(undefined), PATIENCE);
      const local = await createPool(undefined);
      lost.device.destroy();
      const expected = await local.run(makeTask);
      for (let i = 0; i < 2; i++) expect(await lost.run(makeTask)).toEqual(expected);
      expect(lost.count).toBe(1);
      expect(lost.devices.map(({ executor }) => executor)).toEqual(['webgpu', 'wasm']);
      lost.dispose();
      local.dispose();
    });

    it('ends when disposed, whatever the device still owes', async () => {
      const ended = new GpuPool((await open()).device, 'a card', noRescue, PATIENCE);
      const outcome = expect(ended.run(makeTask)).rejects.toMatchObject({ name: 'AbortError' });
      ended.dispose();
      await outcome;
      await expect(ended.run(makeTask)).rejects.toMatchObject({ name: 'AbortError' });
    });
  },
);
