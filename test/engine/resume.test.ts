import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Journal } from '../../src/engine/checkpoints/journal.ts';
import {
  CheckpointError,
  type PlanarImage,
  type Progress,
  type RasterImage,
  type RestoreOptions,
  RunControl,
  restoration,
  restore,
} from '../../src/engine/index.ts';
import { Copies } from '../../src/engine/run/copies.ts';
import { noisy as noisyScene, scene } from '../support/pictures.ts';
import { cleanRaster, noisy } from './images.ts';

afterEach(() => vi.restoreAllMocks());

/** A checkpoint of what was asked for, taken after so many steps, with which it ends. */
async function interrupted(image: RasterImage, options: RestoreOptions, after: number) {
  const control = new RunControl();
  const leave = new AbortController();
  let taken: Promise<Uint8Array> | undefined;
  const onProgress = ({ step }: Progress) => {
    if (taken || step < after) return;
    taken = control.checkpoint();
    taken.then(() => leave.abort());
  };
  const run = restore(image, { ...options, control, onProgress, signal: leave.signal });
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  return taken!;
}

// As many steps as it takes to be interrupted.
vi.mock(import('../../src/engine/zero-shot/settings.ts'), async (original) => ({
  ...(await original()),
  LEARNING_NOISE: { channels: 4, steps: 24, laterSteps: 0, largestStep: 2, seeds: 1, views: 1 },
}));

/** 8-bit RGBA, opaque. */
function raster({ planes, width, height }: PlanarImage): RasterImage {
  const data = Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) =>
    i % 4 === 3 ? 255 : Math.round(255 * planes[i % 4][i >> 2]),
  );
  return { data, width, height };
}

const small = noisy(cleanRaster(24, 20), 25);
const network = {
  task: 'denoise',
  prior: 'network',
  expert: { net: '4x2' },
  executor: 'wasm',
  previewEveryMs: 0,
} as const;

describe('a restoration goes on from a checkpoint to the same pixels and losses', () => {
  beforeEach(() => {
    vi.spyOn(Copies.prototype, 'isDue').mockReturnValue(true);
  });

  it.each<[string, RasterImage, RestoreOptions, number]>([
    ['in its first run', small, { ...network, expert: { ...network.expert, steps: 80, runs: 1 } }, 33],
    ['in its second run', small, { ...network, expert: { ...network.expert, steps: 80, runs: 2 } }, 97],
    [
      'with a first answer',
      raster(noisyScene(scene(64, 64), 25)),
      { task: 'denoise', quality: 'best', executor: 'wasm', previewEveryMs: 0 },
      12,
    ],
    [
      'in its second part',
      noisy(cleanRaster(110, 40), 25),
      { ...network, expert: { ...network.expert, steps: 48, runs: 1, partSide: 64 } },
      65,
    ],
    ['of an enlargement', cleanRaster(16, 16), { task: 'upscale', quality: 'fast', executor: 'wasm' }, 60],
  ])('%s', async (_, image, options, after) => {
    const checkpoint = await interrupted(image, options, after);
    const whole = await restore(image, options);
    let first = 0;
    const onProgress = ({ step }: Progress) => {
      first ||= step;
    };
    const again = await restore(image, { ...options, checkpoint, onProgress });
    expect(again.image.data).toEqual(whole.image.data);
    expect(again.losses).toEqual(whole.losses);
    expect(again.parts).toBe(whole.parts);
    expect(first).toBeGreaterThan(after - 17); // what was not decided on, a block of 16 steps, is done again
  });
});

it('leaves a first answer for checkpoints as it was found, whatever the last word makes of it', async () => {
  const kept: Float32Array[] = [];
  vi.spyOn(Journal.prototype, 'keep').mockImplementation((name, { planes }) => {
    if (name === 'first') kept.push(planes.colour, planes.colour.slice());
  });
  const image = noisy(cleanRaster(64, 64), 25);
  await restore(image, { task: 'denoise', quality: 'fast', control: new RunControl() });
  expect(kept).toHaveLength(2);
  expect(kept[0].every((value, i) => value === kept[1][i])).toBe(true);
});

describe('a checkpoint', () => {
  const options: RestoreOptions = { ...network, expert: { ...network.expert, steps: 50, runs: 1 } };
  const refused = (image: RasterImage, more: Partial<RestoreOptions>) =>
    expect(restore(image, { ...options, ...more })).rejects;

  it('of another image, of other options, cut short or spoilt is refused', async () => {
    const checkpoint = await interrupted(small, options, 3);
    await restore(small, { ...options, checkpoint, maxSeconds: 60 }); // may differ
    await refused(noisy(small, 1), { checkpoint }).toThrow(CheckpointError);
    await refused(small, { checkpoint, seed: 1 }).toThrow(/other options/);
    await refused(small, { checkpoint: checkpoint.subarray(0, -4) }).toThrow(/not whole/);
    const spoilt = checkpoint.slice();
    spoilt[spoilt.length >> 1] ^= 1;
    await refused(small, { checkpoint: spoilt }).toThrow(/not whole/);
    await refused(small, { checkpoint: new Uint8Array(5) }).toMatchObject({ code: 'checkpoint' });
  });

  it('cannot be taken of what is over', async () => {
    const run = restoration(small, { ...options, expert: { ...options.expert, steps: 1 } });
    await run.result;
    await expect(run.checkpoint()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a pause', () => {
  const options: RestoreOptions = { ...network, expert: { ...network.expert, steps: 200, runs: 1 } };

  it('stops the work and its clock, answers for a checkpoint, and ends', async () => {
    const run = restoration(small, { ...options, expert: { ...options.expert, steps: 40 }, maxSeconds: 60 });
    const reports = run[Symbol.asyncIterator]();
    await reports.next();
    run.pause();
    const checkpoint = await run.checkpoint();
    expect(run.paused).toBe(true);
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 100_000); // longer than it may take
    run.resume();
    const { image, stoppedBy, seconds } = await run.result;
    expect([stoppedBy, seconds < 60]).toEqual(['steps', true]);
    expect(
      (await restore(small, { ...options, expert: { ...options.expert, steps: 40 }, checkpoint })).image,
    ).toEqual(image);
  });

  it.each(['stop', 'abort'] as const)('gives way to %s', async (how) => {
    const leave = new AbortController();
    const run = restoration(small, { ...options, signal: leave.signal });
    await run[Symbol.asyncIterator]().next();
    run.pause();
    setTimeout(() => (how === 'stop' ? run.stop() : leave.abort(new Error('the visitor left'))), 20);
    if (how === 'stop') expect((await run.result).stoppedBy).toBe('user');
    else await expect(run.result).rejects.toThrow('the visitor left');
  });
});
