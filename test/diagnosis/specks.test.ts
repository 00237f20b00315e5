import { describe, expect, it } from 'vitest';
import { areImpulses, specksOf } from '../../src/engine/diagnosis/specks.ts';
import { toPicture } from '../../src/engine/image/picture.ts';
import { analyse, psnr } from '../../src/engine/index.ts';
import { atOnce } from '../../src/engine/time-slicing.ts';
import { BLACK, type Colour, Dice, WHITE } from '../../src/eval/corpus/dice.ts';
import { paint, type Run, render } from '../../src/eval/corpus/draw.ts';
import { textPath } from '../../src/eval/corpus/fonts.ts';
import { damaged } from '../../src/eval/harm/damages.ts';
import { type FileImage, restore } from '../../src/node/index.ts';

/** Lines of 10 px letters and a picture of what they mean. */
function page(paper: Colour, ink: Colour): Promise<FileImage> {
  const words = ['Iridium, 12.8 mm', 'fifth of July: i.e.', 'ill-fitting tiling', 'bridge No. 7; i, j'];
  const runs = Array.from({ length: 8 }, (_, i): Run => {
    const text = `${words[i % 4]} ${words[(i + 1) % 4]}`;
    return { d: textPath(text, 6, 14 + 13 * i, { face: 'sans', size: 10, hinted: true }).d, colour: ink };
  });
  const shapes = '<circle cx="165" cy="60" r="25" fill="#2a8" stroke="#123" stroke-width="1.5"/>';
  return render({ width: 200, height: 112, background: paper, shapes, runs });
}

const isSpoilt = (image: FileImage) => areImpulses(atOnce(specksOf(toPicture(image))));

it('impulses are found on white paper with a little of another ground, where as many are white', async () => {
  const lines = `<path d="M90 20h60${'m-60 4h60'.repeat(8)}" stroke="#000" stroke-width="2"/>`;
  const shapes = `<rect x="20" y="20" width="40" height="40" fill="#eee4d0"/>${lines}`;
  const clean = await render({ width: 180, height: 200, background: WHITE, shapes });
  expect(isSpoilt(clean)).toBe(false);
  for (const seed of [1, 2, 3]) expect(isSpoilt(await damaged(clean, 'salt-1', seed))).toBe(true);
});

it('impulses are found where the ground is in crumbs, each too small for two', () => {
  const isPlain = (x: number, y: number) => x % 30 < 11 && y % 30 < 11;
  const dice = new Dice(9);
  const crumbled = (often: number) =>
    paint(420, 330, (x, y) => {
      const tone = dice.chance(often) ? Number(dice.chance(0.5)) : 0.5;
      // What else there is is never the same tone twice.
      const busy = 0.5 + 0.2 * Math.sin(x * y + x) + 0.1 * Math.sin(7 * x + y * y);
      return isPlain(x, y) ? [tone, tone, tone] : [busy, busy, busy];
    });
  expect(isSpoilt(crumbled(0))).toBe(false);
  expect([1, 2, 3, 4, 5].map(() => isSpoilt(crumbled(0.006)))).toEqual([true, true, true, true, true]);
});

describe('impulses among letters', () => {
  it.each([
    ['white paper', WHITE, BLACK, 'salt-5', 2],
    ['grey paper', [236, 240, 236], [20, 20, 30], 'salt-1', 6],
    ['a dark page', [30, 30, 40], [225, 225, 235], 'salt-5', 6],
  ] as const)(
    'are found on %s and taken out, and nothing of the letters is',
    async (_, paper, ink, damage, gain) => {
      const clean = await page(paper, ink);
      expect(analyse(clean).task).toBe('none');
      const spoilt = await damaged(clean, damage, 3);
      const { impulse, task } = analyse(spoilt);
      expect([impulse, task]).toEqual([true, 'denoise']);
      const { image } = await restore(spoilt, { task: 'auto', quality: 'fast' });
      expect(psnr(image, clean) - psnr(spoilt, clean)).toBeGreaterThan(gain);
      const lost = image.planes[0].filter((value, i) => {
        const untouched = clean.planes.every((plane, c) => plane[i] === spoilt.planes[c][i]);
        return untouched && Math.abs(value - clean.planes[0][i]) > 0.1;
      });
      expect(lost.length).toBeLessThan(4);
    },
  );
});

describe('dots that were drawn', () => {
  const dice = new Dice(4);
  const [width, height] = [180, 140];
  const dotted = (isDot: (x: number, y: number) => boolean, paper: number[], dot: number[]) =>
    paint(width, height, (x, y) => (y < 20 && x % 9 < 2 ? [0.3, 0.3, 0.3] : isDot(x, y) ? dot : paper));
  const [black, white, grey] = [0, 1, 0.5].map((tone) => [tone, tone, tone]);

  /** A slope in three tones by error diffusion: black and white dots on grey, and never two of them close together. */
  function diffused(): FileImage {
    const left = Float32Array.from({ length: width * height }, (_, i) => 0.47 + (0.06 * (i % width)) / width);
    return paint(width, height, (x, y) => {
      const at = y * width + x;
      const tone = Math.min(1, Math.max(0, Math.round(2 * left[at]) / 2));
      for (const [step, weight] of [
        [1, 7],
        [width - 1, 3],
        [width, 5],
        [width + 1, 1],
      ] as const)
        left[at + step] += ((left[at] - tone) * weight) / 16;
      return [tone, tone, tone];
    });
  }

  it.each([
    ['stars', () => dotted(() => dice.chance(0.006), black, white)],
    ['snow on grey', () => dotted(() => dice.chance(0.01), grey, white)],
    ['leaders', () => dotted((x, y) => y % 14 === 10 && x % 5 === 0, white, black)],
    ['a grid', () => dotted((x, y) => y % 7 === 3 && x % 7 === 3, white, black)],
    ['a shade', () => dotted((_, y) => dice.chance((0.03 * y) / height), white, black)],
    ['error diffusion', diffused],
  ])('are none: %s', (_, draw) => {
    const image = draw();
    expect(isSpoilt(image)).toBe(false);
    expect(analyse(image).impulse).toBe(false);
  });
});
