import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { isDamaged } from '../../src/engine/defects/find.ts';
import {
  analyse,
  type Defects,
  describeDefects,
  findDefects,
  interpretMask,
  type PlanarImage,
} from '../../src/engine/index.ts';
import { uniform } from '../../src/engine/random.ts';
import { decodeImage, type FileImage } from '../../src/node/decode.ts';

const open = async (name: string) => decodeImage(await readFile(`samples/nagasaki-boats${name}.png`));

let clean: FileImage;
let scratched: FileImage;
let found: Defects;
beforeAll(async () => {
  clean = await open('');
  scratched = await open('-scratched');
  found = findDefects(scratched);
});

type Paint = (x: number, y: number, shade: number) => number | undefined;

/** The photograph, or one grey, with something over it where `paint` is a number. */
function drawn(paint: Paint, grey?: number): PlanarImage {
  const { width, height } = clean;
  const plane = clean.planes[0].map((value, i) => {
    const shade = grey ?? value;
    return Math.round(255 * (paint(i % width, Math.floor(i / width), shade) ?? shade)) / 255;
  });
  return { planes: [plane], width, height };
}

const filled = ({ mask }: Defects, x: number, y: number) => mask.data[y * mask.width + x] === 0;

describe('in a scratched photograph', () => {
  it('scratches and dust are found, and hardly anything else', async () => {
    const { mask } = interpretMask(await open('-mask'));
    const near = (data: ArrayLike<number>, i: number) =>
      [0, -1, 1, -mask.width, mask.width].some((step) => data[i + step] === 0);
    let [right, all, hit, there] = [0, 0, 0, 0];
    for (let i = 0; i < mask.data.length; i++) {
      if (found.mask.data[i] === 0) [all, right] = [all + 1, right + Number(near(mask.data, i))];
      if (mask.data[i] === 0) [there, hit] = [there + 1, hit + Number(near(found.mask.data, i))];
    }
    expect(right / all).toBeGreaterThan(0.9);
    expect(hit / there).toBeGreaterThan(0.95);
  });

  it('their own pixels are marked, up to the border of the picture, beside faint spots, and no more', async () => {
    const { mask } = interpretMask(await open('-mask'));
    expect([97, 99].map((y) => filled(found, y === 97 ? 311 : 312, y))).toEqual([true, true]);
    expect([filled(found, 312, 203), filled(found, 259, 251)]).toEqual([true, true]);
    // The sky between two twigs, where a scratch ends in it.
    expect(filled(found, 299, 84)).toBe(false);
    const both = Array.from(mask.data).filter((known, i) => known === 0 && found.mask.data[i] === 0).length;
    const count = (data: ArrayLike<number>) => Array.from(data).filter((known) => known === 0).length;
    expect(both / count(found.mask.data)).toBeGreaterThan(0.9);
    expect(both / count(mask.data)).toBeGreaterThan(0.88);
  });

  it('each is listed with what it is, the largest first', () => {
    const { defects, share } = found;
    expect(share).toBeGreaterThan(0.06);
    expect(defects.filter(({ kind }) => kind === 'scratch' || kind === 'fold').length).toBeGreaterThan(6);
    expect(defects.filter(({ kind }) => kind === 'dust').length).toBeGreaterThan(6);
    for (const { polarity, confidence, area, box } of defects) {
      expect(polarity).toBe('bright');
      expect(confidence).toBeGreaterThanOrEqual(0.5);
      expect(area).toBeLessThanOrEqual(box.width * box.height);
    }
    expect(defects.map(({ area }) => area)).toEqual(defects.map(({ area }) => area).sort((a, b) => b - a));
    expect(describeDefects(found)).toMatch(
      /^Found \d+ scratches.* and \d+ specks of dust, \d\.\d % of the picture\.$/,
    );
  });

  it('the diagnosis says so, unless a mask marks them, and changes nothing else', () => {
    const words = /Scratches or dust/;
    const { task, clean: isClean, findings } = analyse(scratched);
    expect({ task, isClean }).toEqual({ task: 'none', isClean: true });
    expect(findings.join(' ')).toMatch(words);
    expect(analyse(scratched, { mask: found.mask }).findings.join(' ')).not.toMatch(words);
    expect(analyse(clean).findings.join(' ')).not.toMatch(words);
  });
});

it('dark scratches are found up to the border, where the ground is as dark they are left', () => {
  const at = (x: number, y: number) => Math.abs(x - 40 - y / 2) <= 1;
  const dark = findDefects(drawn((x, y) => (at(x, y) ? 0.05 : undefined)));
  expect(dark.defects.some(({ kind, polarity }) => kind !== 'dust' && polarity === 'dark')).toBe(true);
  expect([2, 30, 60].map((y) => filled(dark, 40 + y / 2, y))).toEqual([true, true, true]);
});

