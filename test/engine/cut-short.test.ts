import { describe, expect, it } from 'vitest';
import { toPicture } from '../../src/engine/image/picture.ts';
import { type PlanarImage, type RestoreOptions, restore } from '../../src/engine/index.ts';
import { denoiseNonlocal } from '../../src/engine/nonlocal/denoise.ts';
import { whiteNoise } from '../../src/engine/nonlocal/noise-model.ts';
import { lastWordTime } from '../../src/engine/run/last-word-time.ts';
import { Reporter } from '../../src/engine/run/reporter.ts';
import { Pace } from '../../src/engine/stopping/pace.ts';
import { jpegOf } from '../jpeg/support.ts';
import { noisy, scene } from '../support/pictures.ts';

/** Stopped at the first word of progress: after one strip, tile or round's tile. */
async function stoppedAtOnce(image: PlanarImage, options: RestoreOptions) {
  const stop = new AbortController();
  const result = await restore(image, {
    ...{ quality: 'fast', previewEveryMs: 0, stopSignal: stop.signal },
    ...options,
    onProgress: () => stop.abort(),
  });
  const rows = (from: number, to: number) =>
    image.planes.some((plane, c) =>
      plane
        .subarray(from * image.width, to * image.width)
        .some((value, i) => Math.abs(value - result.image.planes[c][from * image.width + i]) > 1e-5),
    );
  return { ...result, changed: rows };
}

describe('a first answer that is cut short', () => {
  it('leaves the noise where it did not come to', async () => {
    const { changed, stoppedBy, notes, stages, ranOn } = await stoppedAtOnce(noisy(scene(64, 200), 25), {
      task: 'denoise',
    });
    expect(changed(0, 40)).toBe(true);
    expect(changed(120, 200)).toBe(false);
    expect({ stoppedBy, stages }).toEqual({ stoppedBy: 'user', stages: ['nonlocal'] });
    expect(ranOn).toEqual([{ stage: 'nonlocal', executor: 'wasm', adapter: '1 thread, SIMD' }]);
    expect(notes.join()).toMatch(/Stopped before all/);
  });

  it('leaves the tiles of a JPEG alone that it did not come to', async () => {
    const { file, image } = await jpegOf(scene(40, 300), { quality: 20 });
    const planes = [0, 1, 2].map((c) =>
      Float32Array.from({ length: 40 * 300 }, (_, i) => image.data[4 * i + c] / 255),
    );
    const { changed, stoppedBy } = await stoppedAtOnce(
      { planes, width: 40, height: 300 },
      { task: 'dejpeg', file },
    );
    expect(changed(0, 200)).toBe(true);
    expect(changed(256, 300)).toBe(false);
    expect(stoppedBy).toBe('user');
  });

  it('says that copies into a large hole were cut short', async () => {
    const image = scene(96, 96);
    const data = Uint8Array.from({ length: 96 * 96 }, (_, i) => {
      const [x, y] = [i % 96, Math.floor(i / 96)];
      return Math.max(Math.abs(x - 48), Math.abs(y - 48)) < 16 ? 0 : 255;
    });
    const mask = { data, width: 96, height: 96 };
    const { stoppedBy, notes } = await stoppedAtOnce(image, { task: 'inpaint', mask });
    expect(stoppedBy).toBe('user');
    expect(notes.join()).toMatch(/Stopped before all/);
  });

  it('leaves a hole filled smoothly', async () => {
    const image = scene(64, 200);
    const lost = image.planes.map((plane) => plane.map((value, i) => (i % 64 === 30 ? 0 : value)));
    const mask = Uint8Array.from({ length: 64 * 200 }, (_, i) => (i % 64 === 30 ? 0 : 255));
    const { image: result, stoppedBy } = await stoppedAtOnce(
      { ...image, planes: lost },
      { task: 'inpaint', mask: { data: mask, width: 64, height: 200 } },
    );
    const off = result.planes[0].map((value, i) => Math.abs(value - image.planes[0][i]));
    expect(Math.max(...off)).toBeLessThan(0.4);
    expect(stoppedBy).toBe('user');
  });

  it.each([
    [5, 0.25, 0.5],
    [25, 0, 0.25],
  ])('leaves a share of weak noise that was looked at once: σ %d', async (sigma, least, most) => {
    const grey = { planes: [new Float32Array(64 * 64).fill(0.5)], width: 64, height: 64 };
    let strips = 1;
    const pace = new Pace(() => (strips-- > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY));
    const noise = whiteNoise(1, sigma);
    const result = await denoiseNonlocal(toPicture(noisy(grey, sigma)), noise, { quality: 'fast', pace });
    const left = Math.sqrt(result.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / result.length);
    expect((255 * left) / sigma).toBeGreaterThan(least);
    expect((255 * left) / sigma).toBeLessThan(most);
  });

  it('says that the time ran out', async () => {
    const { stoppedBy, notes } = await restore(noisy(scene(64, 640), 25), {
      ...{ task: 'denoise', quality: 'balanced', maxSeconds: 0.001 },
      // Longer than what may be overrun.
      onProgress: ({ done }) => {
        for (const end = performance.now() + 700; done < 0.1 && performance.now() < end; );
      },
    });
    expect(stoppedBy).toBe('time');
    expect(notes.join()).toMatch(/The time ran out/);
  });
});

describe('the pace', () => {
  it('refuses a piece that would end too late, by the longest so far', async () => {
    let left = 10_000;
    const pace = new Pace((share) => left - 20_000 * share);
    await pace.time(() => new Promise((done) => setTimeout(done, 30)));
    expect(pace.allows(0.4)).toBe(true);
    expect(pace.refused).toBe(false);
    expect(pace.allows()).toBe(false);
    left = Number.NEGATIVE_INFINITY;
    expect(pace.allows()).toBe(false);
    expect(pace.refused).toBe(true);
  });

  it('keeps free what the end takes, but no more than a share of the time', async () => {
    const pace = new Pace(() => 100);
    pace.reserve(1000);
    expect(pace.allows()).toBe(false);
    const reporter = new Reporter({ task: 'denoise', maxSeconds: 10 });
    reporter.reserve(4000);
    expect(Math.round(reporter.left / 1000)).toBe(6);
    reporter.reserve(60_000);
    expect(Math.round(reporter.left / 1000)).toBe(3);
  });

  it('knows what the last word over a large picture takes, and of a small one nothing', async () => {
    const picture = toPicture(scene(400, 400));
    const options: RestoreOptions = { task: 'upscale', maxSeconds: 10 };
    expect(await lastWordTime(picture, 'upscale', options, undefined)).toBeGreaterThan(1);
    expect(await lastWordTime(toPicture(scene(100, 400)), 'upscale', options, undefined)).toBe(0);
  });
});
