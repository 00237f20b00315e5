import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as analyse from '../../src/engine/diagnosis/analyse.ts';
import * as closer from '../../src/engine/diagnosis/closer-look.ts';
import { traceOf } from '../../src/engine/diagnosis/jpeg.ts';
import { estimate } from '../../src/engine/estimate/estimate.ts';
import { neverLess } from '../../src/engine/estimate/never-less.ts';
import {
  disc,
  madeUp,
  sampleBoxes,
  sampleOf,
  sampleToFill,
  scattered,
} from '../../src/engine/estimate/sample.ts';
import { cutPicture } from '../../src/engine/image/box.ts';
import { type Picture, toPicture, toPlanes, toRaster } from '../../src/engine/image/picture.ts';
import type { PlanarImage } from '../../src/engine/index.ts';
import { holeOf } from '../../src/engine/tasks/hole.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { decoded, jpegOf } from '../jpeg/support.ts';
import { noisy as noisyOf } from '../support/pictures.ts';

const noisy = toPlanes(madeUp(80, 60));
const plain = { planes: [new Float32Array(64 * 64).fill(0.5)], width: 64, height: 64 };

describe('what a restoration will take', () => {
  it('is a look at it for a clean image', async () => {
    const { fast } = await estimate(plain, { task: 'auto' }, ['fast']);
    expect(fast).toMatchObject({ bytes: 0, stages: [] });
    expect(fast.seconds).toBeGreaterThan(0);
  });

  it('asks what is wrong with an image only where restoring asks', async () => {
    const looks = vi.spyOn(analyse, 'analysePicture');
    onTestFinished(() => looks.mockRestore());
    const options = { task: 'inpaint', mask: scattered(toPicture(noisy)), executor: 'wasm' } as const;
    await estimate(noisy, options, ['fast']);
    expect(looks).not.toHaveBeenCalled();
    await estimate(plain, { task: 'auto' }, ['fast']);
    expect(looks).toHaveBeenCalled();
  });

  it('is copied into twice where a network guides copies', async () => {
    const image = toPlanes(madeUp(64, 64));
    const options = { task: 'inpaint', mask: disc(64, 26), executor: 'wasm' } as const;
    const { fast, balanced } = await estimate(image, options, ['fast', 'balanced']);
    expect([fast.stages, balanced.stages]).toEqual([['nonlocal'], ['network', 'nonlocal']]);
    expect(balanced.seconds).toBeGreaterThan(fast.seconds);
  });

  it('names the stages, and grows with the image where its pixels are alike', async () => {
    const options = { task: 'denoise', executor: 'wasm' } as const;
    const small = await estimate(noisy, options, ['fast']);
    const size = { width: 800, height: 600, sample: noisy };
    const large = await estimate(size, options, ['fast']);
    expect(small.fast.stages).toEqual(['nonlocal']);
    const pixels = (800 * 600) / (80 * 60);
    const planes = (large.fast.bytes - small.fast.bytes) / (pixels - 1);
    expect(planes / (4 * 3 * 80 * 60)).toBeGreaterThan(2);
    expect(small.fast.bytes).toBeGreaterThan(planes);
    expect(large.fast.bytes).toBeLessThan(pixels * small.fast.bytes);
    expect(large.fast.seconds).toBeGreaterThan(10 * small.fast.seconds);
  });

  it('counts the network’s steps in every part, once its pace is known', async () => {
    const options = { task: 'upscale', executor: 'wasm', expert: { net: '4x2' }, scale: 2 } as const;
    const of = (width: number, height: number) => estimate({ width, height }, options, ['fast', 'best']);
    const [one, same] = [await of(64, 64), await of(64, 64)];
    expect(one.fast.stages).toEqual(['network']);
    expect(same).toEqual(one);
    // Three runs of three times the steps, less what starting takes.
    expect(one.best.seconds / one.fast.seconds).toBeGreaterThan(5);
  });

  it('does not count refining where a noisy picture is enlarged', async () => {
    const clean = toPlanes(
      cutPicture(toPicture(await decoded('samples/nagasaki-boats.png')), {
        x: 96,
        y: 80,
        width: 128,
        height: 96,
      }),
    );
    const stages = async (image: PlanarImage) =>
      (await estimate(image, { task: 'upscale', scale: 2, executor: 'wasm' }, ['fast'])).fast.stages;
    expect(await stages(clean)).toEqual(['network', 'nonlocal']);
    expect(await stages(noisyOf(clean, 25))).toEqual(['network']);
  });

  it('counts no learning where a small picture was compressed too much to learn from', async () => {
    const size = { width: 48, height: 40 };
    const part = cutPicture(toPicture(await decoded('samples/nagasaki-boats.png')), {
      x: 96,
      y: 80,
      ...size,
    });
    const { file, image } = await jpegOf(toPlanes(part), { quality: 20 });
    const options = { task: 'upscale', scale: 2, executor: 'wasm', file } as const;
    expect((await estimate(image, options, ['fast'])).fast.stages).toEqual(['nonlocal']);
  });

  it('sees compression in the middle of an image whose pieces are too dark to show it', async () => {
    const [width, height] = [1024, 768];
    const lit = madeUp(160, 128);
    const planes = [0, 1, 2].map((c) => {
      const plane = new Float32Array(width * height);
      const n = lit.width * lit.height;
      for (let i = 0; i < n; i++) {
        const [x, y] = [432 + (i % lit.width), 320 + Math.floor(i / lit.width)];
        plane[y * width + x] = lit.colour[c * n + i];
      }
      return plane;
    });
    const { image } = await jpegOf({ planes, width, height }, { quality: 30 });
    const { fast } = await estimate(image, { task: 'dejpeg', executor: 'wasm' }, ['fast']);
    expect(fast.stages).toEqual(['nonlocal']);
  });

  it('tells of no lower quality that it takes longer', () => {
    const cost = (seconds: number) => ({ seconds, bytes: 0, stages: [] });
    const told = neverLess({ fast: cost(3), balanced: cost(1), best: cost(2) });
    expect(Object.entries(told).map(([quality, { seconds }]) => [quality, seconds])).toEqual([
      ['fast', 1],
      ['balanced', 1],
      ['best', 2],
    ]);
  });

  it('refuses what restore would refuse', async () => {
    await expect(estimate(noisy, { task: 'upscale', scale: 9 })).rejects.toThrow(/scale/);
    const signal = AbortSignal.abort();
    await expect(estimate(noisy, { task: 'denoise', signal })).rejects.toThrow(/aborted/);
  });
});

