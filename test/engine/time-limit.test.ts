import { afterEach, describe, expect, it, vi } from 'vitest';
import { type PlanarImage, psnr, type RestoreOptions, restore } from '../../src/engine/index.ts';
import { jpegOf } from '../jpeg/support.ts';
import { noisy, scene } from '../support/pictures.ts';

afterEach(() => vi.restoreAllMocks());

/** Looks at the clock, of which there is one between any two pieces of work. */
let looks = 0;

/** A restoration by a clock that a look takes a second of, however busy the machine is. */
async function timed(image: PlanarImage, options: RestoreOptions) {
  looks = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => 1000 * ++looks);
  const result = await restore(image, { quality: 'fast', previewEveryMs: 0, ...options });
  return { ...result, looks };
}

const [WIDE, HIGH] = [384, 64];
const holes = (thickness: number) => {
  const data = Uint8Array.from({ length: WIDE * HIGH }, (_, i) =>
    (i % WIDE) % 128 < thickness && Math.floor(i / WIDE) < 48 ? 0 : 255,
  );
  return { data, width: WIDE, height: HIGH };
};
const compressed = async (): Promise<[PlanarImage, RestoreOptions]> => {
  const { file, image } = await jpegOf(scene(WIDE, HIGH), { quality: 20 });
  const planes = [0, 1, 2].map((c) =>
    Float32Array.from({ length: WIDE * HIGH }, (_, i) => image.data[4 * i + c] / 255),
  );
  return [
    { planes, width: WIDE, height: HIGH },
    { task: 'dejpeg', file },
  ];
};

/** Seconds are looks; all that is begun afterwards is counted, but for the pieces of what comes all the same: a smooth fill, a plain enlargement. */
describe('the time that is given is all that is taken', () => {
  it.each<[string, number, number, () => Promise<[PlanarImage, RestoreOptions]>]>([
    ['to find out what is wrong', 600, 60, async () => [noisy(scene(WIDE, HIGH), 25), { task: 'auto' }]],
    ['to take noise out', 600, 60, async () => [noisy(scene(WIDE, HIGH), 25), { task: 'denoise' }]],
    ['to take artefacts out', 300, 60, compressed],
    ['to fill strokes', 150, 120, async () => [scene(WIDE, HIGH), { task: 'inpaint', mask: holes(4) }]],
    ['to fill holes', 2000, 160, async () => [scene(WIDE, HIGH), { task: 'inpaint', mask: holes(40) }]],
    ['to enlarge', 1500, 1200, async () => [scene(WIDE, HIGH), { task: 'upscale', scale: 2 }]],
  ])('%s', async (_name, maxSeconds, plain, made) => {
    const [image, options] = await made();
    for (const seconds of [0.5, maxSeconds]) {
      const { stoppedBy, notes, looks } = await timed(image, { ...options, maxSeconds: seconds });
      expect(stoppedBy).toBe('time');
      expect(notes.join()).toMatch(/time ran out/);
      expect(looks).toBeLessThan(1.1 * seconds + plain);
    }
  });
});

it('a network that is cut leaves what there was before it', async () => {
  const [clean, size] = [scene(96, 96), 96];
  const input = noisy({ ...clean, width: size, height: size }, 25);
  const before = await restore(input, { quality: 'fast', task: 'denoise' });
  const { image, stages, stoppedBy } = await timed(input, {
    ...{ task: 'denoise', quality: 'best', executor: 'wasm', maxSeconds: 1500 },
    diagnosis: before.diagnosis,
  });
  expect([stages, stoppedBy]).toEqual([['nonlocal', 'network'], 'time']);
  expect(psnr(image, clean)).toBeGreaterThan(psnr(before.image, clean) - 0.1);
});