it('a scratch goes on over brighter stripes, by its way and colour', () => {
  const middle = (y: number) => 150 + y / 3 + ((y - 128) / 40) ** 2;
  const on = (x: number, y: number) => Math.abs(x - middle(y)) < 1.3;
  const isBright = (y: number) => y >= 110 && y < 170;
  const crossing = findDefects(
    drawn((x, y) => (on(x, y) ? 0.85 : isBright(y) ? (x % 5 < 3 ? 1 : 0.9) : undefined)),
  );
  const seen = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => filled(crossing, Math.round(middle(from + i)), from + i));
  const share = (all: boolean[]) => all.filter(Boolean).length / all.length;
  expect(share(seen(112, 168))).toBeGreaterThan(0.9);
  // And not past its sides there.
  expect(
    share(seen(112, 168).map((_, i) => filled(crossing, Math.round(middle(112 + i)) + 6, 112 + i))),
  ).toBe(0);
});

it('a short dark line counts beside a bright scratch, and alone is left', () => {
  const line = (x: number, y: number) =>
    y >= 20 && y < 50 && Math.abs(x - 60 - (y - 20) * 0.3) < 0.8 ? 0.06 : undefined;
  const scratch = (x: number, y: number) => (Math.abs(x - 40 - y / 2) < 1.1 ? 0.96 : undefined);
  expect(findDefects(drawn(line)).defects).toEqual([]);
  const both = findDefects(drawn((x, y) => scratch(x, y) ?? line(x, y)));
  expect([25, 35, 45].map((y) => filled(both, Math.round(60 + (y - 20) * 0.3), y))).toEqual([
    true,
    true,
    true,
  ]);
});

it('a dark line beside bright dust is left: dust does not tell of scratches', () => {
  const line = (x: number, y: number) =>
    y >= 20 && y < 50 && Math.abs(x - 60 - (y - 20) * 0.3) < 0.8 ? 0.06 : undefined;
  const dust = (x: number, y: number) => (Math.hypot((x % 41) - 20, (y % 47) - 33) < 2.6 ? 0.97 : undefined);
  const dusty = findDefects(drawn((x, y) => dust(x, y) ?? line(x, y)));
  expect(
    dusty.defects.filter(({ kind, polarity }) => kind === 'dust' && polarity === 'bright').length,
  ).toBeGreaterThan(9);
  expect([25, 35, 45].some((y) => filled(dusty, Math.round(60 + (y - 20) * 0.3), y))).toBe(false);
});

it('specks are not spoken of where a picture is noisy or compressed', () => {
  const dusty = { ...found, defects: found.defects.filter(({ kind }) => kind === 'dust') };
  expect([isDamaged(dusty, false), isDamaged(dusty, true), isDamaged(found, true)]).toEqual([
    true,
    false,
    true,
  ]);
});

it('lines from edge to edge that are doubtful are not spoken of, however many', () => {
  const folds = (confidence: number) => ({
    ...found,
    defects: [0, 1, 2].map(() => ({ ...found.defects[0], kind: 'fold' as const, confidence })),
  });
  expect([isDamaged(folds(0.88), false), isDamaged(folds(0.95), true)]).toEqual([false, true]);
});

const foldAt = (y: number) => 220 + y / 20;
const folded = (shade: number, x: number, y: number) =>
  shade + 0.6 * (0.93 - shade) * Math.exp(-((x - foldAt(y)) ** 2) / 4);

it('a soft fold is followed from edge to edge', () => {
  const fold = findDefects(drawn((x, y, shade) => folded(shade, x, y)));
  expect(fold.defects[0]).toMatchObject({ kind: 'fold', polarity: 'bright' });
  // And as the sky is too pale to show it, it is not sure enough to be spoken of unasked.
  expect(isDamaged({ ...fold, defects: fold.defects.filter(({ kind }) => kind === 'fold') }, false)).toBe(
    false,
  );
  const rows = Array.from({ length: clean.height }, (_, y) => y);
  const seen = rows.filter((y) => clean.planes[0][y * clean.width + Math.round(foldAt(y))] < 0.7);
  const found = seen.filter((y) => filled(fold, Math.round(foldAt(y)), y));
  expect(found.length).toBeGreaterThan(0.9 * seen.length);
});

it('the same among lines that go from edge to edge alike is a joint of a wall, and no fold', () => {
  // As bright, of changing tones, so that none of them passes for a fold.
  const joints = [30, 70, 110, 150];
  const over = (x: number, at: number) => Math.exp(-((x - at) ** 2) / 4);
  const wall = findDefects(
    drawn((x, y, shade) => {
      const light = joints.reduce((sum, at) => sum + over(x, at) * (0.3 + 0.2 * Math.sin(y / 4 + at)), 0);
      return Math.min(1, folded(shade, x, y) + light);
    }),
  );
  expect(wall.defects.filter(({ kind }) => kind === 'fold')).toEqual([]);
});