describe('a sample', () => {
  it('is the whole image where a hole is thick, with strokes apart from it', () => {
    const [width, height] = [512, 256];
    const at = (hole: (x: number, y: number) => boolean) => ({
      ...{ width, height },
      data: Uint8Array.from({ length: width * height }, (_, i) =>
        hole(i % width, Math.floor(i / width)) ? 0 : 255,
      ),
    });
    const disc = (x: number, y: number) => Math.hypot(x - 90, y - 120) < 30;
    const stroke = (x: number, y: number) => Math.abs(y - 200) < 3 && x > 250 && x < 450;
    const image = toPlanes(madeUp(width, height));
    const none = { grow: 0, feather: 0 };
    const sampleWith = (hole: typeof disc) =>
      atOnce(sampleToFill(image, at(hole), atOnce(holeOf(at(hole), width, height, none))));
    const both = sampleWith((x, y) => disc(x, y) || stroke(x, y));
    expect(both.thick?.picture).toMatchObject({ width, height });
    expect(both.thick?.mask).toEqual(at(disc));
    expect(sampleWith(stroke).thick).toBeUndefined();
    expect(both.thick?.thin?.mask).toBeDefined();
    expect(sampleWith(disc).thick?.thin).toBeUndefined();
  });

  it('lies inside the image, on JPEG’s grid, from top to bottom', () => {
    const boxes = sampleBoxes({ width: 1999, height: 1501 });
    for (const { x, y, width, height } of boxes) {
      expect([x % 16, y % 16]).toEqual([0, 0]);
      expect(x + width).toBeLessThanOrEqual(1999);
      expect(y + height).toBeLessThanOrEqual(1501);
    }
    expect(Math.min(...boxes.map(({ y }) => y))).toBeLessThan(200);
    expect(Math.max(...boxes.map(({ y }) => y))).toBeGreaterThan(1200);
  });

  it('is as empty as the image', () => {
    const [width, height] = [1024, 512];
    const plane = Float32Array.from({ length: width * height }, (_, i) =>
      i % width < 768 ? 0.5 : (i % 7) / 7,
    );
    const { picture } = sampleOf({ planes: [plane], width, height });
    const boxes = Array.from({ length: 8 }, (_, i) => picture.colour.subarray(8192 * i, 8192 * (i + 1)));
    expect(boxes.filter((box) => box.every((value) => value === 0.5))).toHaveLength(6);
    expect(boxes.filter((box) => box.includes(0.5))).toHaveLength(6);
  });

  it('is all of a small image', () => {
    expect(sampleOf(noisy)).toMatchObject({ share: 1, picture: { width: 80, height: 60 } });
  });

  it('has the image’s pixels one box below the other', () => {
    const [width, height] = [640, 480];
    const plane = Float32Array.from({ length: width * height }, (_, i) => i / (width * height));
    const { picture, share } = sampleOf({ planes: [plane], width, height });
    const boxes = sampleBoxes({ width, height, data: plane, channels: [0], step: 1 });
    boxes.forEach((box, i) => {
      const at = (i * box.height + 5) * box.width + 7;
      expect(picture.colour[at]).toBe(plane[(box.y + 5) * width + box.x + 7]);
    });
    expect(share).toBeCloseTo((boxes.length * 128 * 64) / (width * height));
  });

  it('has some of a large image in one piece, in which it is seen how a file’s chroma was sampled', async () => {
    const { image } = await jpegOf(await decoded('samples/nagasaki-boats.png'), { quality: 30 });
    const { picture, middle = picture } = sampleOf(image);
    const chromaOf = (part: Picture) => atOnce(traceOf(part, image, undefined, closer))?.components[1];
    expect(chromaOf(middle)).toMatchObject({ across: 2, down: 2 });
  });

  it('of an image with holes has some of them, and counts those', () => {
    const image = toRaster(madeUp(640, 480));
    const data = new Uint8Array(640 * 480).fill(255);
    for (let y = 300; y < 340; y++) data.fill(0, y * 640 + 500, y * 640 + 540);
    const { mask, share } = sampleOf(image, { data, width: 640, height: 480 });
    const open = (mask!.data as Float32Array).filter((known) => known === 0).length;
    expect(open).toBeGreaterThan(1600);
    expect(share).toBeCloseTo(open / 1600);
    expect(scattered(madeUp()).data).toContain(0);
  });

  it.each([
    ['fills all that is looked at', 0, (_: number, y: number) => y < 6],
    ['grows to all that is looked at', 64, (x: number, y: number) => x % 140 !== 70 || y % 100 !== 50],
  ])('knows something where the hole %s', (_, grow, isKnown) => {
    const [width, height] = [320, 1000];
    const data = Float32Array.from({ length: width * height }, (_, i) =>
      isKnown(i % width, Math.floor(i / width)) ? 1 : 0,
    );
    const planes = [new Float32Array(width * height)];
    const { picture, mask } = sampleOf({ planes, width, height }, { data, width, height }, grow);
    const hole = atOnce(holeOf(mask, picture.width, picture.height, { grow, feather: 0 }));
    expect(hole.known).toContain(1);
  });
});
