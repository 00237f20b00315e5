import { describe, expect, it } from 'vitest';
import { type DamageOptions, damage } from '../../src/damage/damage.ts';
import { poisson } from '../../src/damage/samples.ts';
import type { Reduction } from '../../src/engine/choices.ts';
import type { FileImage } from '../../src/node/image-file.ts';
import { letteringPath, letteringWidth } from '../../src/shared/lettering.ts';

const WIDTH = 61;
const HEIGHT = 47;

/** A smooth image with some structure, mid-grey on average. */
function sample(channels: 1 | 3 | 4, width = WIDTH, height = HEIGHT): FileImage {
  const plane = (c: number) =>
    Float32Array.from(
      { length: width * height },
      (_, i) => 0.5 + 0.3 * Math.sin((i % width) / 9 + c) * Math.cos(Math.floor(i / width) / 7),
    );
  const planes = Array.from({ length: channels }, (_, c) => plane(c));
  if (channels === 4)
    planes[3] = Float32Array.from({ length: width * height }, (_, i) => (i % width) / width);
  const format = { bits: 8 as const, grey: channels === 1, alpha: channels === 4 };
  return { planes, width, height, container: 'png', format, metadata: {}, notes: [] };
}

const mean = (values: Float32Array) => values.reduce((sum, v) => sum + v, 0) / values.length;
function deviation(values: Float32Array) {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((v) => (v - centre) ** 2)));
}
const difference = (a: Float32Array, b: Float32Array) => a.map((v, i) => v - b[i]);

const KINDS: [string, DamageOptions][] = [
  ['noise', { noise: 25 }],
  ['shot', { shot: 50 }],
  ['jpeg', { jpeg: 10 }],
  ['scratches', { scratches: 5 }],
  ['text', { text: 'Läuft 42' }],
  ['missing', { missing: 0.5 }],
  ['downscale', { downscale: 2.5 }],
];

describe('every kind of damage', () => {
  it.each(KINDS)('%s: same seed, same pixels; alpha kept', async (kind, options) => {
    const source = sample(4);
    const [first, second, other] = await Promise.all([
      damage(source, { ...options, seed: 7 }),
      damage(source, { ...options, seed: 7 }),
      damage(source, { ...options, seed: 8 }),
    ]);
    expect(second).toEqual(first);
    const seeded = ['noise', 'shot', 'scratches', 'missing'].includes(kind);
    expect(other.image.planes[0].every((v, i) => v === first.image.planes[0][i])).toBe(!seeded);
    if (kind !== 'downscale') {
      expect(first.image.planes[3]).toEqual(source.planes[3]);
      expect(first.image.planes[0]).not.toEqual(source.planes[0]);
    }
    for (const plane of first.image.planes) expect(plane.every((v) => v >= 0 && v <= 1)).toBe(true);
  });

  it('works on one grey plane', async () => {
    for (const [, options] of KINDS) expect((await damage(sample(1), options)).image.planes.length).toBe(1);
  });
});

describe('noise', () => {
  it('has the standard deviation asked for, and is independent between channels', async () => {
    const source = sample(3, 200, 150);
    const { image } = await damage(source, { noise: 10 });
    const [r, g] = image.planes.map((plane, c) => difference(plane, source.planes[c]));
    expect(deviation(r) * 255).toBeCloseTo(10, 0);
    expect(Math.abs(mean(r)) * 255).toBeLessThan(0.3);
    const correlation = mean(r.map((v, i) => v * g[i])) / (deviation(r) * deviation(g));
    expect(Math.abs(correlation)).toBeLessThan(0.03); // 3 × 1/√30000 = .017 by chance
  });

  it.each([0.3, 8, 99, 400])('draws Poisson counts of mean and variance %f', (expected) => {
    const counts = Float32Array.from({ length: 20000 }, (_, i) => poisson(expected, i * 7919));
    // 5 standard errors: of the mean √(λ/n), of the variance about √(2λ²/n + λ/n).
    expect(Math.abs(mean(counts) - expected)).toBeLessThan(5 * Math.sqrt(expected / 20000));
    const spread = 5 * Math.sqrt((2 * expected ** 2 + expected) / 20000);
    expect(Math.abs(deviation(counts) ** 2 - expected)).toBeLessThan(spread);
  });
});

