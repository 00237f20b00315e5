import { describe, expect, it } from 'vitest';
import type { Reduction } from '../../src/engine/choices.ts';
import { applyTables } from '../../src/engine/image/axis-table.ts';
import type { Size } from '../../src/engine/image/box.ts';
import { findDrawn } from '../../src/engine/image/drawn.ts';
import type { Picture } from '../../src/engine/image/picture.ts';
import { premultiply } from '../../src/engine/image/premultiply.ts';
import { areaTable, reductionTable, resize } from '../../src/engine/image/resize.ts';
import { restore } from '../../src/engine/restore.ts';
import { doubtOf } from '../../src/engine/tasks/doubt.ts';
import { upscale } from '../../src/engine/tasks/upscale.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { noisy, scene } from '../support/pictures.ts';

const [width, height] = [44, 36];
const INK = [0.1, 0.25, 0.8];
const PAPER = [0.95, 0.9, 0.6];

type Shape = (x: number, y: number) => boolean;

/** Disc, ring and bar. */
const SHAPES: Shape = (x, y) => {
  const ring = Math.abs(Math.hypot(x - 31, y - 14) - 7) < 1.2;
  return Math.hypot(x - 13, y - 15) < 8.3 || ring || Math.abs(y - 29.4 - 0.15 * x + 3) < 1.6;
};

/** Shapes in one ink, by the share of each pixel that they cover, at `scale` times the size. */
function drawing(scale: number, transparent: boolean, covered = SHAPES): Picture {
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  const fine = 6;
  const cover = Float32Array.from({ length: w * h }, (_, i) => {
    let count = 0;
    for (let s = 0; s < fine * fine; s++) {
      const [dx, dy] = [((s % fine) + 0.5) / fine, (Math.floor(s / fine) + 0.5) / fine];
      if (covered(((i % w) + dx) / scale, (Math.floor(i / w) + dy) / scale)) count++;
    }
    return Math.round((255 * count) / fine ** 2) / 255;
  });
  const colour = [0, 1, 2].flatMap((c) =>
    Array.from(cover, (k) => (transparent ? INK[c] : PAPER[c] + k * (INK[c] - PAPER[c]))),
  );
  const alpha = transparent ? cover : null;
  return { width: w, height: h, channels: 3, colour: Float32Array.from(colour), alpha };
}

/** What `fast` returns of a drawing, and what the last word makes of the plain enlargement of anything else. */
async function enlarged(picture: Picture, scale: number, reduction?: Reduction): Promise<Picture> {
  const job = await upscale(picture, { task: 'upscale', scale, quality: 'fast', expert: { reduction } });
  const start = job.start();
  const progress = async () => {};
  const estimate = await job.estimate?.({ quality: 'fast', seed: 0, progress });
  return { ...start, colour: atOnce(job.lastWord!(estimate?.colour ?? start.colour)).colour };
}

function psnr(a: Picture, b: Picture): number {
  const [x, y] = [premultiply(a).colour, premultiply(b).colour];
  return -10 * Math.log10(x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / x.length + 1e-12);
}

/** How far the means over the pixels of a picture are from it, in the mean. */
function meanOff(large: Picture, picture: Picture): number {
  const [{ colour, channels }, { colour: target }] = [premultiply(large), premultiply(picture)];
  const tables = [areaTable(large.height, picture.height), areaTable(large.width, picture.width)] as const;
  const means = applyTables(colour, channels, ...tables);
  return means.reduce((sum, mean, i) => sum + Math.abs(mean - target[i]), 0) / means.length;
}

const worst = (a: Float32Array, b: Float32Array) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

describe('thin slanted lines', () => {
  it('are as dark and as wide all along', async () => {
    const line: Shape = (x, y) => x > 3 && x < 41 && Math.abs(y - 12 - 0.21 * x) < 0.51;
    const result = await enlarged(drawing(1, false, line), 4);
    const darkest = Array.from({ length: 32 * 4 }, (_, i) => {
      const column = Array.from(
        { length: result.height },
        (_, y) => result.colour[y * result.width + 24 + i],
      );
      return Math.min(...column);
    });
    expect(Math.max(...darkest) - Math.min(...darkest)).toBeLessThan(0.12);
  });
});

describe('a drawing of one colour on nothing', () => {
  it('has no other where hardly any of it shows and rounding has changed it', async () => {
    const small = drawing(1, true);
    const level = (value: number) => Math.round(255 * value) / 255;
    const rounded = small.colour.map((value, i) => {
      const alpha = small.alpha![i % (width * height)];
      return alpha > 0 ? Math.min(1, level(level(value * alpha) / alpha)) : 0;
    });
    const { colour, ...size } = await enlarged({ ...small, colour: rounded }, 3);
    const n = size.width * size.height;
    const off = colour
      .slice(0, 3 * n)
      .map((value, i) => value - colour[3 * n + (i % n)] * INK[Math.floor(i / n)]);
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(0.02);
  });
});

