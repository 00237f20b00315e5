import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { analyse, type PlanarImage } from '../../src/engine/index.ts';
import { tableOfQuality } from '../../src/engine/jpeg/tables.ts';
import { hash, normal, streamKey } from '../../src/engine/random.ts';
import { counted, noisy, scene, smeared } from '../support/pictures.ts';

const clean = scene(160, 168);
const large = scene(192, 200);

async function jpeg({ planes, width, height }: PlanarImage, quality: number) {
  const raw = new Uint8Array(3 * width * height);
  planes.forEach((plane, c) => {
    plane.forEach((value, i) => {
      raw[3 * i + c] = Math.round(255 * value);
    });
  });
  const file = await sharp(raw, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  const data = await sharp(file).ensureAlpha().raw().toBuffer();
  return { file: new Uint8Array(file), image: { data: new Uint8Array(data), width, height } };
}

describe('noise', () => {
  it.each([5, 15, 25])('of σ %d is measured within 15 %', (sigma) => {
    const { task, noise } = analyse(noisy(large, sigma));
    expect(task).toBe('denoise');
    expect(Math.abs(noise.sigma / sigma - 1)).toBeLessThan(0.15);
    expect(Math.abs(noise.correlation)).toBeLessThan(0.15);
  });

  it('that is little beside the picture’s own grain is not told from it, and stays; more of it is found', () => {
    // Brightness has more grain than its colours, as skin and film have, and noise has not.
    const [width, height] = [120, 112];
    const key = streamKey(5, 9);
    const grain = (i: number, c: number) =>
      (4.16 * normal(key, i) + 4.6 * normal(key, (c + 1) * 2e4 + i)) / 255;
    const planes = [0.62, 0.5, 0.45].map((shade, c) =>
      Float32Array.from(
        { length: width * height },
        (_, i) => shade + 0.1 * Math.sin((i % width) / 30 + i / width / 40) + grain(i, c),
      ),
    );
    const found = [5, 10].map((sigma) => analyse(noisy({ planes, width, height }, sigma)).task);
    expect(found).toEqual(['none', 'denoise']);
  });

  it('under JPEG may be the picture’s grain where it is weak: its compression is undone', async () => {
    const [width, height] = [160, 168];
    const grey = { planes: clean.planes.map((plane) => plane.map(() => 0.5)), width, height };
    const above = ({ planes }: PlanarImage) => ({
      planes: clean.planes.map((plane, c) =>
        plane.map((value, i) => Math.min(1, Math.max(0, value + planes[c][i] - 0.5))),
      ),
      width,
      height,
    });
    for (const [noise, task] of [
      [smeared(noisy(grey, 20)), 'dejpeg'],
      [noisy(grey, 10), 'dejpeg'],
      [noisy(grey, 12), 'denoise'],
    ] as const) {
      const { file, image } = await jpeg(above(noise), 80);
      const found = analyse(image, { file });
      expect(found.findings.join()).toMatch(/JPEG.*Noise/);
      expect(found.task).toBe(task);
    }
  });

  it('is measured on the flat parts of an image full of texture', () => {
    const { planes, width, height } = large;
    const woven = planes.map((plane) =>
      plane.map(
        (value, i) => value + 0.12 * Number(i % width > 40) * (((i % width) + i / width) & 2 ? 1 : -1),
      ),
    );
    const { noise } = analyse(noisy({ planes: woven, width, height }, 15));
    expect(Math.abs(noise.sigma / 15 - 1)).toBeLessThan(0.1);
  });

  it('of photons is told from noise that is the same everywhere, and measured at middle grey', () => {
    const { planes, width, height } = large;
    const bright = planes.map((plane) =>
      plane.map((value, i) => value * (0.2 + (0.8 * (i % width)) / width)),
    );
    const photons = 50;
    const { noise, findings } = analyse(counted({ planes: bright, width, height }, photons));
    expect(noise.growth).toBeGreaterThan(0.7);
    expect(Math.abs(noise.sigma / (255 * Math.sqrt(0.5 / photons)) - 1)).toBeLessThan(0.1);
    expect(findings.join()).toMatch(/Shot noise/);
    const even = analyse(noisy({ planes: bright, width, height }, 20)).noise;
    expect(even.growth).toBeLessThan(0.3);
    expect(even.shot).toBe(false);
  });

  it('is measured where the image can be seen, whatever lies under zero alpha', () => {
    const { planes, width, height } = noisy(large, 25);
    const hidden = (i: number) => i % width > width / 3;
    const alpha = planes[0].map((_, i) => (hidden(i) ? 0 : 1));
    const under = (value: number) => planes.map((plane) => plane.map((x, i) => (hidden(i) ? value : x)));
    const [grey, white] = [0.5, 1].map((x) => analyse({ planes: [...under(x), alpha], width, height }));
    expect(Math.abs(grey.noise.sigma / 25 - 1)).toBeLessThan(0.2);
    expect(white).toEqual(grey);
  });

  it('that is smeared shows its correlation, and a level that details alone would miss', () => {
    const { noise } = analyse(smeared(smeared(noisy(large, 25))));
    expect(noise.correlation).toBeGreaterThan(0.3);
    expect(noise.sigma).toBeGreaterThan(6);
  });

  it('of single wrong pixels is told from Gaussian noise', () => {
    const spoilt = clean.planes.map((plane) => plane.map((value, i) => (hash(i) % 41 === 7 ? i % 2 : value)));
    expect(analyse({ ...clean, planes: spoilt }).impulse).toBe(true);
    expect(analyse(noisy(clean, 40)).impulse).toBe(false);
  });

  it('of single wrong pixels is not what dashed lines are made of, nor the few dots of an icon', () => {
    const { width, height } = clean;
    const dashed = (x: number, y: number) => [20, 60, 110, 150].some((line) => x === line || y === line);
    const framed = clean.planes.map((plane) =>
      plane.map((value, i) => {
        const [x, y] = [i % width, Math.floor(i / width)];
        return dashed(x, y) && (x + y) % 2 === 0 ? ((x + y) / 2) % 2 : value;
      }),
    );
    expect(analyse({ planes: framed, width, height }).impulse).toBe(false);
    const icon = scene(40, 40);
    const eyed = icon.planes.map((plane) => plane.map((value, i) => (i % 97 === 50 ? Number(i % 2) : value)));
    expect(analyse({ ...icon, planes: eyed }).impulse).toBe(false);
  });

  it.each([
    ['not told from the grain that sprites and tiles are painted with, alike in all colours', false, 'none'],
    ['found over their plain ground, in each colour by itself', true, 'denoise'],
  ] as const)('is %s', (_, apart, task) => {
    const painted = (side: number) => {
      const plain = scene(side, side);
      const grains = noisy(plain, 20).planes.map((plane, c) =>
        plane.map((value, i) => value - plain.planes[c][i]),
      );
      const planes = plain.planes.map((plane, c) =>
        plane.map((value, i) => Math.min(1, Math.max(0, value + grains[apart ? c : 0][i]))),
      );
      return { ...plain, planes };
    };
    expect(analyse(painted(72)).task).toBe(task);
    const { planes, width, height } = painted(140);
    const round = planes[0].map((_, i) => Number(Math.hypot((i % width) - 70, i / width - 70) < 68));
    expect(analyse({ planes: [...planes, round], width, height }).task).toBe(task);
  });

  it('is not found in a clean image', () => {
    const { clean: nothing, findings } = analyse(clean);
    expect(nothing).toBe(true);
    expect(findings.join()).toMatch(/No noise/);
  });
});

describe('JPEG compression', () => {
  const detailed = noisy(large, 12);

  it.each([10, 30, 60])('of quality %d is found in the pixels alone', async (quality) => {
    const { image } = await jpeg(detailed, quality);
    const { task, jpeg: trace } = analyse(image);
    expect(task).toBe('dejpeg');
    expect(trace?.source).toBe('pixels');
    expect(Math.abs((trace?.quality ?? 0) - quality)).toBeLessThanOrEqual(4);
  });

  it('has its tables read from the file', async () => {
    const { file, image } = await jpeg(detailed, 20);
    const { jpeg: trace } = analyse(image, { file });
    expect(trace).toMatchObject({ source: 'file', quality: 20 });
    expect(trace?.components[0].table).toEqual(tableOfQuality(20));
  });

  it('knows when the pixels are not where the tables were applied', async () => {
    const { file, image } = await jpeg(detailed, 20);
    expect(analyse(image, { file }).jpeg?.onGrid).toBe(true);
    const { width, height, data } = image;
    const moved = data.slice(4 * (3 * width + 3), 4 * (3 * width + 3) + 4 * width * (height - 4));
    const cropped = { data: moved, width, height: height - 4 };
    expect(analyse(cropped, { file }).jpeg?.onGrid).toBe(false);
  });

  it('survives a file cut off in its tables', async () => {
    const { file, image } = await jpeg(clean, 20);
    for (const length of [2, 5, 25, 40])
      expect(() => analyse(image, { file: file.subarray(0, length) })).not.toThrow();
  });
});

describe('the task', () => {
  it('follows a mask, a factor and the damage; where there is none nothing is to be done', () => {
    const mask = { data: new Uint8Array(160 * 168).fill(255), width: 160, height: 168 };
    expect(analyse(clean, { mask }).task).toBe('inpaint');
    expect(analyse(clean, { scale: 3 }).task).toBe('upscale');
    expect(analyse(scene(64, 64)).task).toBe('none');
    expect(analyse(noisy(scene(96, 96), 20)).task).toBe('denoise');
  });
});