describe('holes', () => {
  it.each([
    ['missing', { missing: 0.3 }],
    ['scratches', { scratches: 4 }],
    ['text', { text: 'abc' }],
  ])('%s: the mask marks every changed pixel and no more than it must', async (_, options) => {
    const source = sample(3);
    const { image, mask } = await damage(source, options);
    const known = Array.from(mask?.data ?? [], (v) => v > 127);
    expect(known.length).toBe(WIDTH * HEIGHT);
    for (const [c, plane] of image.planes.entries())
      expect(plane.every((value, i) => !known[i] || value === source.planes[c][i])).toBe(true);
    const lost = known.filter((isKnown) => !isKnown).length / known.length;
    if ('missing' in options) expect(Math.abs(lost - 0.3)).toBeLessThan(0.03);
    else expect(lost > 0.01 && lost < 0.6).toBe(true);
  });

  it('writes letters it lacks as a box, accents as plain letters, spaces as nothing', () => {
    expect(letteringPath(' ', 0, 0, 1)).toBe('');
    expect(letteringPath('é', 0, 0, 1)).toBe(letteringPath('E', 0, 0, 1));
    expect(letteringPath('→', 0, 0, 1)).toBe('M0.00 0.00L4.00 0.00L4.00 6.00L0.00 6.00L0.00 0.00');
    expect(letteringWidth('AB', 2)).toBe(20);
  });
});

describe('downscale', () => {
  it('keeps a flat image flat, at floor(side / factor)', async () => {
    const flat = { ...sample(1), planes: [new Float32Array(WIDTH * HEIGHT).fill(0.25)] };
    const { image } = await damage(flat, { downscale: 4 });
    expect([image.width, image.height]).toEqual([15, 11]);
    expect(image.planes[0].every((v) => Math.abs(v - 0.25) < 1e-6)).toBe(true);
  });

  it('reduces as it is asked to, and a camera softer than means', async () => {
    const stripes = {
      ...sample(1),
      planes: [Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => Math.floor((i % WIDTH) / 2) % 2)],
    };
    const contrast = async (reduction?: Reduction) => {
      const [plane] = (await damage(stripes, { downscale: 2, reduction })).image.planes;
      return Math.abs(plane[14] - plane[15]);
    };
    expect(await contrast('area')).toBeCloseTo(1, 5);
    expect(await contrast('camera')).toBeLessThan(0.4);
    expect(await contrast('camera')).toBeGreaterThan(0.1);
    expect(await contrast('bicubic')).not.toBeCloseTo(await contrast('lanczos'), 3);
    await expect(damage(stripes, { noise: 5, reduction: 'area' })).rejects.toThrow(/downscale/);
    await expect(damage(stripes, { downscale: 2, reduction: 'box' as 'area' })).rejects.toThrow(
      /one of lanczos/,
    );
  });

  it('lets no colour bleed out from under transparent pixels', async () => {
    const source = sample(4);
    const left = (i: number) => i % WIDTH < 30;
    const planes = [0, 1, 2].map((c) => source.planes[c].map((_, i) => (left(i) ? 0.5 : c)));
    planes.push(source.planes[3].map((_, i) => (left(i) ? 1 : 0)));
    const { image } = await damage({ ...source, planes }, { downscale: 2 });
    image.planes[3].forEach((alpha, i) => {
      if (alpha > 0.01) expect(Math.abs(image.planes[0][i] - 0.5)).toBeLessThan(1e-4);
    });
  });
});

it.each([
  ['noise', { noise: -1 }, 'above 0 to 255 for noise but received -1'],
  ['jpeg', { jpeg: 50.5 }, 'an integer from 1 to 100 for jpeg'],
  ['missing', { missing: 1.5 }, 'above 0 to 1 for missing'],
  ['text', { text: ' ' }, 'for text'],
  ['nothing', {}, 'at least one kind of damage'],
])('refuses a bad value: %s', async (_, options, message) => {
  await expect(damage(sample(1), options)).rejects.toMatchObject({
    code: 'invalid-option',
    message: expect.stringContaining(message),
  });
});