describe('the last word over an enlarged drawing', () => {
  for (const transparent of [false, true])
    it.each([1.5, 2, 3, 4])(
      `is a decibel above the plain enlargements, transparent: ${transparent}, ×%s`,
      async (scale) => {
        const picture = drawing(1, transparent);
        const truth = premultiply(drawing(scale, transparent));
        const found = await enlarged(picture, scale);
        const plain = (['bicubic', 'lanczos3'] as const).map((filter) =>
          psnr(premultiply(resize(picture, truth.width, truth.height, filter)), truth),
        );
        expect(psnr(found, truth)).toBeGreaterThan(Math.max(...plain) + 1);
      },
    );

  it('knows a gradient that was drawn, with letters on it', async () => {
    const [width, height] = [64, 40];
    const colour = Float32Array.from({ length: 3 * width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width) % height];
      return x % 9 < 2 && y > 12 && y < 28 ? 1 : Math.round(60 + 3 * y) / 255;
    });
    const picture: Picture = { width, height, channels: 3, colour, alpha: null };
    const { share, pixelArt } = atOnce(findDrawn(picture));
    expect([Math.min(...share), pixelArt]).toEqual([1, false]);
    const found = await enlarged(picture, 4);
    // No darker halo beside the letters than the gradient is above them.
    for (let x = 0; x < 4 * width; x++)
      expect(found.colour[4 * 20 * 4 * width + x]).toBeGreaterThan((60 + 3 * 17) / 255);
  });

  it.each([0.5, 0.8])(
    'keeps an outline whose colour, %s of the way, lies between those on either side',
    async (shade) => {
      const disc =
        (radius: number): Shape =>
        (x, y) =>
          Math.hypot(x - 22, y - 18) < radius;
      const outlined = (scale: number): Picture => {
        const [outer, inner] = [drawing(scale, false, disc(14.3)), drawing(scale, false, disc(12.6))];
        const colour = inner.colour.map((value, i) => value + shade * (outer.colour[i] - value));
        return { ...outer, colour: colour.map((value) => Math.round(255 * value) / 255) };
      };
      const [picture, truth] = [outlined(1), outlined(2)];
      const plain = resize(picture, truth.width, truth.height, 'lanczos3');
      expect(psnr(await enlarged(picture, 2), truth)).toBeGreaterThan(psnr(plain, truth) + 0.3);
    },
  );

  it.each([2, 4])('keeps every flat colour, and the mean of every pixel, ×%i', async (scale) => {
    const picture = drawing(1, false);
    const { colour, width: w, height: h } = await enlarged(picture, scale);
    expect(
      worst(applyTables(colour, 3, areaTable(h, height), areaTable(w, width)), picture.colour),
    ).toBeLessThan(1e-3);
    const { flat } = atOnce(findDrawn(picture));
    expect(flat.filter((f) => f).length).toBeGreaterThan(500);
    const strange = colour.filter((value, i) => {
      const [c, at] = [Math.floor(i / (w * h)), i % (w * h)];
      const from = Math.floor(Math.floor(at / w) / scale) * width + Math.floor((at % w) / scale);
      const [low, high] = [Math.min(INK[c], PAPER[c]), Math.max(INK[c], PAPER[c])];
      const moved = flat[from] && Math.abs(value - picture.colour[c * width * height + from]) > 1e-5;
      return moved || value < low - 1e-5 || value > high + 1e-5;
    });
    expect(strange.length).toBe(0);
  });

  it.each([1.25, 1.5, 2.5])(
    'shrinks to the picture, by means over its pixels, as nearly as one drawn at that size, ×%s',
    async (scale) => {
      for (const transparent of [false, true]) {
        const picture = drawing(1, transparent);
        const [off, offAsDrawn] = [await enlarged(picture, scale), drawing(scale, transparent)].map((large) =>
          meanOff(large, picture),
        );
        expect(off).toBeLessThan(1.1 * offAsDrawn);
      }
    },
  );

  it('has nothing of an answer that shrinks to another picture', async () => {
    const job = await upscale(drawing(1, false), { task: 'upscale', scale: 2 });
    const plain = job.start().colour;
    const other = plain.map((value) => 1 - value);
    expect(atOnce(job.lastWord!(other)).colour).toEqual(atOnce(job.lastWord!(plain)).colour);
  });

  it('knows pixel art that is shaded in steps of one colour', () => {
    const side = 32;
    const colour = Float32Array.from({ length: 3 * side * side }, (_, i) => {
      const [c, x, y] = [Math.floor(i / side ** 2), i % side, Math.floor(i / side) % side];
      const radius = Math.hypot(x - 15.5, y - 15.5);
      if (radius > 12.8) return (radius > 14 ? [40, 44, 52] : [30, 10, 10])[c] / 255;
      const light = Math.floor(12 * Math.max(0, 1 - Math.hypot(x - 10, y - 10) / 24)) / 12;
      return Math.floor([80, 40, 30][c] + light * [170, 120, 60][c]) / 255;
    });
    expect(atOnce(findDrawn({ width: side, height: side, channels: 3, colour, alpha: null })).pixelArt).toBe(
      true,
    );
  });

  it('takes neither one colour nor letters drawn by the strips of a screen for pixel art', () => {
    const [width, height] = [96, 40];
    // Stems whose rims are covered for each strip by another share, of 8 inks on white.
    const covered = [
      [0, 0, 0],
      [0.1, 0.4, 0.8],
      [1, 1, 1],
      [0.9, 0.5, 0.2],
    ];
    const share = (x: number, c: number) => covered[x % 12]?.[c] ?? 0;
    const of = (at: (x: number, c: number) => number) => {
      const colour = Float32Array.from({ length: 3 * width * height }, (_, i) => {
        const [c, x, y] = [Math.floor(i / (width * height)), i % width, Math.floor(i / width) % height];
        return y > 8 && y < 30 ? at(x, c) : 1;
      });
      return atOnce(findDrawn({ width, height, channels: 3, colour, alpha: null })).pixelArt;
    };
    const ink = (x: number) => 0.1 * Math.floor(x / 12);
    expect(of(() => 1)).toBe(false);
    expect(of((x, c) => (share(x, c) > 0 ? ink(x) : 1))).toBe(true);
    expect(of((x, c) => 1 - share(x, c) * (1 - ink(x)))).toBe(false);
  });

  it.each([1, 2])('keeps the pixels of pixel art, whose pixels are %s px, at every quality', async (dot) => {
    const rows = [
      '........',
      '..oooo..',
      '.oaaaao.',
      '.oaxaxo.',
      '.oaaaao.',
      '..obbo..',
      '...oo...',
      '........',
    ];
    const palette: Record<string, number[]> = {
      '.': [0, 0, 0],
      o: [40, 20, 10],
      a: [240, 190, 140],
      x: [20, 20, 40],
      b: [180, 40, 40],
    };
    const size = dot * rows.length;
    const at = (i: number) => palette[rows[Math.floor(i / size / dot)][Math.floor((i % size) / dot)]];
    const colour = [0, 1, 2].flatMap((c) => Array.from({ length: size * size }, (_, i) => at(i)[c] / 255));
    const picture: Picture = {
      width: size,
      height: size,
      channels: 3,
      colour: Float32Array.from(colour),
      alpha: null,
    };
    const found = await enlarged(picture, 4);
    const nearest = found.colour.map((_, i) => {
      const [c, p] = [Math.floor(i / (16 * size * size)), i % (16 * size * size)];
      return picture.colour[
        c * size * size + (Math.floor(p / (4 * size)) >> 2) * size + ((p % (4 * size)) >> 2)
      ];
    });
    expect(worst(found.colour, nearest)).toBeLessThan(1e-5);
    const planes = [0, 1, 2].map((c) => picture.colour.slice(c * size * size, (c + 1) * size * size));
    const image = { planes, width: size, height: size };
    const { stages, notes } = await restore(image, { task: 'upscale', scale: 4, quality: 'best' });
    expect([stages, notes.join()]).toEqual([['nonlocal'], expect.stringMatching(/pixel art/)]);
  });
});

