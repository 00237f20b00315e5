import { describe, expect, it } from 'vitest';
import { type PlanarImage, psnr, type RestoreOptions, restore } from '../../src/engine/index.ts';
import { noisy, scene } from '../support/pictures.ts';

const quick = {
  executor: 'reference',
  expert: { net: '8x2', steps: 3 },
} as const satisfies Partial<RestoreOptions>;
const small = scene(24, 20);

/** Everything known but a rectangle. */
function hole({ width, height }: PlanarImage, x: number, y: number, w: number, h: number) {
  const inside = (i: number) => {
    const [column, row] = [i % width, Math.floor(i / width)];
    return column >= x && column < x + w && row >= y && row < y + h;
  };
  return {
    data: Uint8Array.from({ length: width * height }, (_, i) => (inside(i) ? 0 : 255)),
    width,
    height,
  };
}

describe('several runs', () => {
  it('return the mean of what each alone would', async () => {
    const noise = noisy(small, 25);
    const one = await restore(noise, { ...quick, task: 'denoise' });
    const two = await restore(noise, { ...quick, task: 'denoise', expert: { ...quick.expert, runs: 2 } });
    expect(two).toMatchObject({ runs: 2, steps: 6 });
    expect(two.losses.slice(0, 3)).toEqual(one.losses);
    expect(two.losses[3]).not.toBe(one.losses[0]);
    expect(psnr(one.image, two.image)).toBeLessThan(60);
  });

  it('count their steps together, and never beyond the announced number', async () => {
    const seen: [number, number][] = [];
    await restore(small, {
      ...quick,
      task: 'inpaint',
      mask: hole(small, 4, 4, 3, 3),
      expert: { ...quick.expert, runs: 3 },
      onProgress: ({ step, steps }) => seen.push([step, steps]),
    });
    expect(seen.at(-1)).toEqual([9, 9]);
    for (const [step, steps] of seen) expect(step).toBeLessThanOrEqual(steps);
  });
});

describe('a hole in a large image', () => {
  const image = scene(140, 120);

  it('is filled from the part around it alone, and nothing else changes', async () => {
    const { image: filled, bytes } = await restore(image, {
      ...quick,
      task: 'inpaint',
      mask: hole(image, 3, 4, 5, 5),
    });
    // 32 planes of z and the 8 of the widest layer, over the whole, would be more.
    expect(bytes).toBeLessThan(4 * 40 * 140 * 120);
    const changed = image.planes.map((plane, c) => plane.filter((x, i) => x !== filled.planes[c][i]).length);
    expect(Math.max(...changed)).toBe(25);
  });

  it('grows and fades as asked', async () => {
    const mask = hole(image, 3, 4, 5, 5);
    const options = { ...quick, task: 'inpaint', mask } as const;
    const count = async (more: Partial<RestoreOptions>) => {
      const { image: filled } = await restore(image, { ...options, ...more });
      return image.planes[0].filter((x, i) => x !== filled.planes[0][i]).length;
    };
    expect(await count({ maskGrow: 1 })).toBe(45); // the four corners lie √2 away
    expect(await count({ maskFeather: 2 })).toBeGreaterThan(60);
  });

  it('must leave something known', async () => {
    const mask = hole(small, 2, 2, 20, 16);
    await expect(restore(small, { ...quick, task: 'inpaint', mask, maskGrow: 30 })).rejects.toThrow(/grow/);
  });
});

describe('a clean image', () => {
  it('comes back as it was, with a note', async () => {
    const { image, notes } = await restore(scene(64, 48), { ...quick, task: 'denoise' });
    expect(psnr(image, scene(64, 48))).toBeGreaterThan(45);
    expect(notes.join()).toMatch(/cleaner than what was made of it, so .* of the change was applied/);
  });
});

describe("task 'auto'", () => {
  it('says what it found and does it', async () => {
    const { task, diagnosis } = await restore(noisy(scene(96, 80), 25), { ...quick, task: 'auto' });
    expect(task).toBe('denoise');
    expect(diagnosis?.findings[0]).toMatch(/Noise, σ about 2\d/);
  });
});

describe('a guide', () => {
  it('is where the network starts from', async () => {
    const damaged = noisy(small, 25);
    const options = { ...quick, task: 'denoise' } as const;
    const guided = await restore(damaged, { ...options, guide: small });
    expect(psnr(guided.image, (await restore(damaged, options)).image)).toBeLessThan(60);
    await expect(restore(damaged, { ...options, guide: scene(12, 12) })).rejects.toThrow(/guide/);
  });
});

describe('every network and input', () => {
  it.each([
    { architecture: 'unet' },
    { architecture: 'resnet' },
    { architecture: 'decoder' },
    { input: 'meshgrid' },
  ] as const)('$architecture $input lowers the loss', async (more) => {
    const { losses } = await restore(small, {
      ...quick,
      task: 'denoise',
      expert: { ...quick.expert, steps: 12, ...more },
    });
    expect(losses[11]).toBeLessThan(losses[0]);
  });
});
