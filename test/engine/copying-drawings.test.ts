import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { linesContinued } from '../../src/engine/copying/lines.ts';
import { restore } from '../../src/engine/index.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';

const [width, height] = [128, 112];
const n = width * height;
const isHole = (i: number) =>
  Math.abs((i % width) - 63.5) < 16 && Math.abs(Math.floor(i / width) - 55.5) < 16;
const mask = { width, height, data: Uint8Array.from({ length: n }, (_, i) => (isHole(i) ? 0 : 255)) };

/** How much of a pixel lies within `half` px of a line through the picture's middle in a direction. */
const covered = (x: number, y: number, angle: number, half: number) => {
  const across = Math.abs((y - 55.5) * Math.cos(angle) - (x - 63.5) * Math.sin(angle));
  return Math.min(1, Math.max(0, half + 0.5 - across));
};

const drawn = (shade: (x: number, y: number) => number) =>
  Float32Array.from({ length: n }, (_, i) => shade(i % width, Math.floor(i / width)));

async function filled(truth: Float32Array): Promise<Float32Array> {
  const plane = truth.map((value, i) => (isHole(i) ? 0.5 : value));
  const { image } = await restore(
    { planes: [plane], width, height },
    { task: 'inpaint', mask, quality: 'fast' },
  );
  expect(image.planes[0].every((value, i) => isHole(i) || value === truth[i])).toBe(true);
  return image.planes[0];
}

describe('a large hole in a drawing', () => {
  it('is exactly flat where all around it is', async () => {
    const frame = drawn((x, y) => (Math.hypot(x - 63.5, y - 55.5) < 29 ? 0.8 : 0.2));
    expect(await filled(frame)).toEqual(frame);
  });

  it('has lines that cross in it go on, and nothing between them', async () => {
    const lines = [0, Math.PI / 2, 0.6];
    const cross = drawn((x, y) => 1 - Math.max(...lines.map((angle) => covered(x, y, angle, 1))));
    const result = await filled(cross);
    const wrong = result.filter((value, i) => isHole(i) && Math.abs(value - cross[i]) > 0.25);
    expect(wrong.length).toBeLessThan(8);
    const clouds = result.filter((value, i) => isHole(i) && cross[i] === 1 && value > 0.9 && value < 1);
    expect(clouds.length).toBeLessThan(16);
  });

  it('has an edge go on between two colours that stay as they are', async () => {
    const edge = drawn((x, y) => 0.3 + 0.4 * Math.min(1, Math.max(0, (x - 63) * 0.8 + (y - 55) * 0.6 + 0.5)));
    const result = await filled(edge);
    const off = result.filter((value, i) => isHole(i) && Math.abs(value - edge[i]) > 0.1);
    expect(off.length).toBeLessThan(8);
  });

  it('has a corner where two edges meet', async () => {
    const card = drawn((x, y) => (x >= 60 && y >= 52 ? 0.2 : 0.8));
    const result = await filled(card);
    const off = result.filter((value, i) => isHole(i) && Math.abs(value - card[i]) > 0.1);
    expect(off.length).toBeLessThan(8);
  });

  it('has a pale corner that is as round as those beside it', async () => {
    const card = drawn((x, y) => {
      const [u, v] = [Math.abs(x - 36), Math.abs(y - 34.5)].map((px) => Math.max(0, px - 19.5));
      return 0.6 + 0.08 * Math.min(1, Math.max(0, Math.hypot(u, v) - 7.5));
    });
    const result = await filled(card);
    const off = result.filter((value, i) => isHole(i) && Math.abs(value - card[i]) > 0.02);
    expect(off.length).toBeLessThan(4);
  });

  it('still repeats what repeats itself around', async () => {
    const board = drawn((x, y) => ((x >> 3) + (y >> 3)) % 2);
    const result = await filled(board);
    const off = result.filter((value, i) => isHole(i) && Math.abs(value - board[i]) > 0.1);
    expect(off.length).toBeLessThan(64);
  });

  it('has lines go on where it was compressed, too, though nothing is exactly flat then', async () => {
    const lines = [0.1, Math.PI / 2, 0.6];
    const cross = drawn((x, y) => 1 - 0.8 * Math.max(...lines.map((angle) => covered(x, y, angle, 1.5))));
    const raw = Uint8Array.from(cross, (value) => Math.round(255 * value));
    const jpeg = await sharp(raw, { raw: { width, height, channels: 1 } })
      .jpeg({ quality: 80 })
      .toBuffer();
    const pixels = await sharp(jpeg).toColourspace('b-w').raw().toBuffer();
    const result = await filled(Float32Array.from(pixels, (value) => value / 255));
    const wrong = result.filter((value, i) => isHole(i) && Math.abs(value - cross[i]) > 0.15);
    expect(wrong.length).toBeLessThan(16);
  });
});

/** The drawing with its lines drawn on, and which pixels of the hole they cover. */
function continued(truth: Float32Array) {
  const hole = truth.map((_, i) => (isHole(i) ? 1 : 0));
  const level = {
    width,
    height,
    channels: 1,
    hole: Uint8Array.from(hole),
    source: Uint8Array.from(hole, (h) => 1 - h),
  };
  const lines = atOnce(
    linesContinued({ ...level, colour: truth.map((value, i) => (isHole(i) ? 0.5 : value)) }, false),
  );
  const covered = [...truth.keys()].filter((i) => isHole(i) && !lines.hole[i]);
  return { covered, wrong: covered.filter((i) => Math.abs(lines.colour[i] - truth[i]) > 0.25) };
}

describe('lines that run into a hole', () => {
  it('meet in a point where only a corner on another ground is round', () => {
    const cards = drawn((x, y) => {
      const left = Math.hypot(...[x - 20, y - 61].map((px) => Math.max(0, Math.abs(px) - 8))) < 6;
      const right = x >= 58 && y >= 54;
      return right || left ? 0.2 : x < 40 ? 0.9 : 1;
    });
    const { covered, wrong } = continued(cards);
    expect(covered.length).toBeGreaterThan(100);
    expect(wrong).toEqual([]);
  });

  it('meet in the point that the speech bubble above has there', () => {
    const isIn = (x: number, y: number, left: number, top: number, bottom: number) => {
      const [fromLeft, fromBottom] = [x - left, bottom - y];
      const isCut = fromLeft < 6 && fromBottom < 6 && Math.hypot(6 - fromLeft, 6 - fromBottom) > 6.3;
      return x >= left && x <= 63 && y >= top && y <= bottom && !isCut;
    };
    const bubbles = drawn((x, y) => (isIn(x, y, 24, 0, 15) || isIn(x, y, 8, 22, 55) ? 0.2 : 1));
    const { covered, wrong } = continued(bubbles);
    expect(covered.length).toBeGreaterThan(100);
    expect(wrong).toEqual([]);
  });

  it('end at the line they meet', () => {
    const tee = drawn((x, y) => (Math.abs(y - 55) < 2 || (y > 55 && Math.abs(x - 63) < 2) ? 0 : 1));
    const { covered, wrong } = continued(tee);
    expect(wrong).toEqual([]);
    expect(covered.filter((i) => tee[i] === 0 && i > 57 * width).length).toBeGreaterThan(30);
  });

  it('meet in no point where they are bent', () => {
    const ring = drawn((x, y) => Math.min(1, Math.max(0, Math.abs(Math.hypot(x - 32, y - 55.5) - 36) - 1.5)));
    expect(continued(ring).wrong).toEqual([]);
  });
});
