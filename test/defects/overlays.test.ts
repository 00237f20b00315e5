import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { findOverlays } from '../../src/engine/defects/overlays/find.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import {
  type Defects,
  describeOverlays,
  findDefects,
  type PlanarImage,
  withOverlays,
} from '../../src/engine/index.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { type OverlayKind, written } from '../../src/eval/defects/overlays.ts';
import { decodeImage, type FileImage } from '../../src/node/decode.ts';

let photo: FileImage;
beforeAll(async () => {
  const { file: _, ...image } = await decodeImage(await readFile('samples/nagasaki-boats.png'));
  photo = image;
});

const overlaysOf = (image: PlanarImage) => atOnce(findOverlays(toPicture(image)));

/** Shares of what was proposed that is writing or touches it, and of the writing that was proposed. */
function sharesOf(found: Defects, covered: Uint8Array, visible: Uint8Array): [number, number] {
  const { data, width } = withOverlays(found);
  const near = (at: number) =>
    [0, -1, 1, -width, width, -width - 1, -width + 1, width - 1, width + 1].some(
      (step) => covered[at + step],
    );
  let [all, right, there, hit] = [0, 0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) [all, right] = [all + 1, right + Number(near(i))];
    if (visible[i]) [there, hit] = [there + 1, hit + Number(data[i] === 0)];
  }
  return [right / all, hit / there];
}

describe('writing over a photograph is proposed, apart from damage', () => {
  it.each<[string, OverlayKind, number, string, RegExp]>([
    ['a date', 'stamps', 3, 'stamp', /^A date stamp at the bottom right lies/],
    ['another', 'stamps', 5, 'stamp', /^A date stamp at the bottom right lies/],
    ['one at the top', 'stamps', 4, 'stamp', /^A date stamp at the top right lies/],
    ['one of uneven strokes', 'stamps', 13, 'stamp', /^A date stamp at the \w+ \w+ lies/],
    ['a caption', 'captions', 4, 'text', /^A line of letters at the bottom left lies/],
  ])('%s', async (_, drawn, seed, kind, words) => {
    const { image, covered, visible } = await written(photo, drawn, 'boats', seed);
    const found = findDefects(image);
    expect(found.overlays.map((one) => one.kind)).toEqual([kind]);
    expect(describeOverlays(found)).toMatch(words);
    expect(found.mask.data.includes(0)).toBe(false);
    expect(found.defects).toEqual([]);
    const [right, hit] = sharesOf(found, covered, visible);
    expect(right).toBeGreaterThan(0.95);
    expect(hit).toBeGreaterThan(0.85);
  });

  it.each([
    ['pale on a pale sky and over a mast', 5],
    ['large on a pale sky', 12],
  ])('a caption, %s', async (_, seed) => {
    const { image, visible } = await written(photo, 'captions', 'boats', seed);
    const [{ kind, pixels }, ...others] = overlaysOf(image);
    expect([kind, others]).toEqual(['text', []]);
    expect(pixels.filter((at) => visible[at]).length).toBeGreaterThan(0.85 * visible.filter(Boolean).length);
  });

  it('in a photograph that was turned', async () => {
    const { image } = await written(photo, 'stamps', 'boats', 3);
    const { width, height } = image;
    const planes = image.planes.map((plane) =>
      plane.map((_, i) => plane[(i % height) * width + width - 1 - Math.floor(i / height)]),
    );
    const overlays = overlaysOf({ planes, width: height, height: width });
    expect(overlays.map(({ kind }) => kind)).toEqual(['stamp']);
    expect(overlays[0].box.height).toBeGreaterThan(2 * overlays[0].box.width);
  });
});

type Paint = (x: number, y: number) => number | undefined;

function painted(paint: Paint): PlanarImage {
  const { planes, width, height } = photo;
  const plane = planes[0].map((value, i) => paint(i % width, Math.floor(i / width)) ?? value);
  return { planes: [plane], width, height };
}

describe('none is proposed in', () => {
  it.each<[string, () => PlanarImage]>([
    ['the photograph', () => photo],
    ['a railing', () => painted((x, y) => (y > 225 && y < 240 && x % 9 < 2 ? 0.95 : undefined))],
    ['a row of windows', () => painted((x, y) => (y > 220 && y < 232 && x % 13 < 7 ? 0.95 : undefined))],
    ['stars', () => painted((x, y) => (x % 37 === 5 && (y * 7) % 41 === 3 ? 0.95 : undefined))],
  ])('%s', (_, image) => {
    expect(overlaysOf(image())).toEqual([]);
  });

  it('slanted bars that go on to the borders', () => {
    const [width, height] = [320, 56];
    const bars = Float32Array.from({ length: width * height }, (_, i) => {
      const across = (i % width) + Math.floor(i / width) / 8;
      return (across % 14 < 4 ? 0.8 : 0.3) + (i % 7) / 500;
    });
    expect(overlaysOf({ planes: [bars], width, height })).toEqual([]);
  });

  it('a screen full of lines', async () => {
    const { image } = await written(photo, 'captions', 'boats', 4);
    const { width, height } = image;
    const { box } = overlaysOf(image)[0];
    const tall = box.height + 8;
    const planes = image.planes.map((plane) =>
      plane.map((_, i) => plane[(box.y - 4 + (Math.floor(i / width) % tall)) * width + (i % width)]),
    );
    expect(height / tall).toBeGreaterThan(5);
    expect(overlaysOf({ ...image, planes })).toEqual([]);
  });

  it('a page with a photograph, whose letters are its own', async () => {
    const { image } = await written(photo, 'captions', 'boats', 4);
    const ground = overlaysOf(image)[0].box;
    const inside = (i: number) => {
      const [x, y] = [i % image.width, Math.floor(i / image.width)];
      return Math.abs(y - ground.y - ground.height / 2) < ground.height && x > ground.x - 12;
    };
    const planes = image.planes.map((plane) =>
      plane.map((value, i) => (inside(i) && value < 0.9 ? 0.2 : value)),
    );
    expect(overlaysOf({ ...image, planes })).toEqual([]);
  });
});
