import { expect, it } from 'vitest';
import { isDithered, isOfDots } from '../../src/engine/diagnosis/dither.ts';
import { mixtureIn } from '../../src/engine/dither/mixture.ts';
import { asDithered, undithered } from '../../src/engine/dither/undithered.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { analyse, psnr } from '../../src/engine/index.ts';
import { uniform } from '../../src/engine/random.ts';
import { never } from '../../src/engine/stopping/pace.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { paint } from '../../src/eval/corpus/draw.ts';
import { restore } from '../../src/node/index.ts';

const LEVELS = 33;

/** A slope in a few greys, plain, by error diffusion or under a pattern; below it strokes as letters have them, black on white. */
function page(by: 'nothing' | 'diffusion' | 'pattern') {
  const [width, slope, height] = [160, 60, 240];
  const left = Float32Array.from(
    { length: width * (slope + 2) },
    (_, i) => 0.3 + (0.4 * (i % width)) / width,
  );
  return paint(width, height, (x, y) => {
    if (y >= slope) return x % 6 < 2 && y % 14 < 9 ? [0, 0, 0] : [1, 1, 1];
    const at = y * width + x;
    const isDot = by === 'pattern' && x % 4 === 2 * (y % 2);
    const tone = (Math.round(left[at] * (LEVELS - 1)) + Number(isDot)) / (LEVELS - 1);
    const off = by === 'diffusion' ? left[at] - tone : 0;
    left[at + 1] += (7 * off) / 16;
    left[at + width - 1] += (3 * off) / 16;
    left[at + width] += (5 * off) / 16;
    left[at + width + 1] += off / 16;
    return [tone, tone, tone];
  });
}

it.each([
  ['diffusion', true],
  ['nothing', false],
  ['pattern', false],
] as const)('dots that mix near colours by error diffusion are told beside letters: %s', (by, isOfThem) => {
  expect(atOnce(isOfDots(toPicture(page(by))))).toBe(isOfThem);
});

const SIDE = 128;

/** Soft shades with an edge, as a photograph has them. */
const shades = (x: number, y: number) =>
  [0, 2, 4].map((c) => 0.5 + (x > 70 ? 0.2 : 0.4) * Math.sin(x / 13 + c) * Math.cos(y / 17));

/** Bayer's thresholds of 4 x 4. */
const threshold = (x: number, y: number) =>
  ([0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5][4 * (y % 4) + (x % 4)] + 0.5) / 16;

const ordered = (levels: number) =>
  paint(SIDE, SIDE, (x, y) =>
    shades(x, y).map((value) => Math.floor(value * (levels - 1) + threshold(x, y)) / (levels - 1)),
  );

/** The first bytes of a GIF, and of a PNG with a palette. */
const GIF = new TextEncoder().encode('GIF89a');
const PALETTE = new Uint8Array(32);
PALETTE.set([0x89, 0x50]);
PALETTE[25] = 3;

/** By error diffusion, each channel in so many levels. */
function diffused(levels: number) {
  const left = [0, 1, 2].map((c) =>
    Float32Array.from({ length: SIDE * (SIDE + 2) }, (_, i) => shades(i % SIDE, Math.floor(i / SIDE))[c]),
  );
  return paint(SIDE, SIDE, (x, y) =>
    left.map((values) => {
      const at = y * SIDE + x;
      const tone = Math.min(1, Math.max(0, Math.round(values[at] * (levels - 1)) / (levels - 1)));
      const off = values[at] - tone;
      values[at + 1] += (7 * off) / 16;
      values[at + SIDE - 1] += (3 * off) / 16;
      values[at + SIDE] += (5 * off) / 16;
      values[at + SIDE + 1] += off / 16;
      return tone;
    }),
  );
}

it('a photograph of few colours is freed of their dots', async () => {
  const [picture, made] = [paint(SIDE, SIDE, shades), diffused(6)];
  const { task, dithered, findings } = analyse(made, { file: GIF });
  expect([task, dithered, findings.length]).toEqual(['denoise', true, 1]);
  for (const quality of ['fast', 'balanced'] as const) {
    const { image } = await restore(made, { task: 'auto', file: GIF, quality });
    expect(psnr(image, picture)).toBeGreaterThan(psnr(made, picture) + 8);
  }
});

it('what is drawn in dots far apart, or aslant, is left, and so is what no file says has few colours', () => {
  const lines = paint(SIDE, SIDE, (x, y) => {
    const line = (x + y) % 9 === 0 || (x - y + SIDE) % 11 === 0;
    return [0.1, 0.15, 0.15].map((c) => c + (line ? 0.02 * (1 + (Math.floor(x / 8) % 12)) : 0));
  });
  const tasks = [ordered(6), ordered(3), lines].map((image) => analyse(image, { file: PALETTE }).task);
  expect(tasks).toEqual(['denoise', 'none', 'none']);
  expect(analyse(ordered(6)).dithered).toBeUndefined();
});

it('stripes do not mix, and a picture cut by time is as it was below', () => {
  const striped = toPicture(
    paint(SIDE, SIDE, (x, y) => shades(x, y).map((v) => (Math.round(5 * v) + (y % 2)) / 8)),
  );
  expect(atOnce(isDithered(striped))).toBe(false);
  const picture = toPicture(ordered(6));
  const mixture = atOnce(mixtureIn(picture))!;
  let strips = 0;
  const cut = atOnce(undithered(picture, mixture, () => strips++ > 0));
  const whole = atOnce(undithered(picture, mixture, never));
  const row = 64 * SIDE;
  expect(cut.subarray(0, row)).toEqual(whole.subarray(0, row));
  expect(cut.subarray(row, 2 * row)).toEqual(picture.colour.subarray(row, 2 * row));
  const changed = atOnce(asDithered(picture, new Float32Array(picture.colour.length), never));
  const mean = (samples: Float32Array) => samples.reduce((sum, value) => sum + value) / samples.length;
  expect(Math.abs(mean(changed) - mean(picture.colour))).toBeLessThan(0.02);
});

it('what is shaded with dots by hand, hatched, or of a grain of few colours is no photograph', () => {
  const heights = (x: number, y: number) => 0.5 + 0.45 * Math.sin(x / 19) * Math.cos(y / 23);
  /** Five materials, each in its own few shades. */
  const art = (shade: (x: number, y: number) => number, shades: number) =>
    paint(SIDE, SIDE, (x, y) => {
      const material = (Math.floor(x / 40) + 2 * Math.floor(y / 40)) % 5;
      const tone = Math.min(shades - 1, Math.max(0, shade(x, y)));
      return [0, 1, 2].map((c) => 0.1 + ((material * (c + 1) * 0.11) % 0.6) + 0.07 * tone);
    });
  const byPattern = art((x, y) => Math.floor(4 * heights(x, y) + threshold(x, y)), 5);
  const hatched = art(
    (x, y) =>
      Number((x + y) % 4 === 0) +
      Number((x - y + SIDE) % 4 < 2 * heights(x, y)) +
      Math.floor(3 * heights(y, x)),
    5,
  );
  const grained = art((x, y) => Math.floor(6 * uniform(3, y * SIDE + x)) / 3, 6);
  const dithered = [byPattern, hatched, grained].map((image) => analyse(image, { file: PALETTE }).dithered);
  expect(dithered).toEqual([undefined, undefined, undefined]);
});