it('curling hairs, each too short to tell, are known by each other', () => {
  // Arcs of one tone, 50 to 70 px long.
  const hairs = [
    [40, 150, 28, 0.2],
    [110, 120, 22, 1.4],
    [170, 170, 30, 2.6],
    [230, 130, 24, 3.8],
    [280, 190, 26, 5],
    [90, 215, 30, 0.9],
  ];
  const onHair = (x: number, y: number) =>
    hairs.some(([cx, cy, radius, from]) => {
      const turn = (Math.atan2(y - cy, x - cx) - from + 4 * Math.PI) % (2 * Math.PI);
      return turn < 2.3 && Math.abs(Math.hypot(x - cx, y - cy) - radius) < 0.8;
    });
  const hairy = findDefects(drawn((x, y) => (onHair(x, y) ? 0.95 : undefined)));
  let [there, hit, all, right] = [0, 0, 0, 0];
  for (let y = 0; y < clean.height; y++)
    for (let x = 0; x < clean.width; x++) {
      const isHair = onHair(x, y);
      if (isHair) [there, hit] = [there + 1, hit + Number(filled(hairy, x, y))];
      if (!filled(hairy, x, y)) continue;
      const steps = [-2, -1, 0, 1, 2];
      all++;
      if (isHair || steps.some((dx) => steps.some((dy) => onHair(x + dx, y + dy)))) right++;
    }
  expect(hit / there).toBeGreaterThan(0.9);
  expect(right / all).toBeGreaterThan(0.9);
  // A roof of their tone, 8 px thick.
  expect(filled(hairy, 60, 200)).toBe(false);
});

it('a fold along an edge of the picture is one, and painted whole', () => {
  const place = (y: number) => 100 + y / 20;
  const fold = findDefects(
    drawn((x, y, shade) => {
      const under = shade * (x < place(y) ? 0.8 : 1);
      return under + 0.8 * (0.95 - under) * Math.exp(-((x - place(y)) ** 2) / 4);
    }),
  );
  expect(fold.defects[0]).toMatchObject({ kind: 'fold', polarity: 'bright' });
  const rows = Array.from({ length: clean.height }, (_, y) => y);
  const seen = rows.filter((y) => clean.planes[0][y * clean.width + Math.round(place(y))] < 0.7);
  const found = seen.filter((y) => filled(fold, Math.round(place(y)), y));
  expect(found.length).toBeGreaterThan(0.95 * seen.length);
});

it('a pixel stuck at black is found where all around is smooth', () => {
  const noise = (x: number, y: number) => 0.5 + x / 1000 + 0.02 * uniform(1, y * 320 + x);
  const stuck = findDefects(drawn((x, y) => (x === 100 && y === 20 ? 0 : noise(x, y))));
  expect(stuck.defects.map(({ kind, box }) => [kind, box.x, box.y])).toEqual([['deadPixel', 100, 20]]);
});

describe('nothing is found in', () => {
  it.each<[string, () => PlanarImage]>([
    ['the undamaged photograph', () => clean],
    [
      'one with lines that take their light from it',
      () => drawn((x, y, shade) => ((x + y) % 80 < 3 ? 0.4 + 0.6 * shade : undefined)),
    ],
    ['stripes', () => drawn((x) => (x % 9 < 3 ? 0.95 : undefined))],
    ['an edge', () => drawn((x, y) => (x > 60 + y / 4 ? 0.95 : undefined))],
    ['a line on a plain ground', () => drawn((x) => (x === 90 ? 0.95 : undefined), 0.3)],
    ['stars', () => drawn((x, y, shade) => (x % 37 === 5 && (y * 7) % 41 === 3 ? 0.95 : 0.02 + shade / 20))],
    ['what is too small for any', () => ({ planes: [new Float32Array(64)], width: 8, height: 8 })],
  ])('%s', (_, image) => {
    const { defects, mask } = findDefects(image());
    expect(defects).toEqual([]);
    expect(mask.data.includes(0)).toBe(false);
  });
});

describe('is neither found nor said', () => {
  const noisy = (plane: Float32Array, seed: number) =>
    plane.map((value, i) => Math.min(1, Math.max(0, value + 0.05 * (uniform(seed, i) - 0.5))));
  const scratches = (image: PlanarImage) => analyse(image).findings.filter((words) => /scratch/i.test(words));

  it('of the roads of a noisy map', () => {
    const [width, height] = [260, 200];
    const roads = [-0.7, -0.2, 0.1, 0.5, 0.9];
    const isRoad = (x: number, y: number) =>
      roads.some((slope, k) => Math.abs(y - 30 - 35 * k - slope * (x - 130)) < 1.6 * Math.hypot(1, slope));
    const ground = (x: number, y: number) => {
      if (Math.hypot(x - 70, (y - 130) * 1.5) < 60) return [0.78, 0.87, 0.7];
      return x + y / 3 > 240 ? [0.66, 0.8, 0.9] : [0.93, 0.91, 0.86];
    };
    const planes = [0, 1, 2].map((c) =>
      noisy(
        Float32Array.from({ length: width * height }, (_, i) => {
          const [x, y] = [i % width, Math.floor(i / width)];
          return isRoad(x, y) ? 1 : ground(x, y)[c];
        }),
        c,
      ),
    );
    expect(findDefects({ planes, width, height }).defects).toEqual([]);
    expect(scratches({ planes, width, height })).toEqual([]);
  });
});
