import { expect, it } from 'vitest';
import { analyse } from '../../src/engine/diagnosis/at-once.ts';
import { evenNoise } from '../../src/engine/diagnosis/noise.ts';
import { findDrawn } from '../../src/engine/image/drawn.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { psnr } from '../../src/engine/metrics.ts';
import type { PlanarImage } from '../../src/engine/options.ts';
import { restore } from '../../src/engine/restore.ts';
import { never } from '../../src/engine/stopping/pace.ts';
import { drawnUnderNoise } from '../../src/engine/tasks/drawn-under-noise.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { drawing } from '../support/drawing.ts';
import { noisy } from '../support/pictures.ts';

const SHAPES = drawing((x, y) => Math.hypot(x - 26, y - 27) < 17.3 || Math.hypot(x - 58, y - 20) < 8.2);
const STROKES = drawing((x, y) => x > 8 && x < 60 && y > 8 && y < 44 && (x + 0.3 * y) % 9 < 1.3);

it.each([
  ['shapes', SHAPES],
  ['strokes', STROKES],
] as const)(
  'noise over small %s is taken out before they are enlarged, in flat colours',
  async (_, original) => {
    const options = { task: 'upscale', scale: 2, quality: 'fast' } as const;
    const { image, notes, stages } = await restore(noisy(original, 12), options);
    expect([notes.join(' '), stages]).toEqual([expect.stringContaining('noise was taken out'), ['nonlocal']]);
    const of = toPicture(image);
    expect(Math.min(...atOnce(findDrawn(of)).share)).toBe(1);
    const { image: clean } = await restore(original, options);
    expect(psnr(image, clean)).toBeGreaterThan(27);
  },
);

it('a faint line that noise is not like is no flat area', () => {
  const faint = SHAPES.planes.map((plane) =>
    plane.map((v, i) => (Math.floor(i / SHAPES.width) === 50 ? v - 0.055 : v)),
  );
  const found = (original: PlanarImage) => {
    const picture = toPicture(noisy(original, 12));
    const diagnosis = { ...analyse(original), noise: evenNoise(3, 12) };
    return atOnce(drawnUnderNoise(picture, toPicture(original), diagnosis, never));
  };
  expect(found(SHAPES)).toBeDefined();
  expect(found({ ...SHAPES, planes: faint })).toBeUndefined();
});