describe('the last word over an enlarged photograph', () => {
  const { planes } = noisy(scene(100, 76), 3);
  const colour = Float32Array.from(
    planes.flatMap((plane) => Array.from(plane, (value) => Math.round(255 * value) / 255)),
  );
  const photo: Picture = { width: 100, height: 76, channels: 3, colour, alpha: null };

  it('takes nothing of it for a drawing', () => {
    expect(Math.max(...atOnce(findDrawn(photo)).share)).toBe(0);
  });

  it.each([
    [1.37, 'lanczos'],
    [2, 'lanczos'],
    [4, 'lanczos'],
    [1.37, 'area'],
    [2, 'area'],
    [1.37, 'bicubic'],
  ] as const)('shrinks to the picture everywhere within its rounding, ×%s, %s', async (scale, reduction) => {
    const table = (from: number, to: number) => reductionTable(reduction, from, to);
    const shrunk = ({ colour, width, height }: Picture) =>
      applyTables(colour, 3, table(height, 76), table(width, 100));
    const plain = (await upscale(photo, { task: 'upscale', scale })).start();
    expect(worst(shrunk(plain), photo.colour)).toBeGreaterThan(3 / 255);
    expect(worst(shrunk(await enlarged(photo, scale, reduction)), photo.colour)).toBeLessThan(1 / 255);
  });

  it('keeps a label laid over it as flat as it is, and nothing else', async () => {
    const label = { x: 30, y: 20, width: 36, height: 20 };
    const inside = (x: number, y: number, by: number) =>
      x >= label.x + by &&
      x < label.x + label.width - by &&
      y >= label.y + by &&
      y < label.y + label.height - by;
    // White, with strokes of two pixels.
    const laid = photo.colour.map((value, i) => {
      const [x, y] = [i % 100, Math.floor(i / 100) % 76];
      if (!inside(x, y, 0)) return value;
      return inside(x, y, 5) && x % 8 < 2 ? 0.1 : 0.95;
    });
    const { share } = atOnce(findDrawn({ ...photo, colour: laid }));
    expect(share[30 * 100 + 48]).toBe(1);
    expect(share[70 * 100 + 10]).toBe(0);
    const { colour, width } = await enlarged({ ...photo, colour: laid }, 2);
    for (let y = 0; y < 76; y++)
      for (let x = 0; x < 100; x++)
        if (inside(x, y, 1) && !inside(x, y, 4)) expect(colour[2 * y * width + 2 * x]).toBeCloseTo(0.95, 6);
  });

  it('takes the blur of a lens back in large part', async () => {
    const behind = (colour: Float32Array, from: Size) =>
      applyTables(
        colour,
        3,
        reductionTable('camera', from.height, 76),
        reductionTable('camera', from.width, 100),
      );
    const soft = { ...photo, colour: behind(photo.colour, photo) };
    const plain = (await upscale(soft, { task: 'upscale', scale: 2 })).start();
    const found = await enlarged(soft, 2, 'camera');
    const off = (result: Picture) => worst(behind(result.colour, result), soft.colour);
    expect(off(found)).toBeLessThan(off(plain) / 3);
  });

  it('takes no blur back that the picture has not', async () => {
    const noise = Float32Array.from({ length: photo.colour.length }, (_, i) => Math.sin(i * i) / 16);
    const sharp = {
      ...photo,
      colour: photo.colour.map((value, i) => Math.min(1, Math.max(0, value + noise[i]))),
    };
    const asked = await upscale(sharp, { task: 'upscale', quality: 'fast', expert: { reduction: 'camera' } });
    const { colour, note } = atOnce(asked.lastWord!(asked.start().colour));
    expect(note).toMatch(/sharper than a lens leaves/);
    expect(colour).toEqual((await enlarged(sharp, 2, 'area')).colour);
  });

  it('is nowhere uncertain of what did not change', () => {
    const isSame = (i: number) => i % 100 > 40 && (i % 7600) / 100 > 30;
    const colour = photo.colour.map((value, i) => (isSame(i) ? value : value + 0.3 * Math.sin(i) ** 9));
    const doubt = doubtOf({ ...photo, colour }, photo);
    expect(doubt.filter((value) => !(value >= 0)).length).toBe(0);
    expect(doubt[60 * 100 + 70]).toBeLessThan(1e-6);
  });

  it('leaves what the picture itself is uncertain of as it was answered, and only there', async () => {
    const given = noisy(scene(100, 76), 8);
    const changed = { ...photo, colour: photo.colour.slice() };
    for (let i = 0; i < changed.colour.length; i++)
      if (i % 100 < 50) changed.colour[i] = given.planes[Math.floor(i / 7600)][i % 7600];
    const doubt = doubtOf(changed, photo);
    const job = await upscale(photo, { task: 'upscale', scale: 2 }, undefined, doubt);
    const plain = job.start().colour;
    const moved = atOnce(job.lastWord!(plain)).colour.map((value, i) => Math.abs(value - plain[i]));
    const sure = atOnce((await upscale(photo, { task: 'upscale', scale: 2 })).lastWord!(plain)).colour;
    const mean = (from: number, to: number, of: Float32Array) => {
      const there = of.filter((_, i) => i % 200 >= from && i % 200 < to);
      return there.reduce((sum, value) => sum + value, 0) / there.length;
    };
    const surely = sure.map((value, i) => Math.abs(value - plain[i]));
    expect(mean(0, 80, moved)).toBeLessThan(mean(0, 80, surely) / 3);
    expect(mean(130, 200, moved)).toBeCloseTo(mean(130, 200, surely), 5);
  });
});
